"""The Grafana dashboard as code: `python -m config.monitoring.dashboard` writes dashboard.json, which is checked in."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("dashboard.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
NAMESPACE = "$namespace"  # Grafana's variable
HERE = f'namespace="{NAMESPACE}"'
WIDTH, HEIGHT, ROW_HEIGHT = 12, 8, 1  # of a panel on Grafana's grid, which is 24 wide


@dataclass(frozen=True)
class Panel:
    """One picture of some queries over time.

    Attributes:
        unit: Grafana's name of it.
        queries: legend by query.
        about: what to make of it.
        stacked: whether the lines are parts of a whole.
        least: where the axis begins; None for what there is to see.
    """

    title: str
    unit: str
    queries: dict[str, str]
    about: str = ""
    stacked: bool = False
    least: float | None = 0


@dataclass(frozen=True)
class Mark:
    """What is marked on all panels, where a query has a value.

    Attributes:
        legend: the mark's text.
    """

    title: str
    colour: str
    query: str
    legend: str


MARKS = [
    Mark(
        "Versions that come",
        "blue",
        f"(sum by (ModelVersion) (face_worker_starts_total{{{HERE}}})"
        f" unless sum by (ModelVersion) (face_worker_starts_total{{{HERE}}} offset 1m))"
        f" or sum by (ModelVersion) (increase(face_worker_starts_total{{{HERE}}}[1m])) > 0",
        "workers of {{ModelVersion}} start",
    ),
    Mark(
        "Versions that go",
        "orange",
        f"sum by (ModelVersion) (face:workers_ready:mean1m{{{HERE}}} offset 1m) > 0.1"
        f" unless sum by (ModelVersion) (face:workers_ready:mean1m{{{HERE}}}) > 0.1",
        "{{ModelVersion}} has no worker any more",
    ),
    Mark("Alerts", "red", f'ALERTS{{alertname=~"Face.*", alertstate="firing", {HERE}}}', "{{alertname}} {{ModelVersion}}"),
]


def drifting(title: str, feature: str) -> Panel:
    """The shares of a feature's bins, of all versions together."""
    images = f'face:feature_images:increase1h{{{HERE}, Feature="{feature}"}}'
    query = f"sum by (namespace, Bin) ({images}) / on (namespace) group_left () (sum by (namespace) ({images}) > 0)"
    return Panel(
        title, "percentunit", {query: "up to {{Bin}}"}, "Of the images of an hour, by the upper edge of a bin.", stacked=True
    )


def enough(psi: str) -> str:
    """A stability index where it is not chance: for a hundred images or more."""
    labels = "namespace, ModelVersion, Feature"
    return f"{psi}{{{HERE}}} and on ({labels}) sum by ({labels}) (face:feature_images:increase1h{{{HERE}}}) >= 100"


def errors(code: str) -> str:
    """The share of a version's images that ended in some errors."""
    refused, judged = (
        f"sum by (ModelVersion) (rate({name}{{{HERE}}}[5m]))" for name in ("face_errors_total", "face_verdicts_total")
    )
    return f"sum by (ModelVersion) (rate(face_errors_total{{{HERE}, {code}}}[5m])) / ({refused} + {judged} > 0)"


PANELS: dict[str, list[Panel]] = {
    "Service": [
        Panel(
            "Verdicts a second",
            "ops",
            {f"sum by (ModelVersion, Verdict) (face:verdicts:rate5m{{{HERE}}})": "{{ModelVersion}} {{Verdict}}"},
        ),
        Panel(
            "Refusals a second", "ops", {f'sum by (Code) (rate(face_errors_total{{{HERE}, Code!="internal"}}[5m]))': "{{Code}}"}
        ),
        Panel(
            "Availability",
            "percentunit",
            {f"face:availability:ratio5m{{{HERE}}}": "answered without a fault of the service"},
            least=None,
        ),
        Panel(
            "Errors",
            "percentunit",
            {
                f"face:server_errors:ratio5m{{{HERE}}}": "the service's own",
                f"face:refusals:ratio5m{{{HERE}}}": "refused images",
            },
        ),
    ],
    "Versions": [
        Panel(
            "Images a second, by version",
            "ops",
            {f"sum by (ModelVersion) (face:verdicts:rate5m{{{HERE}}})": "{{ModelVersion}}"},
            "Who gets the requests. Marked are the moments when workers of a version start, and when its last one is gone.",
        ),
        Panel(
            "Errors, by version",
            "percentunit",
            {errors('Code="internal"'): "{{ModelVersion}} its own", errors('Code!="internal"'): "{{ModelVersion}} refused"},
            "Of the images that came to a version. What dies with its worker is in Errors above, for all versions together.",
        ),
        Panel(
            "Verdicts of five minutes, by version",
            "percentunit",
            {
                f"face:verdicts:rate5m{{{HERE}}} / on (namespace, ModelVersion) group_left ()"
                f" (sum by (namespace, ModelVersion) (face:verdicts:rate5m{{{HERE}}}) > 0)": "{{ModelVersion}} {{Verdict}}"
            },
            "Two versions on the same requests should agree.",
        ),
        Panel(
            "Time of an image, 95th percentile, by version",
            "s",
            {f'face:stage_seconds:p95_5m{{{HERE}, Stage="total"}}': "{{ModelVersion}}"},
            "In the worker, without the queue.",
        ),
    ],
    "Time": [
        Panel(
            "Time of an answer, mean",
            "s",
            {
                f"face:answer_seconds:mean5m{{{HERE}}}": "answer",
                f"max(face:queue_seconds:mean1m{{{HERE}}})": "queue, the slowest replica",
            },
        ),
        Panel(
            "Stages, 95th percentile",
            "s",
            {f"max by (Stage) (face:stage_seconds:p95_5m{{{HERE}}})": "{{Stage}}"},
            "The worker's own time for an image. total is all stages of an image, without the queue.",
        ),
        Panel(
            "Ready workers",
            "short",
            {f"sum by (pod, ModelVersion) (face:workers_ready:mean1m{{{HERE}}})": "{{pod}} {{ModelVersion}}"},
        ),
        Panel(
            "Workers started again within ten minutes",
            "short",
            {f"face:worker_starts:increase10m{{{HERE}}}": "{{pod}}"},
            "TorchServe starts a worker again when it has died. The first start of a version does not count.",
        ),
    ],
    "Drift": [
        Panel("Share of ai among faces, an hour", "percentunit", {f"face:ai_share:ratio1h{{{HERE}}}": "{{ModelVersion}}"}),
        Panel(
            "Shares of the verdicts, an hour",
            "percentunit",
            {f"face:verdict_share:ratio1h{{{HERE}}}": "{{ModelVersion}} {{Verdict}}"},
        ),
        Panel("Score of ai, mean of an hour", "percentunit", {f"face:score_ai:mean1h{{{HERE}}}": "{{ModelVersion}}"}),
        Panel(
            "Against the calibration: PSI of an hour",
            "short",
            {enough("face:psi_reference:1h"): "{{ModelVersion}} {{Feature}}"},
            "Population stability index: below 0.1 nothing has moved, above 0.25 much has.",
        ),
        Panel(
            "Against yesterday: PSI of an hour",
            "short",
            {enough("face:psi_yesterday:1h"): "{{ModelVersion}} {{Feature}}"},
            "evidence_x, evidence_y and evidence_spread are where the heat maps lie, and how wide.",
        ),
        drifting("Scores of ai", "score_ai"),
        drifting("Sizes of the faces, pixels", "face_size"),
        drifting("Brightness of the faces", "brightness"),
        drifting("Qualities of the JPEG files", "jpeg_quality"),
        drifting("Heat maps: where they lie, across", "evidence_x"),
        drifting("Heat maps: where they lie, down", "evidence_y"),
        drifting("Heat maps: how wide they are", "evidence_spread"),
    ],
}


def dashboard() -> dict[str, Any]:
    """Grafana's model of the dashboard; a namespace is chosen at its top."""
    return {
        "title": "Real or AI face",
        "uid": "real-or-ai-face",
        "schemaVersion": 39,
        "tags": ["face"],
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "timezone": "browser",
        "templating": {
            "list": [
                {"name": "datasource", "type": "datasource", "query": "prometheus"},
                {
                    "name": NAMESPACE[1:],
                    "type": "query",
                    "datasource": SOURCE,
                    "query": f"label_values(ts_inference_requests_total, {NAMESPACE[1:]})",
                    "refresh": 2,
                },
            ]
        },
        "annotations": {"list": [marked(mark) for mark in MARKS]},
        "panels": list(laid_out()),
    }


def laid_out():
    """Rows of two panels, with a title above each group."""
    number, y = 0, 0
    for group, panels in PANELS.items():
        number += 1
        grid = {"h": ROW_HEIGHT, "w": 2 * WIDTH, "x": 0, "y": y}
        yield {"id": number, "type": "row", "title": group, "collapsed": False, "gridPos": grid, "panels": []}
        y += ROW_HEIGHT
        for place, panel in enumerate(panels):
            number += 1
            across, down = place % 2 * WIDTH, y + place // 2 * HEIGHT
            yield drawn(panel, number, {"h": HEIGHT, "w": WIDTH, "x": across, "y": down})
        y += (len(panels) + 1) // 2 * HEIGHT


def marked(mark: Mark) -> dict[str, Any]:
    return {
        "name": mark.title,
        "datasource": SOURCE,
        "enable": True,
        "iconColor": mark.colour,
        "expr": mark.query,
        "titleFormat": mark.legend,
        "step": "30s",
    }


def drawn(panel: Panel, number: int, grid: dict[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit} | ({} if panel.least is None else {"min": panel.least})
    if panel.stacked:
        defaults["custom"] = {"stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 60, "lineWidth": 0}
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.about,
        "gridPos": grid,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(panel.queries.items())
        ],
    }


def text() -> str:
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())

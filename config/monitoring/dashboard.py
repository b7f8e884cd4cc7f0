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
    """

    title: str
    unit: str
    queries: dict[str, str]
    about: str = ""


PANELS: dict[str, list[Panel]] = {
    "Service": [
        Panel(
            "Verdicts a second",
            "ops",
            {f"sum by (ModelVersion, Verdict) (face:verdicts:rate5m{{{HERE}}})": "{{ModelVersion}} {{Verdict}}"},
        ),
        Panel("Refusals a second", "ops", {f"sum by (Code) (rate(face_errors_total{{{HERE}}}[5m]))": "{{Code}}"}),
        Panel(
            "Availability", "percentunit", {f"face:availability:ratio5m{{{HERE}}}": "answered without a fault of the service"}
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
            "Workers started within ten minutes",
            "short",
            {f"face:worker_starts:increase10m{{{HERE}}}": "{{pod}}"},
            "TorchServe starts a worker again when it has died.",
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
            {f"face:psi_reference:1h{{{HERE}}}": "{{ModelVersion}} {{Feature}}"},
            "Population stability index: below 0.1 nothing has moved, above 0.25 much has.",
        ),
        Panel(
            "Against yesterday: PSI of an hour",
            "short",
            {f"face:psi_yesterday:1h{{{HERE}}}": "{{ModelVersion}} {{Feature}}"},
            "evidence_x, evidence_y and evidence_spread are where the heat maps lie, and how wide.",
        ),
        Panel(
            "Scores of an hour",
            "percentunit",
            {f'face:feature_share:ratio1h{{{HERE}, Feature="score_ai"}}': "{{ModelVersion}} up to {{Bin}}"},
        ),
        Panel(
            "Faces and photos, an hour",
            "percentunit",
            {f'face:feature_share:ratio1h{{{HERE}, Feature=~"face_size|brightness|jpeg.*"}}': "{{Feature}} up to {{Bin}}"},
        ),
        Panel(
            "Heat maps, an hour",
            "percentunit",
            {f'face:feature_share:ratio1h{{{HERE}, Feature=~"evidence_.*"}}': "{{Feature}} up to {{Bin}}"},
        ),
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


def drawn(panel: Panel, number: int, grid: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.about,
        "gridPos": grid,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(panel.queries.items())
        ],
    }


def text() -> str:
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())

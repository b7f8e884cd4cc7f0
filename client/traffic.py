"""What passed through the server between two readings of its metrics: in all, and by version.

The two differ in what they can tell. The server counts requests without a version under `default`, and failures for all
versions together. The handler knows its version and counts images, with their time in the handler, but not those that never
came back.
"""

from dataclasses import dataclass

from client.metrics import Snapshot
from client.service import MODEL

REQUESTS = "ts_inference_requests_total"
LATENCY = "ts_inference_latency_microseconds"
FAILURES = "Requests5XX"
VERDICTS = "face_verdicts_total"
ERRORS = "face_errors_total"
HANDLED = "face_stage_seconds_bucket"
ALL_STAGES = {"ModelName": MODEL, "Stage": "total"}


@dataclass(frozen=True)
class Window:
    """Requests to all versions, as the server counts them.

    Attributes:
        requests: that came in.
        failed: answered with 5xx, whatever was asked.
        mean_ms: from arrival to answer, queue included, of those that named no version; None where there was none.
    """

    requests: int
    failed: int
    mean_ms: float | None

    @property
    def failed_share(self) -> float:
        return self.failed / max(self.requests, self.failed, 1)


@dataclass(frozen=True)
class VersionTraffic:
    """Images that a version judged or refused, and its milliseconds for one of them; None where there was none.

    Attributes:
        images: a KServe list counts each of its instances.
        error_share: of the images, refused or failed.
        p50_ms, p95_ms: in the handler, without the wait in the queue, estimated from the buckets of a histogram.
        verdicts: share of each among the verdicts.
    """

    version: str
    images: int
    error_share: float | None
    p50_ms: float | None
    p95_ms: float | None
    verdicts: dict[str, float]


def window(before: Snapshot, after: Snapshot) -> Window:
    """What the server counted in between."""

    def grown(name: str, **labels: str) -> float:
        return after.total(name, **labels) - before.total(name, **labels)

    unversioned = {"model_name": MODEL, "model_version": "default"}
    answered = grown(REQUESTS, **unversioned)
    return Window(
        requests=round(grown(REQUESTS, model_name=MODEL)),
        failed=round(grown(FAILURES)),
        mean_ms=grown(LATENCY, **unversioned) / answered / 1000 if answered else None,
    )


def activity(snapshot: Snapshot, version: str) -> float:
    """A number that grows with each image that a version finishes, and with each request that names it, as it comes in."""
    labels = {"ModelName": MODEL, "ModelVersion": version}
    finished = snapshot.total(VERDICTS, **labels) + snapshot.total(ERRORS, **labels)
    return finished + snapshot.total(REQUESTS, model_name=MODEL, model_version=version)


def active_versions(before: Snapshot, after: Snapshot) -> list[str]:
    """The versions whose handlers finished an image in between."""
    counts = [
        growth(before.by("ModelVersion", name, ModelName=MODEL), after.by("ModelVersion", name, ModelName=MODEL))
        for name in (VERDICTS, ERRORS)
    ]
    return sorted({version for grown in counts for version, count in grown.items() if count})


def version_traffic(before: Snapshot, after: Snapshot, version: str) -> VersionTraffic:
    """What one version did in between."""
    labels = {"ModelName": MODEL, "ModelVersion": version}
    judged = growth(before.by("Verdict", VERDICTS, **labels), after.by("Verdict", VERDICTS, **labels))
    refused = sum(growth(before.by("Code", ERRORS, **labels), after.by("Code", ERRORS, **labels)).values())
    total = sum(judged.values())
    timed = {**ALL_STAGES, "ModelVersion": version}
    buckets = growth(before.by("le", HANDLED, **timed), after.by("le", HANDLED, **timed))
    return VersionTraffic(
        version=version,
        images=round(total + refused),
        error_share=refused / (total + refused) if total + refused else None,
        p50_ms=quantile_ms(buckets, 0.5),
        p95_ms=quantile_ms(buckets, 0.95),
        verdicts={name: count / total for name, count in judged.items()} if total else {},
    )


def growth(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: value - before.get(name, 0.0) for name, value in after.items()}


def quantile_ms(buckets: dict[str, float], share: float) -> float | None:
    """A quantile as Prometheus' `histogram_quantile` estimates it: linear within the bucket where it lies.

    Args:
        buckets: counts by upper edge in seconds, each including those of the smaller edges.
    """
    edges = sorted((float(edge), count) for edge, count in buckets.items())
    rank = share * edges[-1][1] if edges else 0.0
    if not rank:
        return None
    low, below = 0.0, 0.0
    for edge, count in edges:
        if count >= rank:
            inside = (rank - below) / (count - below)
            return 1000 * (low if edge == float("inf") else low + (edge - low) * inside)
        low, below = edge, count
    return 1000 * low

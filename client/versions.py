"""What the management API says of a version: its workers, its queue, and the release in it."""

from dataclasses import dataclass
from typing import Any

from client.answers import Calibration, Model


@dataclass(frozen=True)
class Worker:
    """A process that serves a version.

    Attributes:
        status: READY, or UNLOADED while it starts or after it died.
        pid: -1 before it runs.
        memory: bytes; None where the server does not measure it (`disable_system_metrics`).
        started: time as the server writes it.
    """

    id: str
    status: str
    pid: int
    memory: int | None
    started: str


@dataclass(frozen=True)
class Version:
    """A registered version of the model.

    Attributes:
        default: whether requests without a version get this one.
        archive: the .mar file that it was registered from.
        pending: requests that wait for a worker; those that a worker has taken are not counted.
        batch_size: requests that a worker takes at once, at most.
        wanted: workers that it was asked to have, running or not.
        response_timeout: seconds after which a silent worker is replaced: no request is in work for longer.
    """

    version: str
    default: bool
    archive: str
    workers: tuple[Worker, ...]
    pending: int
    batch_size: int
    wanted: int
    response_timeout: int

    @property
    def ready(self) -> int:
        """Workers that can answer."""
        return sum(worker.status == "READY" for worker in self.workers)


@dataclass(frozen=True)
class Description:
    """What a release says of itself; `GET /models/face?customized=true` has more.

    Attributes:
        created: ISO 8601.
        runtime: what computes the network in the worker.
        labels: in the order of the logits.
        formats: that are read.
        limits: on pixels and instances of a request.
        data: hash and counts of what it was trained on.
        metrics: headline figures of its evaluation.
    """

    model: Model
    created: str
    runtime: str
    labels: tuple[str, ...]
    formats: tuple[str, ...]
    limits: dict
    calibration: Calibration
    data: dict
    metrics: dict


def version_of(entry: dict[str, Any], default: str | None) -> dict[str, Any]:
    """TorchServe's words for a version in ours; what it leaves out stays None, which `parse` refuses."""
    queue = entry.get("jobQueueStatus")
    workers = entry.get("workers")
    return {
        "version": entry.get("modelVersion"),
        "default": entry.get("modelVersion") == default,
        "archive": entry.get("modelUrl"),
        "workers": [worker_of(worker) for worker in workers] if isinstance(workers, list) else None,
        "pending": queue.get("pendingRequests") if isinstance(queue, dict) else None,
        "batch_size": entry.get("batchSize"),
        "wanted": entry.get("minWorkers"),
        "response_timeout": entry.get("responseTimeout"),
    }


def worker_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": entry.get("id"),
        "status": entry.get("status"),
        "pid": entry.get("pid"),
        "memory": entry.get("memoryUsage") or None,
        "started": entry.get("startTime"),
    }

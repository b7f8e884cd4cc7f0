"""The management API: which versions are served, by which workers, and what a release says of itself.

It listens on the loopback of the server: use it there, or through `kubectl port-forward`.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from client.answers import Calibration, Model
from client.backoff import Backoff
from client.errors import BadAnswer
from client.parsing import Mismatch, parse
from client.service import MODEL
from client.transport import Transport, json_of

T = TypeVar("T")


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
    """

    version: str
    default: bool
    archive: str
    workers: tuple[Worker, ...]
    pending: int
    batch_size: int

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


class ManagementClient:
    """The management API at one address; a context manager, as `FaceClient` is.

    Args and raised errors are those of `FaceClient`.
    """

    def __init__(self, url: str, *, timeout: float = 60.0, backoff: Backoff | None = None):
        self.transport = Transport(url, timeout=timeout, backoff=backoff)

    def __enter__(self) -> "ManagementClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.transport.close()

    def versions(self) -> tuple[Version, ...]:
        """All registered versions, in the order of the server.

        Raises:
            Refused: `ModelNotFoundException`: none is registered.
        """
        default = self.get(f"/models/{MODEL}")[0].get("modelVersion")
        return tuple(self.parsed(Version, version_of(entry, default)) for entry in self.get(f"/models/{MODEL}/all"))

    def ready(self, version: str | None = None) -> bool:
        """Whether a worker of the version, or of the default one, can answer."""
        return any(entry.ready for entry in self.versions() if (entry.version == version if version else entry.default))

    def describe(self, version: str | None = None) -> Description:
        """The release's own words, from a worker: ask only where one is READY.

        Raises:
            Refused: no such version.
        """
        path = f"/models/{MODEL}" + (f"/{version}" if version else "")
        entry = self.get(path, customized="true")[0]
        return self.parsed(Description, entry.get("customizedMetadata"))

    def get(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """The objects of an answer, at least one."""
        body = json_of(self.transport.request("GET", path, params=parameters))
        if not isinstance(body, list) or not body or not all(isinstance(entry, dict) for entry in body):
            raise BadAnswer(f"{self.transport.url}{path} does not answer as TorchServe's management API does.")
        return body

    def parsed(self, kind: type[T], value: Any) -> T:
        try:
            return parse(kind, value, kind.__name__.lower())
        except Mismatch as error:
            raise BadAnswer(f"{self.transport.url} does not answer as the face service does: {error}.") from None


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
    }


def worker_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": entry.get("id"),
        "status": entry.get("status"),
        "pid": entry.get("pid"),
        "memory": entry.get("memoryUsage") or None,
        "started": entry.get("startTime"),
    }

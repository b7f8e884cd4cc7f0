"""The management API: which versions are served, by which workers, and what a release says of itself; and changes of that.

It listens on the loopback of the server: use it there, or through `kubectl port-forward`.
"""

from types import TracebackType
from typing import Any, TypeVar

from client.backoff import Backoff
from client.errors import BadAnswer
from client.parsing import Mismatch, parse
from client.service import MODEL
from client.transport import Transport, json_of
from client.versions import Description, Version, version_of

CHANGE_SECONDS = 300.0  # a change is answered when its workers run, which the server gives two minutes
ONCE = Backoff(attempts=1)  # a change that may have been made is not asked for again

T = TypeVar("T")


class ManagementClient:
    """The management API at one address; a context manager, as `FaceClient` is.

    Args and raised errors are those of `FaceClient`.
    """

    def __init__(self, url: str, *, timeout: float = 60.0, backoff: Backoff | None = None):
        self.transport = Transport(url, timeout=timeout, backoff=backoff)
        self.changes = Transport(url, timeout=max(timeout, CHANGE_SECONDS), backoff=ONCE)

    def __enter__(self) -> "ManagementClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.transport.close()
        self.changes.close()

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

    def register(self, archive: str, workers: int) -> None:
        """Registers a version from a file of the server's model store and waits for its workers.

        Raises:
            Refused: no such file, its version is there already, or a worker did not start. In the last case TorchServe may
                leave the version registered, without workers.
        """
        self.change("POST", "/models", url=archive, initial_workers=workers, synchronous="true")

    def scale(self, version: str, workers: int) -> None:
        """Starts or stops workers. One that is stopped takes the requests that it works on with it: drain them first."""
        path = f"/models/{MODEL}/{version}"
        self.change("PUT", path, min_worker=workers, max_worker=workers, synchronous="true")

    def set_default(self, version: str) -> None:
        """Sends requests that name no version to this one, from now on; those that wait for the other stay there."""
        self.change("PUT", f"/models/{MODEL}/{version}/set-default")

    def unregister(self, version: str) -> None:
        """Ends a version with its workers. Requests that wait or are in work there are never answered: drain them first.

        Raises:
            Refused: it is the default one, or there is none such.
        """
        self.change("DELETE", f"/models/{MODEL}/{version}")

    def change(self, method: str, path: str, **parameters: str | int) -> None:
        self.changes.request(method, path, params=parameters)

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

"""The three addresses of one server, as one thing to hand around."""

from dataclasses import dataclass
from types import TracebackType

from client.errors import FaceError
from client.management import ONCE, ManagementClient
from client.metrics import MetricsClient
from client.service import FaceClient
from client.versions import Version

PROBE_SECONDS = 10.0


class Impossible(FaceError):
    """The server is not in a state in which this can be done; nothing was changed by the step that says so."""

    code = "impossible"


@dataclass(frozen=True)
class Site:
    """A server's APIs; a context manager that closes them.

    Attributes:
        probe: the inference API for a look at how it does: soon out of patience, and never asking twice.
    """

    face: FaceClient
    probe: FaceClient
    management: ManagementClient
    metrics: MetricsClient

    @classmethod
    def at(cls, url: str, management_url: str, metrics_url: str, *, api_key: str | None, timeout: float) -> "Site":
        return cls(
            FaceClient(url, api_key=api_key, timeout=timeout),
            FaceClient(url, api_key=api_key, timeout=min(timeout, PROBE_SECONDS), backoff=ONCE),
            ManagementClient(management_url, timeout=timeout),
            MetricsClient(metrics_url, timeout=timeout),
        )

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for client in (self.face, self.probe, self.management, self.metrics):
            client.close()

    def version(self, version: str) -> Version | None:
        """A registered version; None where there is none such."""
        return next((entry for entry in self.management.versions() if entry.version == version), None)

    def default(self) -> Version:
        """The version that answers requests without one.

        Raises:
            Impossible: there is none.
        """
        found = next((entry for entry in self.management.versions() if entry.default), None)
        if not found:
            raise Impossible("The server has no default version.")
        return found

"""The ways into a cluster, as one thing to hand around: what `client.site` is for a server."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from client.canary import CANARY, STABLE, Canary
from client.kubectl import Kubectl, service_path
from client.management import ONCE
from client.prometheus import Prometheus
from client.service import FaceClient
from client.site import PROBE_SECONDS


@dataclass(frozen=True)
class Cluster:
    """A cluster with the canary.

    Attributes:
        stable, new: the two versions, each behind its own Service.
        probe: the new one, soon out of patience.
    """

    canary: Canary
    stable: FaceClient
    new: FaceClient
    probe: FaceClient
    prometheus: Prometheus

    @classmethod
    @contextmanager
    def reached(cls, kubectl: Kubectl, prometheus: str, *, api_key: str | None, timeout: float) -> Iterator["Cluster"]:
        """A cluster, through the API server's proxy to its Services.

        Args:
            prometheus: NAMESPACE/SERVICE:PORT.
        """
        names = [f"service/{name}" for name in (STABLE, CANARY)]
        services = kubectl.get(*names)
        home, _, address = prometheus.partition("/")
        with kubectl.proxy() as base, ExitStack() as stack:
            stable, new = (
                stack.enter_context(FaceClient(base + service_path(services[name]), api_key=api_key, timeout=timeout))
                for name in names
            )
            patience = min(timeout, PROBE_SECONDS)
            probe = stack.enter_context(FaceClient(new.transport.url, api_key=api_key, timeout=patience, backoff=ONCE))
            metrics = Prometheus(
                f"{base}/api/v1/namespaces/{home}/services/{address}/proxy", kubectl.namespace, timeout=timeout
            )
            stack.callback(metrics.close)
            yield cls(Canary(kubectl), stable, new, probe, metrics)

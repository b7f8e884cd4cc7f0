"""What the two Deployments of a canary do, as the cluster's Prometheus counts it: all replicas of each together."""

import math
from typing import Any

from client.errors import BadAnswer
from client.traffic import ALL_STAGES, FAILURES, HANDLED, Window
from client.transport import Transport, json_of

SUM, COUNT = (HANDLED.replace("_bucket", part) for part in ("_sum", "_count"))
LEAST_SECONDS = 60  # that a query reaches back: a few scrapes


class Prometheus:
    """A Prometheus that scrapes a namespace's replicas by k8s/components/monitoring.

    Args:
        url: of its API.
        namespace: of the replicas.

    Errors are those of `Transport.request`, and BadAnswer.
    """

    def __init__(self, url: str, namespace: str, *, timeout: float = 60.0):
        self.transport = Transport(url, timeout=timeout)
        self.namespace = namespace

    def close(self) -> None:
        self.transport.close()

    def sees(self, deployment: str) -> bool:
        """Whether it scrapes replicas of a Deployment."""
        return bool(self.value(f"sum(up{self.labels(deployment)})"))

    def window(self, deployment: str, seconds: float) -> Window:
        """What a Deployment did in the last seconds: images, failures, and the mean time of an image in the handler.

        Neither probes nor the queue are in that time: with a hundredth of the requests, probes would be most of them.
        """
        reach = f"[{max(LEAST_SECONDS, round(seconds))}s]"
        stages = self.labels(deployment, **ALL_STAGES)
        images = self.value(f"sum(increase({COUNT}{stages}{reach}))")
        failed = self.value(f"sum(increase({FAILURES}{self.labels(deployment)}{reach}))")
        taken = self.value(f"sum(increase({SUM}{stages}{reach}))")
        return Window(round(images + failed), round(failed), 1000 * taken / images if images else None)

    def labels(self, deployment: str, **more: str) -> str:
        """A selector; the PodMonitor takes the Deployment's name over from the pods' label."""
        labels = {"namespace": self.namespace, "app_kubernetes_io_name": deployment} | more
        return "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}"

    def value(self, query: str) -> float:
        """A query's one number; 0 where there is no series yet."""
        body: Any = json_of(self.transport.request("GET", "/api/v1/query", params={"query": query}))
        try:
            number = float(body["data"]["result"][0]["value"][1]) if body["data"]["result"] else 0.0
        except (KeyError, IndexError, TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise BadAnswer(f"{self.transport.url} does not answer as Prometheus does.")
        return number

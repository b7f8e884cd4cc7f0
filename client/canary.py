"""The canary in a cluster: two Deployments and the weights between them (k8s/components/canary/http-route)."""

import math
import time
from dataclasses import dataclass
from typing import Any

from client.kubectl import Kubectl, Manifest
from client.site import Impossible

STABLE, CANARY = "face", "face-canary"
ROUTE, AUTOSCALER = f"httproute/{STABLE}", f"horizontalpodautoscaler/{CANARY}"
REPLICAS_SECONDS = 300.0  # for new replicas to get ready
REST = 2.0  # seconds between two looks at them


@dataclass(frozen=True)
class State:
    """How it stands.

    Attributes:
        weight: the canary's, in percent of the requests.
        stable_ready, canary_ready: replicas that can answer.
        settled: whether all replicas of the canary are of its present template.
        most: replicas that the canary's autoscaler allows.
    """

    weight: int
    stable_ready: int
    canary_ready: int
    settled: bool
    most: int

    def needed(self, weight: int) -> int:
        """Replicas for a weight: as many for a request as the stable ones are now, at least one."""
        return max(1, math.ceil(weight * self.stable_ready / 100))


@dataclass(frozen=True)
class Canary:
    """Reads the cluster and moves weights."""

    kubectl: Kubectl

    def state(self) -> State:
        """How it stands now.

        Raises:
            ClusterError: an object is missing: the component is not installed.
            Impossible: the route is not the component's.
        """
        stable, canary = f"deployment/{STABLE}", f"deployment/{CANARY}"
        found = self.kubectl.get(ROUTE, stable, canary, AUTOSCALER)
        weights = {STABLE: 0, CANARY: 0} | {ref["name"]: ref.get("weight", 1) for ref in backends(found[ROUTE])}
        return State(
            weight=round(100 * weights[CANARY] / max(1, sum(weights.values()))),
            stable_ready=ready(found[stable]),
            canary_ready=ready(found[canary]),
            settled=is_settled(found[canary]),
            most=found[AUTOSCALER]["spec"]["maxReplicas"],
        )

    def move(self, weight: int) -> None:
        """Gives the canary a share of the requests, in percent, and the stable version the rest.

        Raises:
            ClusterError: the API server refuses it, or the route is another one meanwhile.
        """
        wanted = {STABLE: 100 - weight, CANARY: weight}
        operations: list[dict[str, Any]] = []
        for number, ref in enumerate(backends(self.kubectl.get(ROUTE)[ROUTE])):
            path = f"/spec/rules/0/backendRefs/{number}"
            operations.append({"op": "test", "path": f"{path}/name", "value": ref["name"]})
            operations.append({"op": "add", "path": f"{path}/weight", "value": wanted[ref["name"]]})
        self.kubectl.patch(ROUTE, operations)

    def hold(self, replicas: int) -> None:
        """Keeps the autoscaler from going below so many replicas of the canary."""
        self.kubectl.patch(AUTOSCALER, [{"op": "add", "path": "/spec/minReplicas", "value": replicas}])

    def grow(self, replicas: int) -> None:
        """Brings so many replicas of the canary up.

        Raises:
            Impossible: they do not get ready in time.
        """
        self.hold(replicas)
        deadline = time.monotonic() + REPLICAS_SECONDS
        while (ready := self.state().canary_ready) < replicas:
            if time.monotonic() > deadline:
                raise Impossible(f"{CANARY} has {ready} of {replicas} replicas ready after {REPLICAS_SECONDS:g} s.")
            time.sleep(REST)

    def take_back(self) -> None:
        """Gives the stable version all requests, at once, and lets the canary shrink."""
        self.move(0)
        self.hold(1)


def backends(route: Manifest) -> list[dict[str, Any]]:
    """The two that a route divides the requests between.

    Raises:
        Impossible: it does something else.
    """
    rules = route["spec"].get("rules", [])
    refs = rules[0].get("backendRefs", []) if len(rules) == 1 else []
    if sorted(ref["name"] for ref in refs) != [STABLE, CANARY]:
        raise Impossible(f"The {ROUTE} does not divide its requests between {STABLE} and {CANARY} in one rule.")
    return refs


def ready(deployment: Manifest) -> int:
    return deployment.get("status", {}).get("readyReplicas", 0)


def is_settled(deployment: Manifest) -> bool:
    """Whether the last change of a Deployment has reached all its replicas."""
    status = deployment.get("status", {})
    seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return seen and status.get("updatedReplicas", 0) == status.get("replicas", 0) > 0

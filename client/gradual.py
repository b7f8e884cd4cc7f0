"""A roll-out in a cluster: the canary takes more and more of the requests, watched at each step, or none again."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from client.canary import CANARY, STABLE, State
from client.cluster import Cluster
from client.comparison import Comparison, Side, compare
from client.errors import FaceError
from client.limits import FEW, Limits
from client.observation import EVERY, answers
from client.rollout import Report
from client.service import FaceClient
from client.site import Impossible
from client.sources import Source
from client.traffic import Window

STEPS = (1, 10, 50, 100)  # percent of the requests
LOOK_SECONDS = 15.0  # between two queries: as often as it is scraped


@dataclass(frozen=True)
class GradualRollout:
    """All that a roll-out in a cluster needs; where it stands is the route's to tell.

    Attributes:
        watch_seconds: at each step.
        tell: gets a line before each step.
    """

    cluster: Cluster
    golden: Sequence[Source]
    limits: Limits
    watch_seconds: float
    tell: Callable[[str], None]

    def run(self) -> Report:
        """Gives the canary all requests, from wherever an earlier command has left it.

        Raises:
            Impossible, ClusterError: the cluster is not in a state for it, and nothing was changed.
        """
        state = self.checked()
        version, former = (self.version(face) for face in (self.cluster.new, self.cluster.stable))
        if state.weight == STEPS[-1]:
            return Report("already_default", version, former)
        compared = None
        if not state.weight:
            self.tell(f"{version}: comparing it with {former} on {len(self.golden)} images")
            compared, reasons = self.compared(version, former)
            if reasons:
                return Report("refused", version, former, tuple(reasons), compared)
        before = after = None
        for weight in self.weights(state):
            before, after, reasons = self.step(state, version, weight)
            if reasons:
                self.tell(f"{version}: back to {former}")
                self.cluster.canary.take_back()
                return Report("rolled_back", version, former, tuple(reasons), compared, before, after)
        return Report("rolled_out", version, former, (), compared, before, after)

    def plan(self) -> list[str]:
        """What `run` would do now, a line a step."""
        state = self.checked()
        lines = [f"compare {CANARY} with {STABLE} on {len(self.golden)} images: {self.limits.in_words()}"]
        lines = [] if state.weight else lines
        for weight in self.weights(state):
            replicas = state.needed(weight)
            lines.append(
                f"{weight} % of the requests to {CANARY} with at least {replicas} replica{'s' if replicas > 1 else ''}, "
                f"watched for {self.watch_seconds:g} s"
            )
        return lines or [f"{CANARY} gets all requests already: nothing to do"]

    def weights(self, state: State) -> list[int]:
        """The steps that are left; one that was begun is watched from its beginning."""
        return [] if state.weight == STEPS[-1] else [weight for weight in STEPS if weight >= state.weight]

    def checked(self) -> State:
        """How it stands, if the canary can take over.

        Raises:
            Impossible: it cannot.
        """
        state = self.cluster.canary.state()
        if not state.settled or not state.canary_ready:
            raise Impossible(f"{CANARY} is not rolled out: kubectl rollout status deployment/{CANARY} says more.")
        if state.needed(STEPS[-1]) > state.most:
            needed = state.needed(STEPS[-1])
            raise Impossible(f"All requests need {needed} replicas of {CANARY}; its autoscaler allows {state.most}.")
        if not self.cluster.prometheus.sees(CANARY):
            raise Impossible(f"Prometheus does not see {CANARY}: is k8s/components/monitoring installed?")
        return state

    def version(self, face: FaceClient) -> str:
        """The version that answers at an address."""
        return face.predict(self.golden[0].read()).model.version

    def compared(self, version: str, former: str) -> tuple[Comparison | None, list[str]]:
        """The figures, and what they say against the new version."""
        sides = (Side(former, self.cluster.stable, None), Side(version, self.cluster.new, None))
        compared = compare(*sides, self.golden)
        return compared, self.limits.broken_by(compared)

    def step(self, state: State, version: str, weight: int) -> tuple[Window | None, Window | None, list[str]]:
        """One step: stable and new as they were seen, and what speaks against the new one; so does what cannot be watched."""
        try:
            self.tell(f"{version}: {weight} % of the requests, watching it for {self.watch_seconds:g} s")
            self.cluster.canary.grow(state.needed(weight))
            self.cluster.canary.move(weight)
            return self.watch()
        except FaceError as error:
            return None, None, [error.message]

    def watch(self) -> tuple[Window, Window, list[str]]:
        """Watches both versions side by side, and stops early when the new one breaks a limit."""
        started = looked = time.monotonic()
        silent = number = 0
        while True:
            silent += not answers(self.cluster.probe, self.golden[number % len(self.golden)])
            number += 1
            now = time.monotonic()
            final = now - started >= self.watch_seconds
            if final or silent >= FEW or now - looked >= LOOK_SECONDS:
                looked = now
                stable, new = (self.cluster.prometheus.window(name, now - started) for name in (STABLE, CANARY))
                reasons = self.limits.broken_in(new, stable, silent=silent, final=final)
                if final or reasons:
                    return stable, new, reasons
            time.sleep(max(0.0, started + number * EVERY - time.monotonic()))

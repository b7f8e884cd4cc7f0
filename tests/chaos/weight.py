"""Memory and descriptors of every process of the service, again and again while it works."""

import statistics
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.chaos.service import Service

WARM_UP = 0.2  # share of the time that does not count: caches and heaps fill
PART = 0.2  # share of the rest at its beginning and at its end that are compared


@dataclass(frozen=True)
class Growth:
    """Of one process, from the beginning to the end of a load; medians.

    Attributes:
        mb: resident memory at the beginning and at the end.
        descriptors: open ones, likewise.
    """

    name: str
    mb: tuple[float, float]
    descriptors: tuple[float, float]

    @property
    def memory_share(self) -> float:
        return self.mb[1] / self.mb[0] - 1


class Scales:
    """Weighs a service whenever `read` is called."""

    def __init__(self, service: Service):
        self.service = service
        self.readings: list[dict[str, tuple[float, int]]] = []

    def read(self) -> None:
        self.readings.append(self.weigh())

    def weigh(self) -> dict[str, tuple[float, int]]:
        """MB and descriptors by process; a process that was replaced meanwhile has another name."""
        found = {}
        for first in (self.service.java, self.service.gateway.process.pid):
            with suppress(psutil.NoSuchProcess):
                parent = psutil.Process(first)
                for process in (parent, *parent.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        name = f"{process.name()} {process.pid}"
                        found[name] = (process.memory_info().rss / 1e6, process.num_fds())
        return found

    def growth(self) -> list[Growth]:
        """Of each process that was there all the time, the heaviest first."""
        counted = self.readings[round(len(self.readings) * WARM_UP) :]
        size = max(1, round(len(counted) * PART))
        lasting = set.intersection(*(set(reading) for reading in counted)) if counted else set()

        def medians(name: str, part: int) -> tuple[float, float]:
            first, last = ([reading[name][part] for reading in some] for some in (counted[:size], counted[-size:]))
            return round(statistics.median(first), 1), round(statistics.median(last), 1)

        grown = [Growth(name, medians(name, 0), medians(name, 1)) for name in lasting]
        return sorted(grown, key=lambda one: one.mb[1], reverse=True)

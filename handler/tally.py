"""Counts that are kept in the worker and handed to the server together.

TorchServe's workers print each change of a metric as a line, which the server reads and parses: 10 µs here, and as much there.
Its own histograms have fixed buckets (0.005 ... 10), too coarse for milliseconds; here a histogram is three counters, with the
names and labels that Prometheus expects of one.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

BUCKET, SUM, COUNT = "_bucket", "_sum", "_count"


@dataclass(frozen=True)
class Histogram:
    """Three counters of the server that make a histogram of Prometheus.

    Attributes:
        bucket: has one label more than the others, `le`, the last one.
        bounds: upper bounds of the buckets, inclusive and ascending; the one without bound comes by itself.
    """

    bucket: Any
    sum: Any
    count: Any
    bounds: tuple[float, ...]

    @property
    def edges(self) -> tuple[str, ...]:
        """Values of the label `le`."""
        return (*(f"{bound:g}" for bound in self.bounds), "+Inf")


Labels = tuple[str, ...]


class Tally:
    """What has been counted since it was last handed over. Not for two threads at a time: its owner holds a lock."""

    def __init__(self):
        self.counted: dict[tuple[Any, Labels], float] = defaultdict(float)
        self.observed: dict[tuple[Histogram, Labels], list[float]] = {}
        self.known: set[tuple[Histogram, Labels]] = set()

    def add(self, counter: Any, labels: Labels, amount: float = 1) -> None:
        """Adds to a counter; an amount of 0 makes it known, so that its first increase is seen as one."""
        self.counted[counter, labels] += amount

    def observe(self, histogram: Histogram, labels: Labels, value: float) -> None:
        """Counts a value in its bucket."""
        series = self.observed.get((histogram, labels))
        if series is None:
            series = self.observed[histogram, labels] = [0] * (len(histogram.bounds) + 2)
        series[bisect_left(histogram.bounds, value)] += 1
        series[-1] += value

    def taken(self) -> "Tally":
        """What was counted so far; this tally starts again from nothing."""
        taken = Tally()
        taken.counted, self.counted = self.counted, taken.counted
        taken.observed, self.observed = self.observed, taken.observed
        taken.known = self.known
        return taken

    def hand_over(self) -> None:
        """Prints it as the server's metrics: of a histogram, the buckets that have grown, and all of them the first time."""
        for (counter, labels), amount in self.counted.items():
            counter.add_or_update(amount, list(labels))
        for (histogram, labels), (*buckets, total) in self.observed.items():
            is_new = (histogram, labels) not in self.known
            self.known.add((histogram, labels))
            below = 0  # Prometheus counts in a bucket what is in the smaller ones, too
            for edge, grown in zip(histogram.edges, buckets, strict=True):
                below += grown
                if below or is_new:
                    histogram.bucket.add_or_update(below, [*labels, edge])
            histogram.sum.add_or_update(total, list(labels))
            histogram.count.add_or_update(below, list(labels))

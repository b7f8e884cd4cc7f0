"""The arithmetic of the bench: percentiles, spreads over the repeats, and ratios within them."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tests.bench.load import Load
from tests.bench.plan import Cell

PERCENTILES = (50, 95, 99)


def percentiles_ms(latencies: list[float]) -> dict[str, float | None]:
    """p50, p95 and p99 in ms of latencies in seconds, interpolated linearly; None where there are none."""
    values = np.percentile(latencies, PERCENTILES) * 1000 if latencies else [None] * len(PERCENTILES)
    return {
        f"p{percent}_ms": None if value is None else round(float(value), 3)
        for percent, value in zip(PERCENTILES, values, strict=True)
    }


def summary(load: Load) -> dict:
    """The figures of one load. A load with errors, or without an answer, has failed."""
    return {
        "requests": len(load.latencies),
        "errors": dict(load.errors),
        "failed": bool(load.errors) or not load.latencies,
        "rate": round(len(load.latencies) / load.seconds, 3),
        **percentiles_ms(load.latencies),
    }


@dataclass(frozen=True)
class Spread:
    """A figure over the repeats."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Spread | None":
        """None where no repeat has the figure."""
        known = [value for value in values if value is not None]
        return cls(statistics.median(known), min(known), max(known)) if known else None


class Repeats:
    """The measurements of all repeats, asked by cell and contestant.

    Args:
        repeats: each with `cells`: measurements with `contestant`, `kind`, `size`, `concurrency` and the keys of `summary`.
    """

    def __init__(self, repeats: list[dict]):
        self.tables = [
            {(line["contestant"], Cell(line["kind"], line["size"], line["concurrency"])): line for line in repeat["cells"]}
            for repeat in repeats
        ]

    def cells(self) -> list[tuple[str, Cell]]:
        """What was measured, in the order in which it was."""
        return list(dict.fromkeys(key for table in self.tables for key in table))

    def values(self, contestant: str, cell: Cell, field: str) -> list[float | None]:
        """A figure in each repeat; None where it was not measured or the measurement failed."""
        lines = [table.get((contestant, cell)) for table in self.tables]
        return [None if line is None or line["failed"] else line[field] for line in lines]

    def failed(self, contestant: str, cell: Cell) -> bool:
        return any(table.get((contestant, cell), {}).get("failed") for table in self.tables)

    def spread(self, contestant: str, cell: Cell, field: str) -> Spread | None:
        return Spread.of(self.values(contestant, cell, field))

    def ratio(self, first: tuple[str, Cell], second: tuple[str, Cell], field: str = "rate") -> Spread | None:
        """First over second, taken within each repeat: what else ran on the machine then hit both."""
        pairs = zip(self.values(*first, field), self.values(*second, field), strict=True)
        return Spread.of(one / other if one is not None and other else None for one, other in pairs)

    def difference(self, first: tuple[str, Cell], second: tuple[str, Cell], field: str) -> Spread | None:
        pairs = zip(self.values(*first, field), self.values(*second, field), strict=True)
        return Spread.of(one - other if one is not None and other is not None else None for one, other in pairs)

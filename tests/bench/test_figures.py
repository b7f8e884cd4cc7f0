"""Percentiles, spreads and ratios, on numbers worked out by hand."""

from collections import Counter

from tests.bench.figures import Repeats, Spread, percentiles_ms, summary
from tests.bench.goals import goals
from tests.bench.load import Load
from tests.bench.plan import FACE, FASTAPI, IN_PROCESS, PREDICT, Cell

BUSY = Cell(PREDICT, 512, 8)


def line(contestant: str, rate: float, *, cell: Cell = BUSY, p50_ms: float = 10.0, failed: bool = False) -> dict:
    return {"contestant": contestant, **vars(cell), "rate": rate, "p50_ms": p50_ms, "failed": failed}


def repeat(*lines: dict, **others) -> dict:
    return {"cells": list(lines), "start": {}, "memory": {}} | others


def test_percentiles_of_0_to_100_ms():
    latencies = [milliseconds / 1000 for milliseconds in range(101)]
    assert percentiles_ms(latencies) == {"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0}


def test_percentiles_of_nothing_are_none():
    assert set(percentiles_ms([]).values()) == {None}


def test_a_load_without_answers_or_with_errors_has_failed():
    assert summary(Load(2.0))["failed"]
    assert summary(Load(2.0, [0.1], Counter({"503": 1})))["failed"]
    good = summary(Load(2.0, [0.1, 0.2, 0.3]))
    assert not good["failed"]
    assert good["rate"] == 1.5


def test_spread_leaves_out_what_is_missing():
    assert Spread.of([3.0, None, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert Spread.of([None]) is None


def test_ratios_are_taken_within_each_repeat():
    """Each repeat says 2x, although the machine was ten times slower in the second."""
    repeats = Repeats([repeat(line(FACE, 200), line(FASTAPI, 100)), repeat(line(FACE, 20), line(FASTAPI, 10))])
    assert repeats.ratio((FACE, BUSY), (FASTAPI, BUSY)) == Spread(2.0, 2.0, 2.0)


def test_a_failed_measurement_has_no_figures():
    repeats = Repeats([repeat(line(FACE, 200), line(FASTAPI, 100, failed=True))])
    assert repeats.failed(FASTAPI, BUSY)
    assert repeats.spread(FASTAPI, BUSY, "rate") is None
    assert repeats.ratio((FACE, BUSY), (FASTAPI, BUSY)) is None


def test_goals_are_met_by_the_median_and_unknown_without_figures():
    alone = Cell(PREDICT, 512, 1)
    measured = repeat(
        line(FACE, 90),
        line(IN_PROCESS, 100),
        line(FASTAPI, 30),
        line(FACE, 50, cell=alone, p50_ms=14.5),
        line(IN_PROCESS, 60, cell=alone, p50_ms=10.0),
        start={FACE: {"ready_s": 4.0}},
        memory={FACE: {"workers": [390.0, 410.0]}},
        open_loop={"p50_ms": 10.0, "p99_ms": 29.0, "failed": False},
    )
    met = {goal.text.split(" (")[0]: goal.met for goal in goals({"repeats": [measured]})}
    assert met["throughput, of in-process"] is True  # 0.9 of 0.8
    assert met["throughput, of FastAPI"] is False  # 3 of 4
    assert met["throughput, of LitServe"] is None  # not measured
    assert met["p50 above in-process"] is False  # 4.5 ms of 3
    assert met["open loop at 70 % of capacity: p99 over p50"] is True  # 2.9 of 3
    assert met["first worker READY after"] is True
    assert met["memory of the heaviest worker"] is False  # the heavier of the two counts

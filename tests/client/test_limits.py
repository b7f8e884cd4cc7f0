"""What is let through, and what is not."""

from dataclasses import replace

import pytest

from client.comparison import Comparison
from client.limits import EARLY, FEW, Limits
from client.traffic import Window

LIMITS = Limits(flips=0.1, shift=0.1, overlap=0.5, slowdown=1.5, errors=0.01)
SAME = Comparison("1.0", "1.1", 10, 0.1, 0.1, 0.5, 1.5, 0.01, (), ())  # each figure on its limit
BROKEN = {"flip_rate": 0.2, "score_shift": 0.11, "heat_map_overlap": 0.4, "latency_ratio": 1.6, "error_rate": 0.02}
BEFORE = Window(requests=100, failed=0, mean_ms=20.0)


def test_limits_are_inclusive_and_figures_that_are_missing_break_none():
    assert LIMITS.broken_by(SAME) == []
    assert LIMITS.broken_by(replace(SAME, **dict.fromkeys(BROKEN.keys() - {"error_rate"}))) == []


@pytest.mark.parametrize("name", BROKEN)
def test_each_figure_alone_is_enough(name):
    (reason,) = LIMITS.broken_by(replace(SAME, **{name: BROKEN[name]}))
    assert "limit" in reason


def judged(seen: Window, before: Window = BEFORE, silent: int = 0, final: bool = False) -> list[str]:
    return LIMITS.broken_in(seen, before, silent=silent, final=final)


def test_failures_count_once_they_are_more_than_chance():
    assert judged(Window(50, FEW - 1, 20.0)) == []
    assert judged(Window(50, FEW, 20.0)) == [f"{FEW} of 50 requests failed (limit 1.0%)."]
    assert judged(Window(50, 1, 20.0), final=True)
    assert judged(Window(1000, 10, 20.0), final=True) == []


def test_failures_that_were_there_before_are_not_the_new_versions():
    assert judged(Window(100, 5, 20.0), before=Window(100, 5, 20.0), final=True) == []


def test_latency_counts_once_there_are_enough_requests():
    assert judged(Window(EARLY - 1, 0, 40.0)) == []
    (reason,) = judged(Window(EARLY, 0, 40.0))
    assert "2.00 times" in reason
    assert judged(Window(EARLY, 0, 30.0)) == []
    assert judged(Window(2, 0, None), final=True) == []


def test_silence_counts():
    assert judged(Window(1000, 0, 20.0), silent=FEW - 1) == []
    assert judged(Window(1000, 0, 20.0), silent=FEW) == [f"{FEW} requests got no answer."]

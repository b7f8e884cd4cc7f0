"""When a load counts as badly borne, and how growth is read from the scales."""

import pytest

from tests.chaos.soak import Report, page
from tests.chaos.weight import Growth, Scales

STEADY = Growth("java 1", (300.0, 303.0), (80, 84))
BORNE = {
    "minutes": 30,
    "share": 0.7,
    "capacity": 200.0,
    "offered": 140.0,
    "goodput": 140.0,
    "p50_ms": 20.0,
    "p99_ms": 60.0,
    "errors": {},
    "probes": {"200": 100},
    "calm": 0.1,
    "growth": [STEADY],
}


def test_a_load_that_was_borne():
    report = Report(**BORNE)
    assert not report.broken
    assert "| java 1 | 300 -> 303 | +1.0% | 80 -> 84 |" in page(report)


@pytest.mark.parametrize(
    "changes",
    [
        {"errors": {"503": 1}},
        {"goodput": 90.0},
        {"calm": 16.0},
        {"growth": [Growth("java 1", (300.0, 320.0), (80, 80))]},
        {"growth": [Growth("java 1", (300.0, 300.0), (80, 120))]},
        {"share": 3, "errors": {"500": 1}},
        {"share": 3, "probes": {"503": 1}},
    ],
    ids=str,
)
def test_each_broken_promise_is_told(changes):
    assert Report(**BORNE | changes).broken


def test_beyond_capacity_503_is_right():
    beyond = {
        "share": 3,
        "offered": 600.0,
        "goodput": 150.0,
        "errors": {"503": 9000},
        "probes": {"200": 5, "503 with Retry-After": 9},
    }
    assert not Report(**BORNE | beyond).broken


def test_growth_is_from_the_first_to_the_last_fifth_after_the_warm_up():
    scales = Scales(service=None)
    sizes = [900, 900, 100, 100, 500, 500, 500, 500, 500, 110, 110, 110]
    scales.readings = [{"java 1": (size, number)} for number, size in enumerate(sizes)]
    scales.readings[5]["nginx 2"] = (10, 10)  # was not there all the time
    assert scales.growth() == [Growth("java 1", (100, 110), (2.5, 10.5))]

"""How far heat maps agree, on maps whose overlap is known by hand."""

import pytest

from client.answers import HeatMap
from client.overlap import overlap


def heat_map(*rows: tuple[float, ...], box: tuple[int, int, int, int] = (0, 0, 120, 120)) -> HeatMap:
    return HeatMap("grad-cam", "layer4", "ai", rows, 8.0, box, None)


LEFT = heat_map((1.0, 0.0), (1.0, 0.0))
CASES = {
    "itself": (LEFT, 1),
    "stronger in the same places": (heat_map((5.0, 0.0), (5.0, 0.0)), 1),
    "elsewhere": (heat_map((0.0, 1.0), (0.0, 1.0)), 0),
    "half of it elsewhere": (heat_map((1.0, 0.0), (0.0, 1.0)), 0.5),
    "in a finer grid": (heat_map((2.0, 2.0, 0.0, 0.0)), 1),
    "in a box of half the width": (heat_map((1.0,), box=(0, 0, 60, 120)), 1),
    "in a box beside it": (heat_map((1.0,), box=(60, 0, 60, 120)), 0),
}


@pytest.mark.parametrize(("other", "expected"), CASES.values(), ids=CASES)
def test_the_share_in_the_same_place(other, expected):
    assert overlap(LEFT, other) == pytest.approx(expected)
    assert overlap(other, LEFT) == pytest.approx(expected)


def test_the_opposite_sign_agrees_in_nothing():
    assert overlap(LEFT, heat_map((-1.0, 0.0), (-1.0, 0.0))) == pytest.approx(0)


def test_maps_without_evidence_agree_with_each_other_only():
    empty = heat_map((0.0,))
    assert overlap(empty, empty) == 1
    assert overlap(LEFT, empty) == pytest.approx(0.5)

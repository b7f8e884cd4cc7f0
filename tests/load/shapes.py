"""How many users there are when: a line through points, each a share of the time and a share of the peak."""

from itertools import pairwise

SHAPES = {
    "steady": ((0, 1), (1, 1)),
    "ramp": ((0, 0.1), (0.8, 1), (1, 1)),
    "spike": ((0, 0.2), (0.4, 0.2), (0.4, 1), (0.6, 1), (0.6, 0.2), (1, 0.2)),
    "soak": ((0, 0.5), (1, 0.5)),  # half the peak, for hours: give it --seconds
}


def users(shape: str, peak: int, seconds: float, now: float) -> int | None:
    """Users at a time of the test, at least one; None when it is over.

    Args:
        shape: a key of `SHAPES`.
        seconds: length of the test.
        now: seconds from its start.
    """
    at = now / seconds
    if at >= 1:
        return None
    points = SHAPES[shape]
    (left, low), (right, high) = next((before, after) for before, after in pairwise(points) if before[0] <= at < after[0])
    return max(1, round(peak * (low + (high - low) * (at - left) / (right - left))))

"""Bootstrap intervals: how far a figure would move with another sample of faces."""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95
SEED = 0

Interval = dict[str, float]  # value, low, high
TAIL = (1 - LEVEL) / 2


def intervals(
    function: Callable[..., dict[str, float]],
    targets: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray,
    *,
    units: np.ndarray | None = None,
) -> dict[str, Interval]:
    """`function(targets, scores, weights)` with its percentile intervals (Efron 1979).

    Each resample draws as many reals and as many AIs as there are, with replacement, and hands the draw over as weights: a face
    that was drawn twice counts twice.

    Args:
        targets, scores, weights: `[n]`.
        units: the face, 0..faces-1, that each of the n scores belongs to, where several belong to one; they are drawn together.
    """
    value = function(targets, scores, weights)
    units = np.arange(len(targets)) if units is None else units
    faces = [np.unique(units[targets == target]) for target in np.unique(targets)]
    random = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {name: [] for name in value}
    for _ in range(RESAMPLES):
        draw = np.concatenate([random.choice(group, len(group)) for group in faces])
        counts = np.bincount(draw, minlength=units.max() + 1)[units]
        kept = counts > 0
        for name, one in function(targets[kept], scores[kept], weights[kept] * counts[kept]).items():
            drawn[name].append(one)
    return {name: interval(value[name], draws) for name, draws in drawn.items()}


def interval(value: float, draws: np.ndarray | list[float]) -> Interval:
    """A value between the quantiles of its resamples."""
    low, high = np.quantile(draws, [TAIL, 1 - TAIL])
    return {"value": float(value), "low": float(low), "high": float(high)}


def mean(values: np.ndarray) -> Interval:
    """The mean of one number a face, `[n]`, with its percentile interval."""
    values = np.asarray(values, float)
    drawn = np.random.default_rng(SEED).integers(len(values), size=(RESAMPLES, len(values)))
    return interval(values.mean(), values[drawn].mean(axis=1))


def proportion(hits: int, count: int) -> Interval:
    """A share with its score interval (Wilson 1927), which does not shrink to nothing where all hit, or none."""
    z = NormalDist().inv_cdf(1 - TAIL)
    share, spread = hits / count, z**2 / count
    centre = (share + spread / 2) / (1 + spread)
    half = z * (share * (1 - share) / count + spread / (4 * count)) ** 0.5 / (1 + spread)
    return {"value": share, "low": max(0.0, centre - half), "high": min(1.0, centre + half)}

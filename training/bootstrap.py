"""Bootstrap intervals: how far a figure would move with another sample of faces."""

from collections.abc import Callable

import numpy as np
from sklearn import config_context

RESAMPLES = 1000
LEVEL = 0.95
SEED = 0

Interval = dict[str, float]  # value, low, high


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
    with config_context(assume_finite=True, skip_parameter_validation=True):  # checked once, above
        for _ in range(RESAMPLES):
            draw = np.concatenate([random.choice(group, len(group)) for group in faces])
            counts = np.bincount(draw, minlength=units.max() + 1)[units]
            kept = counts > 0
            for name, one in function(targets[kept], scores[kept], weights[kept] * counts[kept]).items():
                drawn[name].append(one)
    tail = (1 - LEVEL) / 2
    low, high = ({name: float(np.quantile(draws, q)) for name, draws in drawn.items()} for q in (tail, 1 - tail))
    return {name: {"value": float(value[name]), "low": low[name], "high": high[name]} for name in value}

"""The figures of one split: together, with every source counting alike, and source by source."""

from typing import Any

import numpy as np

from handler.calibration import Calibration
from training.bootstrap import intervals
from training.dataset import source_weights
from training.manifest import LABELS, Row
from training.metrics import figures

VERDICTS = ("real", "uncertain", "ai")


def breakdown(rows: list[Row], scores: np.ndarray, calibration: Calibration) -> dict[str, Any]:
    """All figures of a split that has both classes, each as value, low and high of its 95 % interval.

    A source holds one class. An AI source is measured against all the reals of the split, a real one against all its AIs.

    Args:
        scores: the calibrated score of ai, `[n]`.

    Returns:
        `{"faces": {label: n}, "pooled": {...}, "balanced_by_source": {...}, "verdicts": {label: {verdict: n}},
        "sources": {label: {source: {"faces": n, "figures": {...}, "verdicts": {verdict: n}}}}}`
    """
    targets = np.array([row.target for row in rows])
    sources = np.array([row.source for row in rows])

    def measure(chosen: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
        return intervals(lambda *given: figures(*given, calibration), targets[chosen], scores[chosen], weights[chosen])

    everyone, alike = np.ones(len(rows), bool), np.ones(len(rows))
    by_source: dict[str, dict[str, Any]] = {label: {} for label in LABELS}
    for target, label in enumerate(LABELS):
        for source in np.unique(sources[targets == target]):
            own = (targets == target) & (sources == source)
            by_source[label][str(source)] = {
                "faces": int(own.sum()),
                "figures": measure(own | (targets != target), alike),
                "verdicts": count_verdicts(scores[own], calibration),
            }
    return {
        "faces": {label: int((targets == target).sum()) for target, label in enumerate(LABELS)},
        "pooled": measure(everyone, alike),
        "balanced_by_source": measure(everyone, source_weights(rows, 0, {})),
        "verdicts": {label: count_verdicts(scores[targets == target], calibration) for target, label in enumerate(LABELS)},
        "sources": by_source,
    }


def count_verdicts(scores: np.ndarray, calibration: Calibration) -> dict[str, int]:
    """How many scores get each verdict."""
    given = [calibration.verdict(score) for score in scores]
    return {verdict: given.count(verdict) for verdict in VERDICTS}

"""How good calibrated scores are: the figures that every table of the evaluation holds.

All take `targets` (0 real, 1 ai), `scores` (the calibrated probability of ai) and `weights`, each `[n]`; weights make sources
count alike, and carry the resamples of the bootstrap.
"""

import numpy as np
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss, roc_auc_score, roc_curve

from handler.calibration import Calibration

FPRS = {"tpr_at_fpr_1": 0.01, "tpr_at_fpr_5": 0.05}
ECE_BINS = 15


def figures(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray, calibration: Calibration) -> dict[str, float]:
    """All figures of one group of faces; both classes must be in it.

    Returns:
        accuracy, balanced_accuracy, f1: of the decision at 0.5.
        auc, tpr_at_fpr_1, tpr_at_fpr_5: of the ranking.
        ece, nll, brier: of the probabilities.
        ai_called_ai, ai_called_real, real_called_ai, real_called_real: shares of a class that get each verdict at the operating
            point; what is left of a class is `uncertain`.
    """
    (tn, fp), (fn, tp) = confusion_matrix(targets, scores >= 0.5, labels=[0, 1], sample_weight=weights)
    ai, real = targets == 1, targets == 0
    called_ai, called_real = scores >= calibration.ai_at_least, scores <= calibration.real_at_most
    called_real &= ~called_ai  # where both thresholds are one number, `ai` is asked first (see `Calibration.verdict`)
    return {
        "accuracy": (tp + tn) / (tp + tn + fp + fn),
        "balanced_accuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2,
        "f1": 2 * tp / (2 * tp + fp + fn),
        "auc": roc_auc_score(targets, scores, sample_weight=weights),
        **tpr_at_fpr(targets, scores, weights),
        "ece": expected_calibration_error(targets, scores, weights),
        "nll": log_loss(targets, scores, sample_weight=weights, labels=[0, 1]),
        "brier": brier_score_loss(targets, scores, sample_weight=weights),
        "ai_called_ai": np.average(called_ai[ai], weights=weights[ai]),
        "ai_called_real": np.average(called_real[ai], weights=weights[ai]),
        "real_called_ai": np.average(called_ai[real], weights=weights[real]),
        "real_called_real": np.average(called_real[real], weights=weights[real]),
    }


def tpr_at_fpr(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """The largest share of AIs that a threshold finds which calls at most such a share (`FPRS`) of the reals ai."""
    # drop_intermediate would also drop points between ties' slanted segments
    fpr, tpr, _ = roc_curve(targets, scores, sample_weight=weights, drop_intermediate=False)
    return {name: float(tpr[fpr <= limit + 1e-9].max()) for name, limit in FPRS.items()}  # 1e-9: sums of weights round


def expected_calibration_error(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> float:
    """Mean over bins of |mean score - share of ai|, weighted by the bins' mass; as torchmetrics, of the probability of `ai`.

    Neither torchmetrics nor scikit-learn has bins of equal mass (Nguyen and O'Connor 2015, arXiv 1508.05154): where a network
    is confident, bins of equal width are mostly empty.
    """
    mass, score, share = reliability(targets, scores, weights)
    return float(np.sum(mass * np.abs(score - share)))


def reliability(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At most `ECE_BINS` bins of equal mass along the score: share of the mass, mean score and share of ai, `[bins]` each."""
    order = np.argsort(scores, kind="stable")
    targets, scores, weights = targets[order], scores[order], weights[order] / weights.sum()
    middle = np.cumsum(weights) - weights / 2  # a face belongs to the bin in which its middle falls
    bins = np.minimum((middle * ECE_BINS).astype(int), ECE_BINS - 1)
    mass, score, share = (np.bincount(bins, weights * value, ECE_BINS) for value in (np.ones(len(scores)), scores, targets))
    filled = mass > 0
    return mass[filled], score[filled] / mass[filled], share[filled] / mass[filled]


def precision_at(prevalence: float, tpr: float, fpr: float) -> float:
    """Of the faces called ai, the share that is, where `prevalence` of all faces are (Bayes)."""
    found = prevalence * tpr
    return found / (found + (1 - prevalence) * fpr) if found else 0.0

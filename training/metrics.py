"""How good calibrated scores are: the figures that every table of the evaluation holds.

All take `targets` (0 real, 1 ai), `scores` (the calibrated probability of ai) and `weights`, each `[n]`; weights make sources
count alike, and carry the resamples of the bootstrap. Those ask for a thousand values a row of a table, so all is written out
in a few passes over the faces, and the tests hold it against scikit-learn.
"""

import numpy as np

from handler.calibration import Calibration

FPRS = {"tpr_at_fpr_1": 0.01, "tpr_at_fpr_5": 0.05}
ECE_BINS = 15
PREVALENCES = {"precision_at_1": 0.01, "precision_at_10": 0.1}  # share of AI among all faces


def figures(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray, calibration: Calibration) -> dict[str, float]:
    """All figures of one group of faces; both classes must be in it.

    Returns:
        accuracy, balanced_accuracy, f1: of the decision at 0.5.
        auc, tpr_at_fpr_1, tpr_at_fpr_5: of the ranking.
        ece, nll, brier: of the probabilities.
        precision_at_1, precision_at_10: of the faces that get the verdict ai, the share that is, at each of `PREVALENCES`.
        ai_called_ai, ai_called_real, real_called_ai, real_called_real: shares of a class that get each verdict at the operating
            point; what is left of a class is `uncertain`.
    """
    ai, real = targets == 1, targets == 0
    called_ai, called_real = scores >= calibration.ai_at_least, scores <= calibration.real_at_most
    called_real &= ~called_ai  # where both thresholds are one number, `ai` is asked first (see `Calibration.verdict`)

    def share(event: np.ndarray, among: np.ndarray) -> float:
        return np.average(event[among], weights=weights[among])

    predicted_ai = scores >= 0.5
    found, alarms = share(predicted_ai, ai), share(predicted_ai, real)
    mass_ai, mass_real = weights[ai].sum(), weights[real].sum()
    ai_called_ai, real_called_ai = share(called_ai, ai), share(called_ai, real)
    likelihood = np.where(ai, scores, 1 - scores).clip(np.finfo(float).eps)  # of the class that the face is of
    return {
        "accuracy": np.average(predicted_ai == ai, weights=weights),
        "balanced_accuracy": (found + 1 - alarms) / 2,
        "f1": 2 * found * mass_ai / (found * mass_ai + alarms * mass_real + mass_ai),  # 2 tp / (tp + fp + all ai)
        **ranking(targets, scores, weights),
        "ece": expected_calibration_error(targets, scores, weights),
        "nll": np.average(-np.log(likelihood), weights=weights),
        "brier": np.average((scores - targets) ** 2, weights=weights),
        **{name: precision_at(prevalence, ai_called_ai, real_called_ai) for name, prevalence in PREVALENCES.items()},
        "ai_called_ai": ai_called_ai,
        "ai_called_real": share(called_real, ai),
        "real_called_ai": real_called_ai,
        "real_called_real": share(called_real, real),
    }


def ranking(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, float]:
    """AUC, and the largest share of AIs that a threshold finds which calls at most such a share (`FPRS`) of the reals ai."""
    fpr, tpr = roc(targets, scores, weights)
    # 1e-9: sums of weights round
    return {"auc": np.trapezoid(tpr, fpr)} | {name: tpr[fpr <= limit + 1e-9].max() for name, limit in FPRS.items()}


def roc(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shares of reals and of AIs that each threshold calls ai, from none to all; equal scores are called alike."""
    order = np.argsort(-scores, kind="stable")
    targets, scores, weights = targets[order], scores[order], weights[order]
    last = np.append(scores[1:] != scores[:-1], True)  # of each group of equal scores
    fpr, tpr = (np.append(0.0, np.cumsum(weights * (targets == target))[last]) for target in (0, 1))
    return fpr / fpr[-1], tpr / tpr[-1]


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

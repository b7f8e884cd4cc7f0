"""From margins to probabilities: the kinds of calibration that are compared, and the choice among them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from training import metrics
from training.temperature import fit_temperature

FOLDS = 5
SEED = 0
SHIPPED = ("temperature", "platt")  # what `handler.calibration.Calibration` can do, the simpler one first


@dataclass(frozen=True)
class Calibrator:
    """`mixture` x logistic(slope x margin + bias) + `plain` x logistic(margin) + the rest x 1/2.

    Attributes:
        slope: > 0; 1 / temperature.
        bias: 0 but for Platt's scaling.
        mixture, plain: 1 and 0 but for the ensemble of temperatures.
    """

    slope: float = 1.0
    bias: float = 0.0
    mixture: float = 1.0
    plain: float = 0.0

    def __call__(self, margins: np.ndarray) -> np.ndarray:
        """Probabilities of ai `[n]` from margins `[n]`."""
        scaled, plain = logistic(self.slope * margins + self.bias), logistic(margins)
        return self.mixture * scaled + self.plain * plain + (1 - self.mixture - self.plain) / 2


def logistic(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(np.asarray(values, np.float64) / 2))  # without overflow


def from_free(kind: str, free: np.ndarray) -> Calibrator:
    """The calibrator of a kind from its unconstrained parameters: logarithm of the slope, then bias or weights."""
    slope = float(np.exp(free[0]))
    if kind == "platt":
        return Calibrator(slope, float(free[1]))
    if kind == "ensemble":
        weights = np.exp(np.array([0.0, *free[1:]]))
        return Calibrator(slope, 0.0, *(weights / weights.sum())[:2].tolist())
    raise ValueError(f"no kind {kind!r}")


# Guo et al. 2017 (arXiv 1706.04599); Platt 1999; Zhang et al. 2020, "Mix-n-Match" (arXiv 2003.07329).
KINDS = ("none", "temperature", "platt", "ensemble")
# an ensemble starts away from its corner, where the weights of the other two would have no slope
STARTS = {"platt": (0.0, 0.0), "ensemble": (0.0, -2.0, -2.0)}


def fit(kind: str, targets: np.ndarray, margins: np.ndarray, weights: np.ndarray) -> Calibrator:
    """The calibrator of a kind with the least weighted NLL.

    Args:
        kind: one of `KINDS`.
        targets: 0 real, 1 ai; margins: logit ai - logit real; weights: each `[n]`.
    """
    if kind == "none":
        return Calibrator()
    if kind == "temperature":
        return Calibrator(1 / fit_temperature(targets, np.column_stack([np.zeros(len(margins)), margins]), weights))
    weights = weights / weights.sum()

    def loss(free: np.ndarray) -> float:
        return float(weights @ surprise(from_free(kind, free)(margins), targets))

    return from_free(kind, minimize(loss, np.array(STARTS[kind]), method="L-BFGS-B", bounds=[(-6, 6)] * len(STARTS[kind])).x)


def surprise(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Negative log likelihood of each face, `[n]`."""
    return -np.log(np.where(targets == 1, scores, 1 - scores).clip(np.finfo(float).eps))


def compare(targets: np.ndarray, margins: np.ndarray, weights: np.ndarray, sources: np.ndarray) -> dict[str, dict[str, Any]]:
    """Every kind, fitted on all, and measured on sources that its fit has not seen.

    Args:
        sources: `[n]`; a fold leaves a fifth of the sources of each class out, because faces of unknown sources are what the
            scores will be asked about. Its network has seen them, so this is still kinder than the service's life.

    Returns:
        `{kind: {"calibrator", "nll", "ece", "gain", "gain_error"}}`: NLL and ECE on the sources left out; how much less the
        NLL is than with the temperature alone, and the standard error of that over sources.
    """
    folds = source_folds(targets, sources)
    found: dict[str, dict[str, Any]] = {}
    losses = {}
    for kind in KINDS:
        scores = np.empty(len(margins))
        for fold in np.unique(folds):
            rest, left_out = folds != fold, folds == fold
            scores[left_out] = fit(kind, targets[rest], margins[rest], weights[rest])(margins[left_out])
        losses[kind] = weights / weights.sum() * surprise(scores, targets)
        found[kind] = {
            "calibrator": fit(kind, targets, margins, weights),
            "nll": float(losses[kind].sum()),
            "ece": metrics.expected_calibration_error(targets, scores, weights),
        }
    groups = np.unique(sources, return_inverse=True)[1] * 2 + targets
    for kind, loss in losses.items():
        gains = np.bincount(groups, losses["temperature"] - loss)[np.unique(groups)]
        found[kind] |= {"gain": float(gains.sum()), "gain_error": float(gains.std() * len(gains) ** 0.5)}
    return found


def source_folds(targets: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """The fold, `[n]`, of each face: whole sources, dealt within their class."""
    random = np.random.default_rng(SEED)
    folds = np.empty(len(targets), int)
    for target in np.unique(targets):
        for place, source in enumerate(random.permutation(np.unique(sources[targets == target]))):
            folds[(targets == target) & (sources == source)] = place % FOLDS
    return folds


def choose(compared: dict[str, dict[str, Any]]) -> str:
    """The kind to ship: the simplest, unless a later one has the lesser NLL on the sources left out, where a parameter that is
    not needed costs more than it gains."""
    temperature, *others = SHIPPED
    return next((kind for kind in others if compared[kind]["gain"] > 0), temperature)

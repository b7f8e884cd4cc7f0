"""The temperature and the thresholds that a set of logits asks for."""

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits


def fit_temperature(targets: np.ndarray, logits: np.ndarray, weights: np.ndarray) -> float:
    """The temperature with the least weighted NLL, by L-BFGS (Guo et al. 2017, arXiv 1706.04599).

    Args:
        targets: 0 real, 1 ai, `[n]`.
        logits: `[n, 2]`, ordered real, ai.
        weights: `[n]`.

    The logarithm of the temperature is what is fitted, so it stays positive and its scale does not matter. The NLL has no other
    minimum: it is convex in 1 / temperature.
    """
    margin = torch.from_numpy(logits[:, 1].astype(np.float64) - logits[:, 0])
    target = torch.from_numpy(targets.astype(np.float64))
    weight = torch.from_numpy(weights / weights.sum())
    log_temperature = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        nll = binary_cross_entropy_with_logits(margin / log_temperature.exp(), target, weight=weight, reduction="sum")
        nll.backward()
        return nll

    optimizer.step(loss)
    return float(log_temperature.detach().exp())


def thresholds(
    targets: np.ndarray, scores: np.ndarray, weights: np.ndarray, *, false_ai_rate: float, false_real_rate: float
) -> tuple[float, float]:
    """`ai_at_least` and `real_at_most` for calibrated scores of ai, `[n]`.

    Each class gets the range of scores that all of it but the stated share falls in: reals below `a`, AIs above `r`. Where the
    classes overlap, `r < a`, and a score between the two fits both. Where they are well apart, `a < r`, and a score between the
    two fits neither. Both are `uncertain`; a verdict is given for a score that fits one class alone, from `max(a, r)` and up to
    `min(a, r)`. Neither threshold crosses a half: a face that is likelier ai is never called real. So the thresholds never
    cross, neither error exceeds its rate, and a band for the unusual remains even where the calibration split alone would not
    need one. (Class-conditional conformal prediction: Sadinle et al. 2019, "Least
    ambiguous set-valued classifiers with bounded error levels", arXiv 1609.00451. Its guarantee is for faces like these.)

    Args:
        false_ai_rate: the share of reals, by weight, that may be called ai.
        false_real_rate: the share of AIs, by weight, that may be called real.
    """
    real, ai = targets == 0, targets == 1
    above_reals = upper_bound(scores[real], weights[real], false_ai_rate)
    below_ais = 1 - upper_bound(1 - scores[ai], weights[ai], false_real_rate)
    return max(above_reals, below_ais, 0.5), min(above_reals, below_ais, 0.5)


def upper_bound(scores: np.ndarray, weights: np.ndarray, rate: float) -> float:
    """The least threshold that at most `rate` of the weight reaches: half-way between the scores on its two sides."""
    values, place = np.unique(-scores, return_inverse=True)  # highest score first; equal scores fall on the same side
    reached = np.cumsum(np.bincount(place, weights / weights.sum()))
    count = int(np.searchsorted(reached, rate + 1e-9, side="right"))
    descending = np.concatenate([[1.0], -values, [0.0]])
    return float((descending[count] + descending[count + 1]) / 2)

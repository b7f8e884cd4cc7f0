"""Logits -> calibrated scores -> verdict."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """How margins become scores, and the operating point, of a release.

    With two classes, the softmax of logits / T is the logistic function of margin / T (temperature scaling: Guo et al. 2017,
    "On calibration of modern neural networks", arXiv 1706.04599), so one number a face carries everything. With a bias it is
    Platt's scaling (1999, "Probabilistic outputs for support vector machines"). Neither changes the ranking.

    Attributes:
        temperature: > 0; above 1 it lowers the confidence of an overconfident network.
        ai_at_least: the verdict is `ai` from this calibrated score of `ai` on.
        real_at_most: the verdict is `real` up to this calibrated score of `ai`; in between it is `uncertain`.
        bias: logits that are added to margin / T, for a network that leans to one class; 0 is temperature scaling alone.
    """

    temperature: float
    ai_at_least: float
    real_at_most: float
    bias: float = 0.0

    def __post_init__(self):
        if not self.temperature > 0:
            raise ValueError(f"temperature must be positive, not {self.temperature}")
        if not 0 <= self.real_at_most <= self.ai_at_least <= 1:
            raise ValueError(f"thresholds must be 0 <= {self.real_at_most} <= {self.ai_at_least} <= 1")

    def score_ai(self, logits: np.ndarray) -> np.ndarray:
        """The calibrated probability of `ai`, float64 `[n]`, from logits `[n, 2]` ordered real, ai."""
        scaled = (logits[:, 1].astype(np.float64) - logits[:, 0]) / self.temperature + self.bias
        return 0.5 * (1 + np.tanh(scaled / 2))  # the logistic function without overflow

    def verdict(self, score_ai: float) -> str:
        """`ai`, `real` or `uncertain` for one calibrated score."""
        if score_ai >= self.ai_at_least:
            return "ai"
        if score_ai <= self.real_at_most:
            return "real"
        return "uncertain"

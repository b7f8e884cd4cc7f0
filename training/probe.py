"""Linear probing before fine-tuning: the linear layer starts from what the initial features can tell.

A head drawn at random sends noise into the backbone for as long as it is wrong, and distorts features that would have told
unseen sources apart (Kumar et al. 2022, "Fine-tuning can distort pretrained features and underperform out-of-distribution",
arXiv 2202.10054).
"""

import logging
from collections.abc import Callable, Iterable

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from handler.face_model import FaceModel

log = logging.getLogger(__name__)
INVERSE_PENALTY = 0.01  # `C` of the logistic regression on standardised features


def probe_head(model: FaceModel, features: Callable[[Tensor], Tensor], batches: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Sets the linear layer to a logistic regression on the pooled features, in place, and before that the means and variances
    of the hypercolumns, if there are any, to those of the crops.

    Args:
        features: crops `[n, 3, h, w]` -> the last feature map of `model`, `[n, channels, h / 32, w / 32]`.
        batches: crops and their targets, 0 real, 1 ai, drawn as training draws them.
    """
    model.eval()
    pooled, squares, targets = [], [], []
    with torch.no_grad():
        for crops, labels in batches:
            maps = features(crops).cpu()
            pooled.append(maps.mean((2, 3)))
            squares.append(maps.square().mean((2, 3)))
            targets.append(labels)
    pooled, squares, targets = (torch.cat(parts).double() for parts in (pooled, squares, targets))
    mean, spread = pooled.mean(0), pooled.std(0, correction=0) + 1e-6
    probe = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000).fit((pooled - mean) / spread, targets)
    log.info("the probe tells %.1f %% of the augmented training crops", 100 * probe.score((pooled - mean) / spread, targets))

    # a margin of features `x` is weight @ x + bias
    weight = torch.from_numpy(probe.coef_[0]) / spread
    bias = probe.intercept_[0] - weight @ mean
    if model.hypercolumns:
        norm = model.hypercolumns.norm
        variance = squares.mean(0) - mean.square()
        norm.running_mean.copy_(mean)  # they were 0 and 1: so far the features were the averages themselves
        norm.running_var.copy_(variance)
        bias, weight = bias + weight @ mean, weight * (variance + norm.eps).sqrt()
    head = model.backbone.fc
    with torch.no_grad():  # the margin is the difference of two logits that share it evenly
        head.weight.copy_(torch.stack([-weight, weight]) / 2)
        head.bias.copy_(torch.stack([-bias, bias]) / 2)

"""Crops that are blended with one another (Zhang et al. 2018, arXiv 1710.09412), as an augmentation."""

import numpy as np
import torch
from torch import Tensor


def blended(crops: Tensor, random: np.random.Generator, mixup: float) -> tuple[Tensor, Tensor, float]:
    """Each crop with another one behind it, by a share from Beta(mixup, mixup); 0 for none.

    Args:
        crops: `[n, 3, h, w]`.

    Returns:
        the crops, float; which crop is behind each, `[n]`; and its share.
    """
    if not mixup:
        return crops.float(), torch.arange(len(crops), device=crops.device), 0.0
    other = torch.from_numpy(random.permutation(len(crops))).to(crops.device)
    share = float(random.beta(mixup, mixup))
    return torch.lerp(crops.float(), crops[other].float(), share), other, share

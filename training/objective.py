"""What training minimises: the cross-entropy of a crop's class and, if wanted, of each of its cells'.

The head is a mean over cells of layer4 and one linear layer, so a cell has logits of its own, whose mean is the crop's. Asking
each cell for the class makes the network find evidence everywhere instead of recognising the scene (Chai et al. 2020, arXiv
2008.10588: what is local generalises). Where a rectangle comes from another crop (CutMix, Yun et al. 2019, arXiv 1905.04899),
a cell's class is that of its own pixels, which also teaches the heat map where to point.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handler.face_model import LABELS, FaceModel

SIDES = (0.3, 0.8)  # of a rectangle, as shares of the crop's


class CellLogits(nn.Module):
    """`FaceModel` without its pooling: normalised images `[n, 3, h, w]` -> logits `[n, 2, h / 32, w / 32]` of the cells."""

    def __init__(self, model: FaceModel):
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        features, head = self.model.features(images).float(), self.model.backbone.fc
        with torch.autocast(images.device.type, enabled=False):  # a sum over cells in bf16 would round what the loss weighs
            return F.conv2d(features, head.weight[:, :, None, None], head.bias)


def blended(crops: Tensor, random: np.random.Generator, *, mixup: float, cutmix: float) -> tuple[Tensor, Tensor, Tensor]:
    """Each crop with a part of another one: all over by a share from Beta(mixup, mixup) (arXiv 1710.09412), or a rectangle.

    Args:
        crops: `[n, 3, h, w]`.
        cutmix: probability of a rectangle.

    Returns:
        the crops, float; which crop the part is from, `[n]`; and the part's share of each pixel, `[n, 1, h, w]`.
    """
    count, _, height, width = crops.shape
    other = torch.from_numpy(random.permutation(count)).to(crops.device)
    share = torch.zeros(count, 1, height, width)
    if mixup:
        share += float(random.beta(mixup, mixup))
    for number in np.flatnonzero(random.random(count) < cutmix):
        tall, wide = (random.uniform(*SIDES, 2) * (height, width)).astype(int)
        top, left = random.integers(height - tall + 1), random.integers(width - wide + 1)
        share[number, :, top : top + tall, left : left + wide] = 1
    share = share.to(crops.device)
    return crops * (1 - share) + crops[other] * share, other, share


def loss(cells: Tensor, targets: Tensor, other: Tensor, share: Tensor, *, cell_weight: float, smoothing: float) -> Tensor:
    """The loss of a batch.

    Args:
        cells: logits of the cells, `[n, 2, rows, columns]`.
        targets: class of each crop, `[n]`.
        other, share: see `blended`.
        cell_weight: 0 asks for the class of the crop alone, 1 for those of the cells alone.
        smoothing: of the labels, 0..1.
    """
    own = F.one_hot(targets, len(LABELS)).float()[..., None, None]
    share = F.adaptive_avg_pool2d(share, cells.shape[2:])
    wanted = own * (1 - share) + own[other] * share
    whole = F.cross_entropy(cells.mean((2, 3)), wanted.mean((2, 3)), label_smoothing=smoothing)
    if not cell_weight:
        return whole
    return torch.lerp(whole, F.cross_entropy(cells, wanted, label_smoothing=smoothing), cell_weight)

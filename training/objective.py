"""What training minimises: the cross-entropy of a crop's class and, if wanted, of each of its cells'.

The head is a mean over cells of layer4 and one linear layer, so a cell has logits of its own, whose mean is the crop's. Asking
each cell for the class makes the network find evidence everywhere instead of recognising the scene (Chai et al. 2020, arXiv
2008.10588: what is local generalises).
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handler.face_model import LABELS, FaceModel


class CellLogits(nn.Module):
    """`FaceModel` without its pooling: normalised images `[n, 3, h, w]` -> logits `[n, 2, h / 32, w / 32]` of the cells."""

    def __init__(self, model: FaceModel):
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        features, head = self.model.features(images).float(), self.model.backbone.fc
        with torch.autocast(images.device.type, enabled=False):  # a sum over cells in bf16 would round what the loss weighs
            return F.conv2d(features, head.weight[:, :, None, None], head.bias)


def blended(crops: Tensor, random: np.random.Generator, mixup: float) -> tuple[Tensor, Tensor, float]:
    """Each crop with another one behind it, by a share from Beta(mixup, mixup) (arXiv 1710.09412); 0 for none.

    Args:
        crops: `[n, 3, h, w]`.

    Returns:
        the crops, float; which crop is behind each, `[n]`; and its share.
    """
    other = torch.from_numpy(random.permutation(len(crops))).to(crops.device)
    share = float(random.beta(mixup, mixup)) if mixup else 0.0
    return torch.lerp(crops.float(), crops[other].float(), share), other, share


def loss(cells: Tensor, targets: Tensor, other: Tensor, share: float, *, cell_weight: float, smoothing: float) -> Tensor:
    """The loss of a batch.

    Args:
        cells: logits of the cells, `[n, 2, rows, columns]`.
        targets: class of each crop, `[n]`.
        other, share: see `blended`.
        cell_weight: 0 asks for the class of the crop alone, 1 for those of the cells alone.
        smoothing: of the labels, 0..1.
    """
    own = F.one_hot(targets, len(LABELS)).float()
    wanted = torch.lerp(own, own[other], share)
    whole = F.cross_entropy(cells.mean((2, 3)), wanted, label_smoothing=smoothing)
    if not cell_weight:
        return whole
    each = wanted[..., None, None].expand_as(cells)
    return torch.lerp(whole, F.cross_entropy(cells, each, label_smoothing=smoothing), cell_weight)

"""Channels of like range, so that int8 loses less of the small ones: an exact rewriting of the network.

Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction" (arXiv 1906.04721), section 4.1.
ReLU, addition and max-pooling commute with a positive factor a channel, so what writes a channel may be divided by a factor
that what reads it is multiplied by. Departs from the paper: the ranges are measured on crops, a factor takes out only a part of
a channel's range (so that the readers' kernels do not become uneven in turn), and the channels of a stage that its blocks add
to share their factors.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from handler.layers import STRIDES
from handler.openvino_network import Convolution, Folded, Scaling
from training.observe import observe

STRENGTH = 0.7  # 0 leaves everything as it is, 1 makes all channels' peaks equal
FLOOR = 0.01  # of the largest peak: a channel that is nearly always 0 is no reason for a factor of a thousand


@dataclass(frozen=True)
class Group:
    """Convolutions that write the same channels, and what reads them.

    Attributes:
        writers, readers: names of convolutions.
        stage: the layer whose sum the channels are, which its hypercolumn reads too; None within a block.
    """

    writers: list[str]
    readers: list[str]
    stage: str | None = None


def groups() -> list[Group]:
    """All of them but the last stage's sums, which nothing reads but the heat map and the head: they stay as they are."""
    inner = [Group([f"{layer}.{block}.conv1"], [f"{layer}.{block}.conv2"]) for layer in STRIDES for block in (0, 1)]
    shared = []
    for layer, following in pairwise(STRIDES):
        entry, first = (["conv1"], [f"{layer}.0.conv1"]) if STRIDES[layer] == 1 else ([f"{layer}.0.downsample.0"], [])
        writers = [*entry, f"{layer}.0.conv2", f"{layer}.1.conv2"]
        readers = [*first, f"{layer}.1.conv1", f"{following}.0.conv1", f"{following}.0.downsample.0"]
        shared.append(Group(writers, readers, layer))
    return inner + shared


def equalised(network: Folded, crops: np.ndarray, *, mean: list[float], std: list[float]) -> Folded:
    """The same function of the crops, with channels of more even range."""
    peaks: dict[str, np.ndarray] = {}

    def keep(name, x, stride):
        peak = x.amax(dim=(0, 2, 3)).numpy()
        peaks[name] = np.maximum(peaks.get(name, peak), peak)

    observe(network.convolutions, crops, keep, mean=mean, std=std)
    convolutions, columns = dict(network.convolutions), dict(network.columns)
    for group in groups():
        factor = factors(np.max([peaks[name] for name in group.readers], axis=0))
        for name in group.writers:
            one = convolutions[name]
            convolutions[name] = Convolution(one.kernel / factor[:, None, None, None], one.bias / factor)
        for name in group.readers:
            one = convolutions[name]
            convolutions[name] = Convolution(one.kernel * factor[:, None, None], one.bias)
        if group.stage in columns:
            column = columns[group.stage]
            columns[group.stage] = Scaling(column.factor * factor, column.addend)
    return Folded(convolutions, columns)


def factors(peaks: np.ndarray) -> np.ndarray:
    """What to divide each channel by, from its peak; their geometric mean is 1."""
    peaks = np.maximum(peaks, max(FLOOR * peaks.max(), np.finfo(np.float32).tiny))
    return np.exp(STRENGTH * (np.log(peaks) - np.log(peaks).mean())).astype(np.float32)

"""What each convolution of the folded network is given, on real crops: the statistics that int8 is made with."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from handler.layers import STRIDES
from handler.openvino_network import Convolution

BATCH = 16
Observer = Callable[[str, Tensor, int], None]


def observe(
    convolutions: dict[str, Convolution], crops: np.ndarray, observer: Observer, *, mean: list[float], std: list[float]
) -> None:
    """Runs crops through the network and calls `observer(name, input [n, channels, h, w], stride)` at each convolution.

    Args:
        crops: uint8 `[n, size, size, 3]`.
        mean, std: by channel, of pixels scaled to 0..1.
    """
    tensors = {name: (torch.from_numpy(one.kernel), torch.from_numpy(one.bias)) for name, one in convolutions.items()}

    def convolution(x: Tensor, name: str, stride: int, padding: int) -> Tensor:
        observer(name, x, stride)
        return functional.conv2d(x, *tensors[name], stride, padding)

    def block(x: Tensor, name: str, stride: int) -> Tensor:
        identity = convolution(x, f"{name}.downsample.0", stride, 0) if stride > 1 else x
        y = convolution(x, f"{name}.conv1", stride, 1).relu()
        return (convolution(y, f"{name}.conv2", 1, 1) + identity).relu()

    with torch.inference_mode():
        for images in normalised(crops, mean, std):
            x = functional.max_pool2d(convolution(images, "conv1", 2, 3).relu(), 3, 2, 1)
            for layer, stride in STRIDES.items():
                x = block(block(x, f"{layer}.0", stride), f"{layer}.1", 1)


def normalised(crops: np.ndarray, mean: list[float], std: list[float]) -> Iterator[Tensor]:
    """Batches of float32 `[n, 3, size, size]`."""
    centre, spread = (torch.tensor(values).view(1, 3, 1, 1) for values in (mean, std))
    for start in range(0, len(crops), BATCH):
        yield (torch.from_numpy(crops[start : start + BATCH]).permute(0, 3, 1, 2) / 255 - centre) / spread

"""Kernels rounded to int8 such that each rounding makes up for the errors of those before it.

Frantar et al. 2022, "GPTQ: accurate post-training quantization for generative pre-trained transformers" (arXiv 2210.17323),
algorithm 1, for convolutions: a kernel is a matrix over the patches that it is laid on, and the Hessian of its squared error is
that of the patches. Rounding to the nearest value instead costs the face network five times the error.
"""

import numpy as np
import torch
from torch.nn import functional

from handler.openvino_network import Convolution, Folded
from training.observe import observe

LEVELS = 127  # of either sign, symmetric, as OpenVINO's int8 kernels have them
DAMPING = 0.01  # of the Hessian's mean diagonal
PATCHES = 6000  # of a batch that count, at most
BLOCK = 64  # columns between two updates of all that follow


def rounded(network: Folded, crops: np.ndarray, *, mean: list[float], std: list[float], seed: int = 0) -> Folded:
    """The network with each kernel on its own int8 grid, whose step by output channel is its largest weight / 127.

    Args:
        crops: uint8 `[n, size, size, 3]`, on which the errors are weighed.
        mean, std: by channel, of pixels scaled to 0..1.
    """
    random = torch.Generator().manual_seed(seed)
    hessians: dict[str, np.ndarray] = {}

    def add(name, x, stride):
        patches = unfolded(x, network.convolutions[name].kernel.shape[2], stride)
        if len(patches) > PATCHES:
            patches = patches[torch.randperm(len(patches), generator=random)[:PATCHES]]
        patches = patches.double().numpy()
        hessians[name] = hessians.get(name, 0) + patches.T @ patches

    observe(network.convolutions, crops, add, mean=mean, std=std)
    convolutions = {
        name: Convolution(round_kernel(one.kernel, hessians[name]), one.bias) for name, one in network.convolutions.items()
    }
    return Folded(convolutions, network.columns)


def unfolded(x: torch.Tensor, side: int, stride: int) -> torch.Tensor:
    """The patches that a kernel is laid on: `[patches, channels x side x side]`."""
    return functional.unfold(x, side, padding=side // 2, stride=stride).permute(0, 2, 1).flatten(0, 1)


def round_kernel(kernel: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """A kernel `[out, in, h, w]` on its grid, given the Hessian `[in x h x w, in x h x w]`."""
    weights = kernel.reshape(len(kernel), -1).astype(np.float64)
    step = np.maximum(np.abs(weights).max(axis=1), np.finfo(np.float32).tiny) / LEVELS
    # at least something, because an input that is always 0 is no reason to fail
    damping = max(DAMPING * np.diag(hessian).mean(), np.finfo(np.float32).tiny)
    inverse = np.linalg.cholesky(np.linalg.inv(hessian + damping * np.eye(len(hessian)))).T  # upper triangular
    on_grid = np.empty_like(weights)
    for start in range(0, weights.shape[1], BLOCK):
        stop = min(start + BLOCK, weights.shape[1])
        errors = np.empty((len(weights), stop - start))
        for column in range(start, stop):
            steps = np.clip(np.round(weights[:, column] / step), -LEVELS, LEVELS)
            on_grid[:, column] = steps * step
            errors[:, column - start] = (weights[:, column] - on_grid[:, column]) / inverse[column, column]
            weights[:, column + 1 : stop] -= np.outer(errors[:, column - start], inverse[column, column + 1 : stop])
        weights[:, stop:] -= errors @ inverse[start:stop, stop:]
    return on_grid.reshape(kernel.shape).astype(np.float32)

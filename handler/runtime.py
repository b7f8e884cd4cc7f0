"""Crops -> logits and the last feature map. The seam behind which the numerical library can change."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from handler.release import Release, ReleaseError

CHOICES = ("auto", "openvino", "openvino-fp32", "torch")
VNNI = {"avx_vnni", "avx512_vnni", "amx_int8"}  # int8 dot products in one instruction


@dataclass(frozen=True)
class Inference:
    """What the network says of a batch of n crops.

    Attributes:
        features: float32 `[n, channels, h, w]`, what the head sees at each cell of layer4 (see `face_model.FaceModel`).
        logits: float64 `[n, 2]`, ordered real, ai.
    """

    features: np.ndarray
    logits: np.ndarray


class Runtime:
    """The network: its layers on some library, global average pooling and the linear layer here.

    The head is a thousand multiplications in float64, so that with every library the heat map adds up to the logits exactly,
    and a crop's logits do not depend on the batch that it came in.

    Args:
        name: of the library and its precision, and
        note: why it is not the fastest one, as `describe` tells them.
        features: crops, uint8 `[n, size, size, 3]` -> float32 `[n, channels, h, w]`.
        weights: `FaceModel`'s state dict.
    """

    def __init__(
        self, name: str, features: Callable[[np.ndarray], np.ndarray], weights: dict[str, np.ndarray], note: str | None = None
    ):
        self.name = name
        self.note = note
        self.features = features
        self.head_weight = weights["backbone.fc.weight"].astype(np.float64)
        self.head_bias = weights["backbone.fc.bias"].astype(np.float64)

    def infer(self, crops: np.ndarray) -> Inference:
        """Runs the network once over a batch of crops, uint8 `[n, size, size, 3]`."""
        features = self.features(np.ascontiguousarray(crops))
        pooled = features.mean(axis=(2, 3), dtype=np.float64)
        # a sum for each crop, because a matrix product rounds differently for each size of the batch
        logits = (pooled[:, None, :] * self.head_weight).sum(axis=2) + self.head_bias
        return Inference(features=features, logits=logits)


def load_runtime(release: Release, *, choice: str = "auto", device: str = "cpu", threads: int = 0) -> Runtime:
    """The network of a release on the library that suits the machine.

    Args:
        choice: `auto` is torch on a GPU and `openvino` on a CPU; `openvino` is int8 where the release has it and the processor
            computes with it natively (elsewhere it would be no faster than fp32), else fp32; `openvino-fp32` and `torch` are
            themselves.
        device: a torch device name.
        threads: of a CPU that the network may use; 0 is all of them.

    Raises:
        ReleaseError: the weights are not those of a ResNet-18 for faces, or there is no such choice.
    """
    if choice not in CHOICES:
        raise ReleaseError(f"there is no runtime {choice!r}: choose one of {', '.join(CHOICES)}")
    if choice == "torch" or device != "cpu":
        return torch_runtime(release.weights_path, **vars(release.normalise), device=device)
    from handler.openvino_network import OpenVinoNetwork, folded, read_int8, resnet18  # torch's users need no OpenVINO

    weights = load_file(release.weights_path)
    if not (note := reason_against_int8(release, choice)):
        return Runtime("openvino-int8", OpenVinoNetwork(read_int8(release.int8_path), release.crop.size, threads), weights)
    try:
        model = resnet18(folded(weights), **vars(release.normalise))
    except KeyError as error:
        raise ReleaseError(f"{release.weights_path} has no {error}") from error
    return Runtime("openvino-fp32", OpenVinoNetwork(model, release.crop.size, threads), weights, note)


def reason_against_int8(release: Release, choice: str) -> str | None:
    """Why the int8 network is not the one to use, or None."""
    if choice == "openvino-fp32":
        return "fp32 was chosen in model-config.yaml"
    if not release.int8:
        return "the release has no int8 network"
    return None if has_vnni() else "int8 is not used: the processor has no VNNI"


def torch_runtime(weights_file: Path, *, mean: list[float], std: list[float], device: str = "cpu") -> Runtime:
    """The network on torch, which is imported for it alone: it costs a process half a gigabyte and seconds."""
    from handler.torch_network import TorchNetwork

    weights = load_file(weights_file)
    network = TorchNetwork(weights, mean=mean, std=std, device=device)
    return Runtime(f"torch-{network.precision}", network, weights)


def has_vnni(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies int8 natively; no where that cannot be told."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        flags = next(line for line in cpuinfo.read_text().splitlines() if line.startswith("flags"))
    except (OSError, StopIteration):
        return False
    return bool(VNNI & set(flags.split()))

"""The network on OpenVINO: int8 as `training export` made it, or fp32 built here from the release's weights.

The graph is written out, as `face_model.py` writes the same layers for torch, so that neither serving nor its fp32 fallback
needs torch, a converter or a second copy of the weights.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as op

BATCH_NORM_EPSILON = 1e-5  # torch's default, which `FaceModel` is trained with
STRIDES = {"layer1": 1, "layer2": 2, "layer3": 2, "layer4": 2}  # of the first of two blocks
NORMS = (  # the batch normalisation behind each convolution
    {"conv1": "bn1"}
    | {f"{layer}.{block}.conv{n}": f"{layer}.{block}.bn{n}" for layer in STRIDES for block in (0, 1) for n in (1, 2)}
    | {f"{layer}.0.downsample.0": f"{layer}.0.downsample.1" for layer, stride in STRIDES.items() if stride > 1}
)


class OpenVinoNetwork:
    """A compiled network: uint8 `[n, size, size, 3]` -> float32 `[n, 512, h, w]`.

    Args:
        model: of any batch and size.
        size: side of the crops, in pixels; known sizes compile to faster code.
        threads: that it may use; 0 is all of them.
    """

    def __init__(self, model: ov.Model, size: int, threads: int = 0):
        model.reshape(ov.PartialShape([-1, size, size, 3]))
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",  # bf16 for what is not int8 would give other scores on other processors
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # each worker would pin itself to the same first core
        }
        self.request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        # the input is lent for the call, and the output is the request's own, which the next call overwrites
        return self.request.infer([crops], share_inputs=True, share_outputs=True)[0].copy()


def read_int8(path: Path) -> ov.Model:
    """The int8 network of a release, by the .xml of its two files."""
    return ov.Core().read_model(path)


@dataclass(frozen=True)
class Convolution:
    """A convolution with its batch normalisation folded in: kernel `[out, in, h, w]` and bias `[out]`, float32."""

    kernel: np.ndarray
    bias: np.ndarray


def folded(weights: dict[str, np.ndarray]) -> dict[str, Convolution]:
    """The convolutions of `FaceModel`, by name, from its state dict.

    Raises:
        KeyError: a tensor is missing.
    """
    return {name: fold(weights, name, norm) for name, norm in NORMS.items()}


def fold(weights: dict[str, np.ndarray], name: str, norm: str) -> Convolution:
    parts = ("weight", "bias", "running_mean", "running_var")
    gain, bias, centre, variance = (weights[f"backbone.{norm}.{part}"].astype(np.float64) for part in parts)
    scale = gain / np.sqrt(variance + BATCH_NORM_EPSILON)
    kernel = weights[f"backbone.{name}.weight"] * scale[:, None, None, None]
    return Convolution(kernel.astype(np.float32), (bias - centre * scale).astype(np.float32))


def resnet18(convolutions: dict[str, Convolution], *, mean: list[float], std: list[float]) -> ov.Model:
    """`FaceModel` up to layer4 for uint8 crops of any size, normalisation included.

    Args:
        convolutions: see `folded`.
        mean, std: by channel, of pixels scaled to 0..1.
    """

    def constant(values) -> ov.Node:
        return op.constant(np.ascontiguousarray(values, dtype=np.float32))

    def channels(values) -> ov.Node:
        return constant(np.reshape(values, (1, -1, 1, 1)))

    def convolution(x: ov.Node, name: str, stride: int, padding: int) -> ov.Node:
        folded, padded = convolutions[name], [padding, padding]
        product = op.convolution(x, constant(folded.kernel), [stride, stride], padded, padded, [1, 1], name=name)
        return op.add(product, channels(folded.bias))

    def block(x: ov.Node, name: str, stride: int) -> ov.Node:
        identity = convolution(x, f"{name}.downsample.0", stride, 0) if stride > 1 else x
        y = op.relu(convolution(x, f"{name}.conv1", stride, 1))
        return op.relu(op.add(convolution(y, f"{name}.conv2", 1, 1), identity, name=f"{name}.sum"))

    crops = op.parameter([-1, -1, -1, 3], ov.Type.u8, name="crops")
    x = op.transpose(op.convert(crops, "f32"), op.constant(np.array([0, 3, 1, 2])))
    # (x / 255 - mean) / std, in one multiplication and one addition
    x = op.add(op.multiply(x, channels(1 / (255 * np.array(std)))), channels(-np.array(mean) / np.array(std)))
    x = op.relu(convolution(x, "conv1", 2, 3))
    x = op.max_pool(x, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    for layer, stride in STRIDES.items():
        x = block(block(x, f"{layer}.0", stride), f"{layer}.1", 1)
    return ov.Model([op.result(x, name="features")], [crops], "face")

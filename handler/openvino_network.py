"""The network on OpenVINO: int8 as `training export` made it, or fp32 built here from the release's weights.

The graph is written out, as `face_model.py` writes the same layers for torch, so that neither serving nor its fp32 fallback
needs torch, a converter or a second copy of the weights.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as op

from handler.layers import BATCH_NORM_EPSILON, CHANNELS, HYPERCOLUMN, NORM, STRIDES, has_hypercolumns

NORMS = (  # the batch normalisation behind each convolution
    {"conv1": "bn1"}
    | {f"{layer}.{block}.conv{n}": f"{layer}.{block}.bn{n}" for layer in STRIDES for block in (0, 1) for n in (1, 2)}
    | {f"{layer}.0.downsample.0": f"{layer}.0.downsample.1" for layer, stride in STRIDES.items() if stride > 1}
)


class OpenVinoNetwork:
    """A compiled network: uint8 `[n, size, size, 3]` -> float32 `[n, channels, h, w]`.

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


@dataclass(frozen=True)
class Scaling:
    """What a channel is multiplied by, and what is added then; both float32 `[channels]`."""

    factor: np.ndarray
    addend: np.ndarray


@dataclass(frozen=True)
class Folded:
    """`FaceModel` without its batch normalisations.

    Attributes:
        convolutions: by name.
        columns: by layer of the hypercolumns, what their normalisation does; empty where the head sees layer4 alone.
    """

    convolutions: dict[str, Convolution]
    columns: dict[str, Scaling]


def folded(weights: dict[str, np.ndarray]) -> Folded:
    """The network of a `FaceModel`'s state dict.

    Raises:
        KeyError: a tensor is missing.
    """
    convolutions = {name: fold(weights, name, norm) for name, norm in NORMS.items()}
    if not has_hypercolumns(weights):
        return Folded(convolutions, {})
    centre, variance = (weights[f"{NORM}.running_{part}"].astype(np.float64) for part in ("mean", "var"))
    factor = 1 / np.sqrt(variance + BATCH_NORM_EPSILON)
    ends = np.cumsum([CHANNELS[layer] for layer in HYPERCOLUMN])[:-1]
    parts = (np.split(values.astype(np.float32), ends) for values in (factor, -centre * factor))
    return Folded(convolutions, {layer: Scaling(*both) for layer, *both in zip(HYPERCOLUMN, *parts, strict=True)})


def fold(weights: dict[str, np.ndarray], name: str, norm: str) -> Convolution:
    parts = ("weight", "bias", "running_mean", "running_var")
    gain, bias, centre, variance = (weights[f"backbone.{norm}.{part}"].astype(np.float64) for part in parts)
    scale = gain / np.sqrt(variance + BATCH_NORM_EPSILON)
    kernel = weights[f"backbone.{name}.weight"] * scale[:, None, None, None]
    return Convolution(kernel.astype(np.float32), (bias - centre * scale).astype(np.float32))


def resnet18(network: Folded, *, mean: list[float], std: list[float]) -> ov.Model:
    """`FaceModel` up to its feature map for uint8 crops of any size, normalisation included.

    Args:
        network: see `folded`.
        mean, std: by channel, of pixels scaled to 0..1.
    """

    def constant(values) -> ov.Node:
        return op.constant(np.ascontiguousarray(values, dtype=np.float32))

    def channels(values) -> ov.Node:
        return constant(np.reshape(values, (1, -1, 1, 1)))

    def convolution(x: ov.Node, name: str, stride: int, padding: int) -> ov.Node:
        folded, padded = network.convolutions[name], [padding, padding]
        product = op.convolution(x, constant(folded.kernel), [stride, stride], padded, padded, [1, 1], name=name)
        return op.add(product, channels(folded.bias))

    def block(x: ov.Node, name: str, stride: int) -> ov.Node:
        identity = convolution(x, f"{name}.downsample.0", stride, 0) if stride > 1 else x
        y = op.relu(convolution(x, f"{name}.conv1", stride, 1))
        return op.relu(op.add(convolution(y, f"{name}.conv2", 1, 1), identity, name=f"{name}.sum"))

    def column(x: ov.Node, layer: str, cells: ov.Node) -> ov.Node:
        scaling, average = network.columns[layer], op.adaptive_avg_pool(x, cells, name=f"{layer}.column")
        scaled = op.multiply(average, channels(scaling.factor), name=f"{layer}.column.scaled")
        return op.add(scaled, channels(scaling.addend), name=f"{layer}.column.centred")

    crops = op.parameter([-1, -1, -1, 3], ov.Type.u8, name="crops")
    x = op.transpose(op.convert(crops, "f32"), op.constant(np.array([0, 3, 1, 2])))
    # (x / 255 - mean) / std, in one multiplication and one addition
    x = op.add(op.multiply(x, channels(1 / (255 * np.array(std)))), channels(-np.array(mean) / np.array(std)))
    x = op.relu(convolution(x, "conv1", 2, 3))
    x = op.max_pool(x, [2, 2], [1, 1], [1, 1], [1, 1], [3, 3]).output(0)
    maps = {}
    for layer, stride in STRIDES.items():
        maps[layer] = x = block(block(x, f"{layer}.0", stride), f"{layer}.1", 1)
    if network.columns:
        cells = op.gather(op.shape_of(x), op.constant([2, 3]), op.constant(0))
        x = op.concat([column(maps[layer], layer, cells) for layer in network.columns], 1)
    return ov.Model([op.result(x, name="features")], [crops], "face")

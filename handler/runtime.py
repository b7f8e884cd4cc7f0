"""Crops -> logits and the last feature map. The seam behind which the numerical library can change."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from handler.face_model import FaceModel


@dataclass(frozen=True)
class Inference:
    """What the network says of a batch of n crops.

    Attributes:
        features: float32 `[n, 512, h, w]`, the output of layer4.
        logits: float32 `[n, 2]`, ordered real, ai.
    """

    features: np.ndarray
    logits: np.ndarray


class TorchRuntime:
    """The network on torch: channels_last, in inference mode.

    Args:
        weights: a safetensors file of `FaceModel`'s state dict.
        mean, std: the normalisation, by channel, of pixels scaled to 0..1.
        device: a torch device name.

    Raises:
        RuntimeError: the file's tensors are not those of `FaceModel`.
    """

    name = "torch"

    def __init__(self, weights: Path, *, mean: list[float], std: list[float], device: str = "cpu"):
        self.device = torch.device(device)
        model = FaceModel()
        model.load_state_dict(load_file(weights))
        self.model = model.eval().to(self.device, memory_format=torch.channels_last)
        # (x / 255 - mean) / std = x * scale + shift
        self.scale = (1 / (255 * torch.tensor(std))).view(1, 3, 1, 1).to(self.device)
        self.shift = (-torch.tensor(mean) / torch.tensor(std)).view(1, 3, 1, 1).to(self.device)
        self.head_weight = model.backbone.fc.weight.detach().cpu().numpy()
        self.head_bias = model.backbone.fc.bias.detach().cpu().numpy()

    @torch.inference_mode()
    def infer(self, crops: np.ndarray) -> Inference:
        """Runs the network once over a batch of crops, uint8 `[n, size, size, 3]`."""
        # NHWC seen as NCHW is channels_last already: no copy
        pixels = torch.from_numpy(np.ascontiguousarray(crops)).to(self.device).permute(0, 3, 1, 2)
        features = self.model.features(pixels * self.scale + self.shift)
        logits = self.model.head(features)
        return Inference(features=features.float().cpu().numpy(), logits=logits.float().cpu().numpy())

"""The network on torch: for GPUs, for training's own figures, and wherever OpenVINO is not."""

import numpy as np
import torch

from handler.face_model import FaceModel


class TorchNetwork:
    """Crops -> the last feature map, channels_last: fp32 on a CPU, bf16 (fp16 where that is not to be had) on a GPU.

    Args:
        weights: `FaceModel`'s state dict.
        mean, std: the normalisation, by channel, of pixels scaled to 0..1.
        device: a torch device name.

    Raises:
        RuntimeError: the tensors are not those of `FaceModel`.
    """

    def __init__(self, weights: dict[str, np.ndarray], *, mean: list[float], std: list[float], device: str = "cpu"):
        self.device = torch.device(device)
        model = FaceModel.of(weights)
        model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        self.model = model.eval().to(self.device, memory_format=torch.channels_last)
        # (x / 255 - mean) / std = x * scale + shift
        self.scale = (1 / (255 * torch.tensor(std))).view(1, 3, 1, 1).to(self.device)
        self.shift = (-torch.tensor(mean) / torch.tensor(std)).view(1, 3, 1, 1).to(self.device)
        self.dtype = torch.float32
        if self.device.type == "cuda":
            self.dtype = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        self.precision = {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}[self.dtype]

    @torch.inference_mode()
    def __call__(self, crops: np.ndarray) -> np.ndarray:
        """uint8 `[n, size, size, 3]` -> float32 `[n, channels, h, w]`."""
        # NHWC seen as NCHW is channels_last already: no copy
        pixels = torch.from_numpy(crops).to(self.device).permute(0, 3, 1, 2)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            features = self.model.features(pixels * self.scale + self.shift)
        return features.float().cpu().numpy()

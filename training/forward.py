"""The pass that training makes: crops normalised, and in bf16 where that is wanted."""

from collections.abc import Callable

import torch
from torch import Tensor


class Forward:
    """Crops through a network.

    Args:
        mean, std: by channel, of pixels in 0..1.
        precision: fp32, bf16, or auto: bf16 where the hardware has it.
    """

    def __init__(self, mean: list[float], std: list[float], precision: str, device: torch.device):
        self.device = device
        self.scale = 1 / (255 * torch.tensor(std, device=device)).view(1, 3, 1, 1)
        self.shift = -(torch.tensor(mean) / torch.tensor(std)).view(1, 3, 1, 1).to(device)
        self.bf16 = precision == "bf16" or (precision == "auto" and has_bf16(device))

    def __call__(self, network: Callable[[Tensor], Tensor], crops: Tensor) -> Tensor:
        """What `network` makes of crops `[n, 3, h, w]` of pixels in 0..255, as float32."""
        crops = crops.to(self.device, memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            return network(crops * self.scale + self.shift).float()


def has_bf16(device: torch.device) -> bool:
    """Whether bf16 arithmetic is in hardware; emulated, it is ten times slower than fp32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()

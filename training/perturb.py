"""What happens to photos on their way to a user: blur, reduction, compression.

Calibration draws them at random, because temperatures and thresholds fitted on pristine crops are optimistic under shift
(Ovadia et al. 2019, arXiv 1906.02530); the robustness grid asks for each one.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from training.augment import encoded


@dataclass(frozen=True)
class Perturbation:
    """One way in which a crop suffers; the steps follow each other as they do in life.

    Attributes:
        blur: radius of a Gaussian blur, in pixels of the crop; 0 is none.
        scale: side of the reduced copy over that of the crop; 1 is none.
        quality: of a JPEG round trip at the reduced side; None is none.
    """

    blur: float = 0.0
    scale: float = 1.0
    quality: int | None = None

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """A crop, uint8 `[size, size, 3]`, perturbed and back at its own size."""
        image = Image.fromarray(pixels)
        size = image.width
        if self.blur:
            image = image.filter(ImageFilter.GaussianBlur(self.blur))
        if self.scale < 1:
            side = max(1, round(size * self.scale))
            image = image.resize((side, side), Image.Resampling.BICUBIC)
        if self.quality:
            image = encoded(image, self.quality)
        if image.width != size:
            image = image.resize((size, size), Image.Resampling.BICUBIC)
        return np.asarray(image)


@dataclass(frozen=True)
class PerturbationRange:
    """What random perturbations are drawn from; each step happens with the same `probability`, independently.

    Attributes:
        blur: the largest radius, in pixels.
        scale: the smallest scale.
        quality: lowest and highest JPEG quality.
    """

    probability: float
    blur: float
    scale: float
    quality: tuple[int, int]

    def draw(self, *seed: int) -> Perturbation:
        """The perturbation that belongs to a seed, on every machine."""
        random = np.random.default_rng(seed)
        happens = random.random(3) < self.probability
        low, high = self.quality
        blur, scale, quality = random.uniform(0, self.blur), random.uniform(self.scale, 1), int(random.integers(low, high + 1))
        return Perturbation(
            blur=blur if happens[0] else 0.0, scale=scale if happens[1] else 1.0, quality=quality if happens[2] else None
        )

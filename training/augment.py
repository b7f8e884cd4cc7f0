"""What a training crop goes through, the same for both classes.

Neither blur, resolution nor compression may tell the class: real sources are on average smaller and softer than generated
ones, so every crop, whatever its label, is put through the same random re-scaling and re-encoding (Wang et al. 2020, arXiv
1912.11035, for the compression; Grommelt et al. 2024, arXiv 2403.17608, for what size and JPEG bias are worth).
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

LUMA = np.array([0.299, 0.587, 0.114])  # of ITU-R 601-2, as JPEG and Pillow weigh a grey
FILTERS = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)


@dataclass(frozen=True)
class Augmentation:
    """Strengths of the augmentation; each `*_probability` is independent of the others.

    Attributes:
        patch: side, in pixels, of the random patch that is cut from the crop without resampling. The network is fully
            convolutional, so patches teach it at the crop's own scale for a fraction of the work.
        rescale_probability, min_side: reduction of the crop to a side drawn log-uniformly from [min_side, its own], and back.
        jpeg_probability, jpeg_quality: re-encoding, at the reduced side, at a quality drawn uniformly from [low, high].
        blur_probability, blur_radius: Gaussian blur of a radius up to `blur_radius` pixels.
        colour: brightness, contrast and saturation are each scaled by up to this share up or down.
        grey_probability: the colours are dropped; old portraits are grey, and real.
    """

    patch: int
    rescale_probability: float
    min_side: int
    jpeg_probability: float
    jpeg_quality: tuple[int, int]
    blur_probability: float
    blur_radius: float
    colour: float
    grey_probability: float

    def __call__(self, pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A new view of a crop: uint8 `[size, size, 3]` -> uint8 `[patch, patch, 3]`."""
        image = Image.fromarray(pixels)
        if random.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        image = self._colour(image, random)
        size = image.width
        if random.random() < self.blur_probability:
            image = image.filter(ImageFilter.GaussianBlur(random.uniform(0, self.blur_radius)))
        if random.random() < self.rescale_probability:
            side = round(float(np.exp(random.uniform(np.log(self.min_side), np.log(size)))))
            image = image.resize((side, side), FILTERS[random.integers(len(FILTERS))])
        if random.random() < self.jpeg_probability:
            image = encoded(image, int(random.integers(self.jpeg_quality[0], self.jpeg_quality[1] + 1)))
        if image.width != size:
            image = image.resize((size, size), Image.Resampling.BICUBIC)
        left, top = random.integers(size - self.patch + 1, size=2)
        return np.asarray(image)[top : top + self.patch, left : left + self.patch]

    def _colour(self, image: Image.Image, random: np.random.Generator) -> Image.Image:
        """Brightness, contrast about mid-grey, and saturation, each scaled at random: one matrix, one pass over the pixels."""
        brightness, contrast, saturation = 1 + random.uniform(-self.colour, self.colour, 3)
        if random.random() < self.grey_probability:
            saturation = 0.0
        matrix = brightness * contrast * (saturation * np.eye(3) + (1 - saturation) * LUMA)
        offset = np.full((3, 1), 127.5 * (1 - contrast))
        return image.convert("RGB", tuple(np.hstack([matrix, offset]).ravel()))


def encoded(image: Image.Image, quality: int) -> Image.Image:
    """The image after a JPEG round trip."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")

"""Faces made of two, so that evidence has to come from the part that was generated, and the heat map points at it.

A network that is shown whole faces may go by what all of a generator's pictures share: light, colour, pose. Here a part of one
face is pasted on another, at the same place, so that eyes come to lie on eyes: an AI part on a photograph is `ai`, a part of
another photograph is `real`. (CutMix, Yun et al. 2019, arXiv 1905.04899, mixes the labels by area; here a picture is AI-made
as soon as a part of it is. Pasted reals keep the seam from telling the class: Li et al. 2020, "Face X-ray", arXiv 1912.13458,
look for just that.)
"""

import numpy as np

SIDES = (0.35, 0.75)  # of the part, over the side of the crop
SOFT_EDGE = (0.02, 0.3)  # width of the seam, over half the side of the part
CONTRAST = (0.5, 2.0)  # by which a part's contrast may be changed


class Composer:
    """Makes a composite of a training crop, for a share of them. The crop's own label stays right:

    - a real crop receives a part of another real;
    - an AI crop gives a part to a real one, or receives a part of either class; half of the time each.

    Args:
        share: of the crops that become composites.
        targets: of all crops, 0 real, 1 ai, `[n]`.
        weights: by which a partner is drawn within its class, `[n]`; those of the sampler.
    """

    def __init__(self, share: float, targets: np.ndarray, weights: np.ndarray):
        self.share, self.targets = share, targets
        self.reached = [np.cumsum(np.where(targets == target, weights, 0)) for target in (0, 1)]

    def __call__(self, crops: np.ndarray, number: int, random: np.random.Generator) -> np.ndarray:
        """The crop `number` of `crops`, uint8 `[n, size, size, 3]`, or a composite of it: uint8 `[size, size, 3]`."""
        crop = crops[number]
        if random.random() >= self.share:
            return crop
        if self.targets[number] == 0:
            return composite(crop, self._partner(crops, 0, random), random)
        if random.random() < 0.5:
            return composite(self._partner(crops, 0, random), crop, random)
        return composite(crop, self._partner(crops, int(random.integers(2)), random), random)

    def _partner(self, crops: np.ndarray, target: int, random: np.random.Generator) -> np.ndarray:
        reached = self.reached[target]
        number = np.searchsorted(reached, random.random() * reached[-1], side="right")
        crop = crops[min(number, len(crops) - 1)]
        return crop[:, ::-1] if random.random() < 0.5 else crop


def composite(base: np.ndarray, donor: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """`base` with a soft-edged ellipse or rectangle of `donor` at the same place; half of the time in the colours of what it
    covers. All uint8 `[size, size, 3]`."""
    share = patch(len(base), random)
    below, above = base.astype(np.float32), donor.astype(np.float32)
    if random.random() < 0.5:
        above = recoloured(above, below, share)
    return (share * above + (1 - share) * below).clip(0, 255).round().astype(np.uint8)


def patch(size: int, random: np.random.Generator) -> np.ndarray:
    """How much of each pixel the donor gives, float32 `[size, size, 1]`, 1 in the middle of the part and 0 outside it."""
    sides = (size * random.uniform(*SIDES, 2)).round().astype(int)
    corner = random.integers(size - sides + 1)
    # -1..1 from edge to edge of the part
    row, column = ((np.arange(size) - start + 0.5) / side * 2 - 1 for start, side in zip(corner, sides, strict=True))
    distance = np.hypot(row[:, None], column) if random.random() < 0.5 else np.maximum(np.abs(row)[:, None], np.abs(column))
    return np.clip((1 - distance) / random.uniform(*SOFT_EDGE), 0, 1).astype(np.float32)[..., None]


def recoloured(pixels: np.ndarray, like: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`pixels` with the mean and, within `CONTRAST`, the spread of each channel of `like`, both over the part that `share`
    marks (Reinhard et al. 2001, "Color transfer between images", in RGB)."""

    def statistics(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = (image * share).sum((0, 1)) / share.sum()
        return mean, np.sqrt(((image - mean) ** 2 * share).sum((0, 1)) / share.sum()) + 1

    (mean, spread), (wanted, wanted_spread) = statistics(pixels), statistics(like)
    return (pixels - mean) * np.clip(wanted_spread / spread, *CONTRAST) + wanted

"""What drift is measured by: a few numbers of each image, each in bins that are few and known beforehand."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import numpy as np

from handler.job import Job

STANDARD_LUMINANCE = 3688  # sum of the 64 steps of JPEG's own luminance table (ITU T.81, table K.1), which is quality 50
SAMPLED = 4  # every fourth pixel of every fourth row is enough to tell how bright a face is, in a sixteenth of the time
PSEUDOCOUNT = 0.5  # images in each bin before the first one; without it the logarithm of an empty bin's share would be infinite


def brightness(job: Job) -> float | None:
    """Mean of the channels of the face as the model sees it, 0..1."""
    return None if job.crop is None else float(job.crop.pixels[::SAMPLED, ::SAMPLED].mean()) / 255


def jpeg_quality(job: Job) -> float | None:
    """The quality that the JPEG was saved with, 1..100 on the scale of the IJG's library, from the coarseness of its table."""
    if job.photo is None or not job.photo.quantisation:
        return None
    scale = 100 * sum(job.photo.quantisation) / STANDARD_LUMINANCE
    return (200 - scale) / 2 if scale <= 100 else 5000 / scale


def evidence(job: Job) -> dict[str, float]:
    """Where the strength of a heat map lies: its centroid x, y in shares of the crop's side, and its spread around it.

    Strength is the evidence without its sign. The spread is the root of the mean squared distance; an even map has 0.4.
    """
    if job.evidence is None or not (strength := np.abs(job.evidence)).any():
        return {}
    strength = strength / strength.sum()
    height, width = strength.shape
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    across, down = strength.sum(axis=0), strength.sum(axis=1)
    centre_x, centre_y = float(across @ x), float(down @ y)
    spread = float(across @ (x - centre_x) ** 2 + down @ (y - centre_y) ** 2) ** 0.5
    return {"evidence_x": centre_x, "evidence_y": centre_y, "evidence_spread": spread}


SIMPLE: dict[str, Callable[[Job], float | None]] = {
    "score_ai": lambda job: job.score_ai,
    "face_size": lambda job: job.face and job.face.size,
    "brightness": brightness,
    "jpeg_quality": jpeg_quality,
}
TENTHS = [step / 10 for step in range(11)]
# edges of the bins where the release has no reference histogram of a feature
EDGES: dict[str, list[float]] = {
    "score_ai": [step / 20 for step in range(21)],
    "face_size": [0, 32, 56, 80, 112, 160, 224, 320, 448, 640, 1024, 2048, 4096],  # pixels
    "brightness": TENTHS,
    "jpeg_quality": [0, 30, 50, 60, 70, 80, 85, 90, 95, 100],
    "evidence_x": TENTHS,
    "evidence_y": TENTHS,
    "evidence_spread": [0, 0.1, 0.2, 0.25, 0.3, 0.33, 0.36, 0.38, 0.4, 0.42, 0.45, 0.5, 0.71],
}


def values(job: Job) -> dict[str, float]:
    """The features of an image, as far as it has them: no face, no brightness; no JPEG, no quality."""
    found = {name: value for name, measure in SIMPLE.items() if (value := measure(job)) is not None}
    return found | evidence(job)


class Bins:
    """The bins of one feature, and the share of each in the release's reference, if it has one.

    Args:
        reference: `{"edges": n + 1 ascending numbers, "counts": n}`, as in serving.json, or None.
    """

    def __init__(self, feature: str, reference: dict[str, Any] | None):
        self.edges = reference["edges"] if reference else EDGES[feature]
        self.names = [f"{edge:g}" for edge in self.edges[1:]]
        self.shares: dict[str, float] = {}
        if reference and (total := sum(reference["counts"])):
            whole = total + PSEUDOCOUNT * len(self.names)
            shares = [(count + PSEUDOCOUNT) / whole for count in reference["counts"]]
            self.shares = dict(zip(self.names, shares, strict=True))

    def name(self, value: float) -> str:
        """The upper edge of the bin that a value falls in; the first and the last bin take what lies beyond them.

        A bin holds its lower edge and not its upper one, but for the last, as numpy.histogram has it.
        """
        number = bisect_right(self.edges, value) - 1
        return self.names[min(max(number, 0), len(self.names) - 1)]

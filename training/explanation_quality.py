"""Whether heat maps say what the model goes by, beside maps that know nothing of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFilter
from scipy.stats import spearmanr

from handler.calibration import Calibration
from handler.gradcam import LAYER, METHOD
from training import bootstrap
from training.bootstrap import Interval
from training.scorer import Scorer

STEPS = 8  # parts in which a face is hidden or shown
BLUR = 1 / 16  # radius of what stands for `hidden`, over the side of the crop
PATCH = 1 / 2  # side of a pasted patch over that of the crop
FEATHER = 0.04  # width of its soft edge, over the side of the crop
PASTES = 3  # patches in each real face
NETWORKS = 5  # with shuffled weights


@dataclass(frozen=True)
class Faces:
    """Crops uint8 `[n, size, size, 3]` that the model decides rightly, and their targets `[n]`, 0 real, 1 ai."""

    crops: np.ndarray
    targets: np.ndarray

    @property
    def size(self) -> int:
        return self.crops.shape[1]


def explanation_quality(scorer: Scorer, shuffled: list[Scorer], faces: Faces, calibration: Calibration) -> dict[str, Any]:
    """Figures with intervals over faces; all maps are those that the service answers with.

    Args:
        shuffled: the same network with the weights of each layer in random order (see `shuffle_weights`).

    Returns:
        insertion_deletion: see `insertion_deletion`; pointing: see `pointing`; randomised: see `rank_agreement`.
    """
    maps = scorer.score(faces.crops, len(faces.crops), "maps").maps
    return {
        "method": METHOD,
        "steps": STEPS,
        "layer": LAYER,
        "faces": {label: int((faces.targets == target).sum()) for target, label in enumerate(("real", "ai"))},
        "insertion_deletion": insertion_deletion(scorer, faces, maps, calibration),
        "pointing": pointing(scorer, faces),
        "randomised": rank_agreement(maps, [one.score(faces.crops, len(maps), "shuffled weights").maps for one in shuffled]),
    }


def insertion_deletion(scorer: Scorer, faces: Faces, maps: np.ndarray, calibration: Calibration) -> dict[str, Interval]:
    """Insertion minus deletion: the mean score of the decided class while its evidence is shown first, less the one while it is
    hidden first (Petsiuk et al. 2018, arXiv 1806.07421).

    It departs from the paper in that hidden means blurred both ways, and that the score is the calibrated one, the logistic
    function of the margin, in 0..1.

    Returns:
        `{"grad_cam", "random", "centre"}`, the last two of maps of noise and of nearness to the centre; `above_random`, paired;
        `grad_cam_ai`, `grad_cam_real`: by class. Random is 0 but for chance.
    """
    random = np.random.default_rng(0)
    cells, sign = maps.shape[1:], np.where(faces.targets == 1, 1, -1)
    line = [np.linspace(-1, 1, side) for side in cells]
    orders = {
        "grad_cam": maps * sign[:, None, None],
        "random": random.random(maps.shape),
        "centre": np.broadcast_to(-(line[0][:, None] ** 2 + line[1] ** 2), maps.shape),
    }
    hidden = np.stack([blurred(crop) for crop in faces.crops])

    def decided(crops: np.ndarray, what: str) -> np.ndarray:
        scores = calibration.score_ai(scorer.score(crops, len(crops), what).logits)
        return np.where(faces.targets == 1, scores, 1 - scores)

    ends = decided(faces.crops, "whole"), decided(hidden, "hidden")
    found = {}
    for name, saliency in orders.items():
        ranks = np.stack([rank(enlarged(one, faces.size)) for one in saliency])
        shown, left = [ends[1]], [ends[0]]
        for step in range(1, STEPS):
            first = (ranks < step / STEPS)[..., None]
            shown.append(decided(np.where(first, faces.crops, hidden), f"{name}, shown {step}/{STEPS}"))
            left.append(decided(np.where(first, hidden, faces.crops), f"{name}, hidden {step}/{STEPS}"))
        found[name] = (np.trapezoid([*shown, ends[0]], axis=0) - np.trapezoid([*left, ends[1]], axis=0)) / STEPS
    return {
        **{name: bootstrap.mean(values) for name, values in found.items()},
        "above_random": bootstrap.mean(found["grad_cam"] - found["random"]),
        **{
            f"grad_cam_{label}": bootstrap.mean(found["grad_cam"][faces.targets == target])
            for target, label in enumerate(("real", "ai"))
            if (faces.targets == target).any()
        },
    }


def pointing(scorer: Scorer, faces: Faces) -> dict[str, Any]:
    """The pointing game (Zhang et al. 2016, arXiv 1608.00507): is the strongest evidence for ai where a patch of an AI face was
    pasted into a real one?

    The patch is the same area of the crop, so that eyes come to lie on eyes, at a random place. A hit is a maximum in the patch
    or within half a cell of the map around it.

    Returns:
        `{"hits", "random", "patches"}`: the share of hits, and that of a maximum anywhere; zero patches without both classes.
    """
    random = np.random.default_rng(0)
    ai, real = (np.flatnonzero(faces.targets == target) for target in (1, 0))
    count = min(len(ai), len(real)) * PASTES
    if not count:
        return {"hits": None, "random": None, "patches": 0}
    size = faces.size
    side = round(size * PATCH)
    corners = random.integers(0, size - side + 1, (count, 2))
    pairs = zip(random.choice(real, count), random.choice(ai, count), corners, strict=True)
    pasted = np.stack([paste(faces.crops[into], faces.crops[of], corner, side) for into, of, corner in pairs])
    maps = scorer.score(pasted, count, "pasted patches").maps
    tolerance = size / maps.shape[1] / 2
    peaks = np.array([np.unravel_index(np.argmax(large), large.shape) for large in (enlarged(one, size) for one in maps)])
    anywhere = random.integers(0, size, peaks.shape)

    def hits(points: np.ndarray) -> int:
        return int(((points >= corners - tolerance) & (points < corners + side + tolerance)).all(axis=1).sum())

    return {
        "hits": bootstrap.proportion(hits(peaks), count),
        "random": bootstrap.proportion(hits(anywhere), count),
        "patches": count,
    }


def paste(into: np.ndarray, of: np.ndarray, corner: np.ndarray, side: int) -> np.ndarray:
    """`into` with the square of `of` at `corner` (row, column), its edge softened."""
    place = np.arange(len(into))
    width = max(1, round(FEATHER * len(into)))
    row, column = (np.clip(np.minimum(place - start + 1, start + side - place) / width, 0, 1) for start in corner)
    share = np.outer(row, column)[..., None]
    return (share * of + (1 - share) * into).round().astype(np.uint8)


def rank_agreement(maps: np.ndarray, randomised: list[np.ndarray]) -> Interval:
    """Spearman's correlation of each map with those of networks that have learnt nothing (Adebayo et al. 2018,
    arXiv 1810.03292), averaged: near 0 where maps show what was learnt, and not what any network makes of a picture."""
    each = [
        [float(np.nan_to_num(spearmanr(one.ravel(), other.ravel()).statistic)) for one, other in zip(maps, others, strict=True)]
        for others in randomised
    ]
    return bootstrap.mean(np.mean(each, axis=0))


def shuffle_weights(scorer: Scorer, seed: int) -> Scorer:
    """Puts the weights of each tensor of a scorer's own torch network into random order, in place: their scale stays."""
    random = np.random.default_rng(seed)
    for parameter in scorer.runtime.features.model.parameters():
        flat = parameter.data.flatten()
        parameter.data.copy_(flat[random.permutation(len(flat))].view_as(parameter))
    scorer.runtime.head_weight = random.permuted(scorer.runtime.head_weight.ravel()).reshape(scorer.runtime.head_weight.shape)
    return scorer


def blurred(crop: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(crop).filter(ImageFilter.GaussianBlur(BLUR * len(crop))))


def enlarged(cells: np.ndarray, size: int) -> np.ndarray:
    """A map at the size of the crop, float32 `[size, size]`, as the service paints it."""
    return np.asarray(Image.fromarray(cells.astype(np.float32)).resize((size, size), Image.Resampling.BICUBIC))


def rank(values: np.ndarray) -> np.ndarray:
    """The place of each pixel, in shares of all, with the largest value first."""
    order = np.argsort(-values, axis=None, kind="stable")
    places = np.empty(values.size)
    places[order] = np.arange(values.size) / values.size
    return places.reshape(values.shape)

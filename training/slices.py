"""Whether the model fares alike on all people, as far as crops can tell: by apparent skin tone, and by what photos differ in.

No source states anyone's age, sex or skin colour. What a photo shows of the skin is its apparent tone: light, camera and
processing shift it, in generated faces it is nobody's, and it is not a group that a person belongs to.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from handler.calibration import Calibration
from training.bootstrap import intervals
from training.manifest import LABELS, Row, read_crop
from training.metrics import figures

ENOUGH = 20  # faces of a class; below, a figure would be noise
MIDDLE = slice(0.25, 0.75)  # of the crop's sides: cheeks, nose and forehead, little hair and background
MIN_SKIN = 0.1  # share of the middle that must look like skin
GREY = 4.0  # mean chroma in CIELAB below which a picture has no colour
# degrees of the individual typology angle (Chardon et al. 1991): their six classes, two and two
LIGHT, DARK = 41.0, 10.0
FIGURES = ("auc", "balanced_accuracy", "ai_called_ai", "real_called_ai")
SIZES = (112, 180)  # px: longer side of the face box in the photo
SIZE_BANDS = (f"below {SIZES[0]} px", f"{SIZES[0]} to {SIZES[1] - 1} px", f"from {SIZES[1]} px")
TONES = ("light", "medium", "dark", "grey picture", "not told")


def slices(data: Path, rows: list[Row], scores: np.ndarray, calibration: Calibration) -> dict[str, dict[str, Any]]:
    """Figures of each slice of a split, against the other class of the same slice.

    Args:
        scores: the calibrated score of ai, `[n]`.

    Returns:
        `{"skin": {band: {"faces": {label: n}, "figures": {...} or None}}, "size": {...}}`; no figures where a class has fewer
        than `ENOUGH` faces.
    """
    tones = np.array([skin_tone(read_crop(data, row)) for row in rows])
    sizes = np.array([size_band(row.face_size) for row in rows])
    targets = np.array([row.target for row in rows])
    return {
        name: {band: measured(targets, scores, bands == band, calibration) for band in order if band in bands}
        for name, bands, order in (
            ("skin", tones, TONES),
            ("size", sizes, SIZE_BANDS),
        )
    }


def measured(targets: np.ndarray, scores: np.ndarray, chosen: np.ndarray, calibration: Calibration) -> dict[str, Any]:
    counts = np.bincount(targets[chosen], minlength=len(LABELS))
    found = None
    if counts.min() >= ENOUGH:
        found = intervals(
            lambda *given: {name: value for name, value in figures(*given, calibration).items() if name in FIGURES},
            targets[chosen],
            scores[chosen],
            np.ones(chosen.sum()),
        )
    return {"faces": dict(zip(LABELS, counts.tolist(), strict=True)), "figures": found}


def skin_tone(pixels: np.ndarray) -> str:
    """light, medium or dark by the individual typology angle of the skin; `grey picture`, or `not told` without enough skin.

    Args:
        pixels: a crop, uint8 `[size, size, 3]`.
    """
    size = len(pixels)
    middle = slice(int(MIDDLE.start * size), int(MIDDLE.stop * size))
    patch = pixels[middle, middle]
    lab = cielab(patch)
    if np.hypot(lab[..., 1], lab[..., 2]).mean() < GREY:
        return "grey picture"
    _, cb, cr = np.moveaxis(np.asarray(Image.fromarray(patch).convert("YCbCr")), -1, 0)
    skin = (cb >= 77) & (cb <= 127) & (cr >= 133) & (cr <= 173)  # Chai and Ngan 1999, for skin of any colour
    if skin.mean() < MIN_SKIN:
        return "not told"
    angle = typology_angle(np.median(lab[skin], axis=0))
    return "light" if angle > LIGHT else "medium" if angle > DARK else "dark"


def typology_angle(lab: np.ndarray) -> float:
    """arctan((L - 50) / b) in degrees, of one CIELAB colour: 90 is the lightest skin, -90 the darkest."""
    return float(np.degrees(np.arctan2(lab[0] - 50, max(lab[2], 1e-6))))


def cielab(pixels: np.ndarray) -> np.ndarray:
    """CIELAB under D65 of sRGB pixels: uint8 `[..., 3]` -> float64 `[..., 3]` (IEC 61966-2-1, then CIE 15)."""
    encoded = pixels / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = linear @ to_xyz.T / to_xyz.sum(axis=1)  # of white
    x, y, z = np.moveaxis(np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def size_band(face_size: int) -> str:
    return SIZE_BANDS[sum(face_size >= size for size in SIZES)]

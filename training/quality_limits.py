"""The limits of the quality gate, measured: the blur and the compression at which the model stops knowing."""

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from handler.calibration import Calibration
from handler.quality import sharpness
from training.manifest import Row
from training.perturb import Perturbation
from training.scorer import Scorer

BLURS = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)  # px of the crop, from mild to strong
QUALITIES = (95, 50, 30, 20, 15, 10, 5)
ENOUGH = 0.8  # balanced accuracy below which a face counts as undecidable


def measure_limits(scorer: Scorer, data: Path, rows: list[Row], calibration: Calibration) -> dict[str, Any]:
    """Balanced accuracy (at 0.5) on two ladders, and the rungs where it falls below `ENOUGH`.

    Returns:
        limits: `min_sharpness` and `max_jpeg_step` as `handler.release.QualitySettings` has them; None where the accuracy does
            not fall below, or is there from the first rung on, so that the ladder says nothing.
        blur, jpeg: the ladders: `{"strength", "measure", "balanced_accuracy"}` a rung, where `measure` is the median sharpness
            of the faces blurred so, or the mean step of JPEG's table at that quality.
    """
    targets = np.array([row.target for row in rows])

    def rung(name: str, strength: float, perturbation: Perturbation, measure: Callable[[list[np.ndarray]], float]) -> dict:
        seen = []

        def change(pixels: np.ndarray, _: int) -> np.ndarray:
            seen.append(perturbation(pixels))
            return seen[-1]

        scores = calibration.score_ai(scorer.score_rows(data, rows, f"{name} {strength:g}", change).logits)
        accuracy = ((scores[targets == 1] >= 0.5).mean() + (scores[targets == 0] < 0.5).mean()) / 2
        return {"strength": strength, "measure": measure(seen), "balanced_accuracy": float(accuracy)}

    blur = [
        rung("blur", radius, Perturbation(blur=radius), lambda crops: float(np.median([sharpness(crop) for crop in crops])))
        for radius in BLURS
    ]
    jpeg = [
        rung("JPEG", quality, Perturbation(quality=quality), lambda _, quality=quality: table_step(quality))
        for quality in QUALITIES
    ]
    return {"limits": {"min_sharpness": crossing(blur), "max_jpeg_step": crossing(jpeg)}, "blur": blur, "jpeg": jpeg}


def crossing(ladder: list[dict[str, float]]) -> float | None:
    """The measure at which the accuracy first falls below `ENOUGH`, between two rungs in proportion of its logarithm.

    Args:
        ladder: from mild to strong, with measures > 0.
    """
    for mild, strong in pairwise(ladder):
        if strong["balanced_accuracy"] < ENOUGH <= mild["balanced_accuracy"]:
            part = (mild["balanced_accuracy"] - ENOUGH) / (mild["balanced_accuracy"] - strong["balanced_accuracy"])
            start, end = np.log([mild["measure"], strong["measure"]])
            return float(np.exp(start + part * (end - start)))
    return None


def table_step(quality: int) -> float:
    """Mean step of the luminance table that Pillow writes at a quality."""
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "JPEG", quality=quality)
    return float(np.mean(Image.open(file).quantization[0]))

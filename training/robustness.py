"""How much accuracy is left when faces are compressed, reduced and blurred: a grid of fixed perturbations."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from handler.calibration import Calibration
from training.bootstrap import intervals
from training.manifest import Row
from training.metrics import figures
from training.perturb import Perturbation
from training.scorer import Scorer

QUALITIES = (95, 75, 50)  # what lies below, the quality gate's own ladder measures (see `quality_limits.py`)
SCALES = (1.0, 0.5)
BLURS = (0.0, 1.0)  # px of the crop


def robustness(scorer: Scorer, data: Path, rows: list[Row], calibration: Calibration, faces: int) -> dict[str, Any]:
    """Balanced accuracy (at 0.5) and AUC of every combination, on the same faces.

    Args:
        rows: a split with both classes.
        faces: at most so many of its faces are used, evenly from all sources.

    Returns:
        `{"faces": {label: n}, "cells": [{"quality", "scale", "blur", "balanced_accuracy": {...}, "auc": {...}}],
        "worst": {...}}`; `worst` is the cell with the least balanced accuracy.
    """
    used = thinned(rows, faces)
    targets = np.array([row.target for row in used])

    def ranking_and_decision(*given: np.ndarray) -> dict[str, float]:
        found = figures(*given, calibration)
        return {name: found[name] for name in ("balanced_accuracy", "auc")}

    cells = []
    for blur, scale, quality in product(BLURS, SCALES, QUALITIES):
        perturbation = Perturbation(blur=blur, scale=scale, quality=quality)
        name = f"JPEG {quality}, scale {scale:g}, blur {blur:g}"
        scored = scorer.score_rows(data, used, name, lambda pixels, _, perturb=perturbation: perturb(pixels))
        found = intervals(ranking_and_decision, targets, calibration.score_ai(scored.logits), np.ones(len(used)))
        cells.append({"quality": quality, "scale": scale, "blur": blur, **found})
    return {
        "faces": {label: sum(row.label == label for row in used) for label in ("real", "ai")},
        "cells": cells,
        "worst": min(cells, key=lambda cell: cell["balanced_accuracy"]["value"]),
    }


def thinned(rows: list[Row], faces: int) -> list[Row]:
    """At most `faces` rows at even distances, in the order of label and source, so that each source keeps its share."""
    ordered = sorted(rows, key=lambda row: (row.label, row.source, row.id))
    return [ordered[index] for index in np.linspace(0, len(ordered) - 1, min(faces, len(ordered))).round().astype(int)]

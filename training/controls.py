"""Controls: what would betray that the data, and not the faces, tell the classes apart."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from handler.calibration import Calibration
from training.bootstrap import intervals
from training.manifest import Row, read_crop
from training.perturb import Perturbation
from training.scorer import Scorer

REENCODED = Perturbation(quality=84)
FOLDS = 5


def controls(scorer: Scorer, data: Path, rows: list[Row], scores: np.ndarray, calibration: Calibration) -> dict[str, Any]:
    """AUCs, with intervals, that should stay near 0.5.

    Args:
        rows, scores: a split with both classes, and the calibrated score of ai, `[n]`, of each of its faces.

    Returns:
        reencoded_reals: the detector, asked to tell the split's reals from the same reals as JPEG of quality 84. Away from 0.5,
            it reads the compression.
        files: a random forest that knows of each photo only width, height, bytes and face size. Away from 0.5, files tell the
            classes apart before any pixel is looked at.
        crops: the same of the one thing that is left of it after preprocessing: the size of the crop as JPEG.
    """
    real = [index for index, row in enumerate(rows) if row.label == "real"]
    again = scorer.score_rows(data, [rows[index] for index in real], "re-encoded reals", lambda pixels, _: REENCODED(pixels))
    both = np.concatenate([scores[real], calibration.score_ai(again.logits)])
    targets = np.array([row.target for row in rows])
    files = np.array([[row.width, row.height, row.bytes, row.face_size] for row in rows], float)
    crops = np.array([[jpeg_bytes(read_crop(data, row))] for row in rows], float)
    return {
        "reencoded_reals": auc(np.repeat([0, 1], len(real)), both, units=np.tile(np.arange(len(real)), 2)),
        "files": auc(targets, forest(files, targets)),
        "crops": auc(targets, forest(crops, targets)),
    }


def auc(targets: np.ndarray, scores: np.ndarray, units: np.ndarray | None = None) -> dict[str, float]:
    def function(targets, scores, weights):
        return {"auc": roc_auc_score(targets, scores, sample_weight=weights)}

    return intervals(function, targets, scores, np.ones(len(targets)), units=units)["auc"]


def forest(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Out-of-fold scores `[n]` of a random forest on `features` `[n, k]`."""
    model = RandomForestClassifier(100, min_samples_leaf=5, class_weight="balanced", random_state=0)
    folds = StratifiedKFold(min(FOLDS, int(np.bincount(targets).min())), shuffle=True, random_state=0)
    return cross_val_predict(model, features, targets, cv=folds, method="predict_proba")[:, 1]


def jpeg_bytes(pixels: np.ndarray) -> int:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.tell()

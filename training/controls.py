"""Controls: what would betray that the data, and not the faces, tell the classes apart."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from handler.calibration import Calibration
from training.bootstrap import Interval, interval, intervals
from training.manifest import Row, read_crop
from training.metrics import ranking
from training.scorer import Scored, Scorer

QUALITY = 75  # of the formats that are swapped: what the web's pictures have
REENCODED = {"JPEG": 84, "WEBP": QUALITY}
FOLDS = 5
SHUFFLES = 20  # of the labels
RIDGE = 1.0


def controls(
    scorer: Scorer, data: Path, rows: list[Row], scored: Scored, calibration: Calibration
) -> dict[str, dict[str, Interval]]:
    """AUCs that should be near 0.5, and changes of the AUC that should be near 0, with intervals (`goals.py` has the bands).

    Args:
        rows, scored: a split with both classes, and what the model says of it as it is.

    Returns:
        chance:
            reencoded_reals: the detector, asked to tell the reals from the same reals as JPEG 84. Away from 0.5, it reads the
                compression.
            crops: a random forest that knows of each crop only width, height, and bytes as PNG and at three JPEG qualities.
                Away from 0.5, something other than the face is left after preprocessing that tells the classes apart.
            files: the same of the photos' files: width, height, bytes, face size. It says what the data would have betrayed to
                a model that saw whole files.
            random_labels: a linear probe on the features, for labels dealt at random; the interval is that of the deals. Away
                from 0.5, the measurement itself leaks.
        swapped: how much the detector's AUC changes when one class alone is saved as JPEG or as WebP.
        sanity:
            true_labels: the same probe for the true labels, which it must be able to tell.
    """
    targets = np.array([row.target for row in rows])
    scores = calibration.score_ai(scored.logits)

    def rescored(label: int, kind: str, quality: int) -> np.ndarray:
        """The scores `[n]` with one class in another format."""
        chosen = np.flatnonzero(targets == label)
        what = f"{rows[chosen[0]].label} as {kind} {quality}"
        again = scorer.score_rows(data, [rows[i] for i in chosen], what, lambda pixels, _: saved(pixels, kind, quality))
        changed = scores.copy()
        changed[chosen] = calibration.score_ai(again.logits)
        return changed

    real = targets == 0
    both = np.concatenate([scores[real], rescored(0, "JPEG", REENCODED["JPEG"])[real]])
    files = np.array([[row.width, row.height, row.bytes, row.face_size] for row in rows], float)
    crops = np.array([crop_file(read_crop(data, row)) for row in rows], float)
    swapped = {
        f"{label}_as_{kind.lower()}": auc_change(targets, scores, rescored(target, kind, QUALITY))
        for kind in REENCODED
        for target, label in enumerate(("real", "ai"))
    }
    probes = np.array([probe_auc(scored.features, labels) for labels in shuffled(targets)])
    true = probe_auc(scored.features, targets)
    return {
        "chance": {
            "reencoded_reals": auc(np.repeat([0, 1], real.sum()), both, units=np.tile(np.arange(real.sum()), 2)),
            "crops": auc(targets, forest(crops, targets)),
            "files": auc(targets, forest(files, targets)),
            "random_labels": interval(probes.mean(), probes),
        },
        "swapped": swapped,
        "sanity": {"true_labels": {"value": true, "low": true, "high": true}},
    }


def auc(targets: np.ndarray, scores: np.ndarray, units: np.ndarray | None = None) -> Interval:
    def function(targets, scores, weights):
        return {"auc": ranking(targets, scores, weights)["auc"]}

    return intervals(function, targets, scores, np.ones(len(targets)), units=units)["auc"]


def auc_change(targets: np.ndarray, before: np.ndarray, after: np.ndarray) -> Interval:
    """AUC after minus AUC before, of the same faces in each resample."""

    def function(targets, columns, weights):
        first, second = (ranking(targets, columns[:, place], weights)["auc"] for place in (0, 1))
        return {"change": second - first}

    return intervals(function, targets, np.column_stack([before, after]), np.ones(len(targets)))["change"]


def folds_of(targets: np.ndarray) -> StratifiedKFold:
    return StratifiedKFold(min(FOLDS, int(np.bincount(targets).min())), shuffle=True, random_state=0)


def forest(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Out-of-fold scores `[n]` of a random forest on `features` `[n, k]`."""
    model = RandomForestClassifier(100, min_samples_leaf=5, class_weight="balanced", random_state=0)
    return cross_val_predict(model, features, targets, cv=folds_of(targets), method="predict_proba")[:, 1]


def shuffled(targets: np.ndarray) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.permutation(targets) for _ in range(SHUFFLES)]


def probe_auc(features: np.ndarray, targets: np.ndarray) -> float:
    """The AUC, out of fold, of a linear probe: ridge regression on standardised features, solved at once."""
    scores = np.empty(len(targets))
    for rest, left_out in folds_of(targets).split(features, targets):
        centre, spread = features[rest].mean(axis=0), features[rest].std(axis=0) + 1e-6
        x, y = (features[rest] - centre) / spread, 2.0 * targets[rest] - 1
        # the dual form: as many equations as faces, however many channels there are
        dual = np.linalg.solve(x @ x.T + RIDGE * x.shape[1] * np.eye(len(x)), y - y.mean())
        scores[left_out] = (features[left_out] - centre) / spread @ (x.T @ dual)
    return float(ranking(targets, scores, np.ones(len(targets)))["auc"])


def saved(pixels: np.ndarray, kind: str, quality: int) -> np.ndarray:
    """A crop after a round trip through a file format."""
    with Image.open(io.BytesIO(written(pixels, kind, quality=quality))) as image:
        return np.asarray(image.convert("RGB"))


def crop_file(pixels: np.ndarray) -> list[int]:
    """What a crop's file tells without a look at it: its sides, and how many bytes it takes."""
    sizes = [len(written(pixels, "JPEG", quality=quality)) for quality in (50, 75, 95)]
    return [*pixels.shape[:2], len(written(pixels, "PNG", compress_level=1)), *sizes]


def written(pixels: np.ndarray, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()

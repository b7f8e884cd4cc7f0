"""Measure a calibrated model: every figure with its interval, by source, and a report."""

import argparse
import csv
import json
import logging
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from handler.calibration import Calibration
from training import bootstrap, metrics
from training.breakdown import breakdown
from training.controls import controls
from training.manifest import LABELS, Row, data_hash, read_manifest, write_manifest
from training.photos import DataError, find_photos, map_photos
from training.prepare import cut
from training.report import render
from training.robustness import robustness
from training.scorer import Scorer
from training.settings import SettingsError, add_flags, resolve
from training.trained import Trained

log = logging.getLogger(__name__)
EVALUATION = "evaluation.json"
REPORT = "report.html"
PREDICTIONS = "predictions.csv"
PHOTOS = "photos"  # the name of the one split of --folder


@dataclass(frozen=True)
class EvaluateSettings:
    run: Path = field(metadata={"help": "run or release folder"})
    data: Path | None = field(default=None, metadata={"help": "prepared folder"})
    folder: Path | None = field(
        default=None, metadata={"help": "instead of --data: raw photos in real/ and ai/, cut as the service does"}
    )
    splits: str = field(default="test,ood", metadata={"help": "of --data, separated by commas"})
    out: Path | None = field(default=None, metadata={"help": "folder of the results; RUN/evaluation where none is given"})
    robustness_faces: int = field(default=400, metadata={"help": "faces of the first split in the robustness grid; 0: no grid"})
    processes: int = field(default=2, metadata={"help": "photos of --folder cut at the same time"})
    threads: int | None = field(default=None, metadata={"help": "of torch"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, EvaluateSettings)


def run(arguments: argparse.Namespace) -> None:
    """Evaluates a prepared folder, or raw photos by way of a temporary one."""
    settings = resolve(EvaluateSettings, arguments)
    if (settings.data is None) == (settings.folder is None):
        raise SettingsError("give either --data or --folder")
    trained = Trained.load(settings.run)
    if settings.data:
        trained.check_data(settings.data)
        evaluate(settings, trained, settings.data, settings.splits.split(","), refused={})
        return
    with TemporaryDirectory() as temporary:
        refused = cut_photos(settings.folder, trained, Path(temporary), settings.processes)
        evaluate(settings, trained, Path(temporary), [PHOTOS], refused)


def evaluate(settings: EvaluateSettings, trained: Trained, data: Path, names: list[str], refused: dict[str, int]) -> None:
    """Writes `evaluation.json`, `predictions.csv` and `report.html`.

    Args:
        data: a prepared folder.
        names: its splits; one without both classes is left out, since nothing can be measured on it.
        refused: photos that never became a face, by the reason's code.

    Raises:
        DataError: no split has both classes.
    """
    splits = {name: read_manifest(data, name) for name in names}
    usable = {name: rows for name, rows in splits.items() if {row.label for row in rows} == set(LABELS)}
    for name in splits.keys() - usable.keys():
        log.warning("the split '%s' does not hold both classes: left out", name)
    if not usable:
        raise DataError(f"{data} has no split with both classes among {', '.join(names)}")
    calibration = trained.calibration()
    scorer = Scorer(trained, settings.threads)
    logits = {name: scorer.score_rows(data, rows, name).logits for name, rows in usable.items()}
    scores = {name: calibration.score_ai(values) for name, values in logits.items()}

    first = next(iter(usable))
    evaluation: dict[str, Any] = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": {"weights_sha256": trained.sha256, "calibration": asdict(calibration)},
        "data": {"sha256": data_hash(data), "refused": refused},
        "method": {"resamples": bootstrap.RESAMPLES, "level": bootstrap.LEVEL, "ece_bins": metrics.ECE_BINS},
        "splits": {name: breakdown(rows, scores[name], calibration) for name, rows in usable.items()},
        "controls": {"split": first, **controls(scorer, data, usable[first], scores[first], calibration)},
        "robustness": None,
    }
    if settings.robustness_faces:
        grid = robustness(scorer, data, usable[first], calibration, settings.robustness_faces)
        evaluation["robustness"] = {"split": first, **grid}

    out = settings.out or settings.run / "evaluation"
    out.mkdir(parents=True, exist_ok=True)
    (out / EVALUATION).write_text(json.dumps(evaluation, indent=2) + "\n")
    write_predictions(out / PREDICTIONS, usable, logits, calibration)
    targets = {name: np.array([row.target for row in rows]) for name, rows in usable.items()}
    (out / REPORT).write_text(render(evaluation, {name: (targets[name], scores[name]) for name in usable}))
    for name, split in evaluation["splits"].items():
        auc, balanced = split["pooled"]["auc"], split["pooled"]["balanced_accuracy"]
        log.info("%s: AUC %.3f [%.3f, %.3f], balanced accuracy %.3f [%.3f, %.3f]", name, *auc.values(), *balanced.values())
    log.info("report: %s", out / REPORT)


def cut_photos(folder: Path, trained: Trained, out: Path, processes: int) -> dict[str, int]:
    """Makes a prepared folder, one split of it, of raw photos; returns how many were refused, by code."""
    preprocessing = trained.preprocessing()
    work = partial(cut, root=folder, staging=out, key=json.dumps(asdict(preprocessing)), max_pixels=preprocessing.max_pixels)
    cuts = list(map_photos(work, find_photos(folder), processes))
    write_manifest(out, [Row(**item.row, split=PHOTOS, crop=f"{item.row['id']}.png") for item in cuts if item.row])
    reasons = [item.refused for item in cuts if item.refused]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


def write_predictions(
    path: Path, splits: dict[str, list[Row]], logits: dict[str, np.ndarray], calibration: Calibration
) -> None:
    """One line a face; with it every figure of the report can be worked out again."""
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            ["split", "id", "label", "source", "original", "face_size", "logit_real", "logit_ai", "score_ai", "verdict"]
        )
        for name, rows in splits.items():
            for row, (real, ai), score in zip(rows, logits[name], calibration.score_ai(logits[name]), strict=True):
                figures = f"{real:.6f}", f"{ai:.6f}", f"{score:.6f}"
                table.writerow(
                    [name, row.id, row.label, row.source, row.original, row.face_size, *figures, calibration.verdict(score)]
                )

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
from training import bootstrap, calibrators, goals, metrics, risk
from training.breakdown import breakdown
from training.calibrators import Calibrator
from training.controls import controls
from training.explanation_quality import NETWORKS, Faces, explanation_quality, shuffle_weights
from training.inputs import inputs
from training.manifest import LABELS, Row, data_hash, read_crop, read_manifest, write_manifest
from training.photos import DataError, find_photos, map_photos
from training.prepare import cut
from training.report import render
from training.robustness import robustness, thinned
from training.scorer import Scored, Scorer
from training.settings import SettingsError, add_flags, resolve
from training.slices import slices
from training.trained import CALIBRATION, Trained, read_calibration

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
    no_face: Path | None = field(default=None, metadata={"help": "folder of pictures without a face: how many are answered so"})
    control_faces: int = field(default=1000, metadata={"help": "faces of the first split in the controls"})
    robustness_faces: int = field(default=300, metadata={"help": "faces of the first split in the robustness grid; 0: no grid"})
    explanation_faces: int = field(default=80, metadata={"help": "faces whose heat maps are measured; 0: none"})
    bank: int = field(default=1000, metadata={"help": "training faces that a face's neighbours are sought among"})
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
    calibration, record = trained.calibration(), calibration_record(trained)
    scorer = Scorer(trained, settings.threads)
    scored = {name: scorer.score_rows(data, rows, name) for name, rows in usable.items()}
    scores = {name: calibration.score_ai(one.logits) for name, one in scored.items()}
    targets = {name: np.array([row.target for row in rows]) for name, rows in usable.items()}
    rules = confidences(settings, scorer, data, scored, scores, calibration)

    first = next(iter(usable))
    sample = thinned(usable[first], settings.control_faces)
    evaluation: dict[str, Any] = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": {"weights_sha256": trained.sha256, "calibration": asdict(calibration)},
        "data": {"sha256": data_hash(data), "refused": refused},
        "method": {"resamples": bootstrap.RESAMPLES, "level": bootstrap.LEVEL, "ece_bins": metrics.ECE_BINS},
        "splits": {name: breakdown(rows, scores[name], calibration) for name, rows in usable.items()},
        "calibration": {
            "chosen": record and {key: record[key] for key in ("calibrator", "calibrators")},
            "splits": {name: calibration_error(targets[name], scored[name], record, calibration) for name in usable},
        },
        "abstention": {
            "chosen": record and record["abstention"],
            "splits": {name: abstention(targets[name], scores[name], rules[name], calibration) for name in usable},
        },
        "quality": record and record["quality"],
        "inputs": inputs(trained, data, usable, refused, settings.no_face, record and record["quality"]["limits"]),
        "slices": {name: slices(data, rows, scores[name], calibration) for name, rows in usable.items()},
        "controls": {
            "split": first,
            "faces": len(sample),
            **controls(scorer, data, sample, scored_part(scored[first], usable[first], sample), calibration),
        },
        "explanations": None,
        "robustness": None,
    }
    if settings.robustness_faces:
        grid = robustness(scorer, data, usable[first], calibration, settings.robustness_faces)
        evaluation["robustness"] = {"split": first, **grid}
    if faces := explained_faces(data, usable[first], scores[first], settings.explanation_faces):
        strangers = [shuffle_weights(Scorer(trained), seed) for seed in range(NETWORKS)]
        evaluation["explanations"] = {"split": first, **explanation_quality(scorer, strangers, faces, calibration)}

    out = settings.out or settings.run / "evaluation"
    out.mkdir(parents=True, exist_ok=True)
    (out / EVALUATION).write_text(json.dumps(evaluation, indent=2) + "\n")
    write_predictions(out / PREDICTIONS, usable, {name: one.logits for name, one in scored.items()}, calibration)
    (out / REPORT).write_text(render(evaluation, {name: (targets[name], scores[name]) for name in usable}, rules))
    for name, split in evaluation["splits"].items():
        auc, balanced = split["pooled"]["auc"], split["pooled"]["balanced_accuracy"]
        log.info("%s: AUC %.3f [%.3f, %.3f], balanced accuracy %.3f [%.3f, %.3f]", name, *auc.values(), *balanced.values())
    for checked in goals.controls(evaluation) + goals.goals(evaluation):
        if not checked.met:
            log.warning("%s: %.3f, not %s", checked.text, checked.figure["value"], checked.wanted)
    log.info("report: %s", out / REPORT)


def calibration_record(trained: Trained) -> dict[str, Any] | None:
    """What `calibrate` compared and measured; None for a release, which keeps the outcome alone.

    Raises:
        DataError: it was written before there was anything to compare.
    """
    if not (trained.folder / CALIBRATION).is_file():
        return None
    record = read_calibration(trained.folder, trained.sha256)
    if "calibrators" not in record:
        raise DataError(f"{trained.folder / CALIBRATION} is an older one: run `python -m training calibrate` again")
    return record


def calibration_error(
    targets: np.ndarray, scored: Scored, record: dict[str, Any] | None, calibration: Calibration
) -> dict[str, dict[str, bootstrap.Interval]]:
    """ECE and NLL by kind of calibration, each fitted on the calibration split; of a release, before and after its own."""
    kinds = {"none": Calibrator(), "shipped": Calibrator(1 / calibration.temperature, calibration.bias)}
    if record:
        kinds = {name: Calibrator(**record["calibrators"][name]["calibrator"]) for name in calibrators.KINDS}
    margins = scored.logits[:, 1] - scored.logits[:, 0]

    def function(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> dict[str, float]:
        return {
            "ece": metrics.expected_calibration_error(targets, scores, weights),
            "nll": np.average(calibrators.surprise(scores, targets), weights=weights),
        }

    return {name: bootstrap.intervals(function, targets, kind(margins), np.ones(len(targets))) for name, kind in kinds.items()}


def confidences(
    settings: EvaluateSettings,
    scorer: Scorer,
    data: Path,
    scored: dict[str, Scored],
    scores: dict[str, np.ndarray],
    calibration: Calibration,
) -> dict[str, dict[str, np.ndarray]]:
    """How sure each rule of abstention is of each face, by split; without neighbours where there are no training faces."""
    train = thinned(read_manifest(data, "train"), settings.bank)
    bank = scorer.score_rows(data, train, "neighbours").features if train else None
    return {name: risk.confidences(scores[name], one, calibration.temperature, bank) for name, one in scored.items()}


def abstention(
    targets: np.ndarray, scores: np.ndarray, rules: dict[str, np.ndarray], calibration: Calibration
) -> dict[str, Any]:
    """The rules of abstention on one split, what the shipped one leaves wrong, and how much it decides."""
    wrong = ((scores >= 0.5) != (targets == 1)).astype(float)
    decided = (scores >= calibration.ai_at_least) | (scores <= calibration.real_at_most)
    return {
        "rules": risk.compare(targets, wrong, rules, np.ones(len(targets))),
        "selective": risk.selective(targets, scores, rules[risk.SHIPPED]),
        "coverage": bootstrap.mean(decided),
    }


def scored_part(scored: Scored, rows: list[Row], part: list[Row]) -> Scored:
    """What the model says of some of the rows."""
    place = {row.id: index for index, row in enumerate(rows)}
    chosen = [place[row.id] for row in part]
    return Scored(scored.logits[chosen], scored.maps[chosen], scored.features[chosen])


def explained_faces(data: Path, rows: list[Row], scores: np.ndarray, count: int) -> Faces | None:
    """At most `count` faces that are decided rightly at a half, as many real as AI; None without any of a class."""
    right = [row for row, score in zip(rows, scores, strict=True) if (score >= 0.5) == (row.target == 1)]
    by_class = [[row for row in right if row.label == label] for label in LABELS]
    each = min(count // 2, *map(len, by_class))
    if not each:
        return None
    chosen = [row for rows in by_class for row in thinned(rows, each)]
    return Faces(np.stack([read_crop(data, row) for row in chosen]), np.array([row.target for row in chosen]))


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

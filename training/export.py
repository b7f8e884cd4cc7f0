"""Pack a calibrated and evaluated run into a release folder."""

import argparse
import json
import logging
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors import safe_open

from handler.layers import has_hypercolumns
from handler.release import SCHEMA, SETTINGS_FILE, Release
from training import model_card
from training.evaluate import EVALUATION, REPORT
from training.int8 import FILES, agreement, quantise, refuse_beyond, told
from training.manifest import LABELS
from training.model_card import CardWords
from training.photos import DataError
from training.settings import SettingsError, add_flags, resolve
from training.trained import Trained, read_calibration

log = logging.getLogger(__name__)
RECIPE = Path(__file__).parents[1] / "config" / "training" / "export.yaml"
WEIGHTS = "model.safetensors"
HEADLINE = ("auc", "balanced_accuracy", "tpr_at_fpr_5", "ece", "ai_called_ai", "real_called_ai")  # what serving.json repeats


@dataclass(frozen=True)
class ExportSettings:
    run: Path = field(metadata={"help": "run folder, calibrated and evaluated"})
    data: Path = field(metadata={"help": "prepared folder: int8 is calibrated and measured on it"})
    version: str = field(metadata={"help": "of the release"})
    out: Path = field(metadata={"help": "release folder; a release that is there is replaced"})
    name: str = field(metadata={"help": "of the model, which is its name in the API"})
    min_face_px: int = field(metadata={"help": "smallest face that is judged: longer side of its box"})
    max_instances: int = field(metadata={"help": "images in one request"})
    overlay_max_side: int = field(metadata={"help": "pixels of the heat map's picture"})
    int8: dict | None = field(metadata={"help": "how far int8 may be from the weights: see training/int8.py; null: no int8"})
    card: Path | None = field(
        default=None, metadata={"help": "YAML with the words of the model card; without it they are 'not stated'"}
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, ExportSettings)
    parser.set_defaults(config=RECIPE)


def run(arguments: argparse.Namespace) -> None:
    export(resolve(ExportSettings, arguments))


def export(settings: ExportSettings) -> Release:
    """Writes a release folder and loads it as the service will.

    Raises:
        FileNotFoundError: the run was not calibrated or not evaluated.
        DataError: calibration or evaluation belong to other weights or another calibration, or int8 is out of its bounds.
        SettingsError: `out` holds something that is no release.
    """
    trained = Trained.load(settings.run)
    trained.check_data(settings.data)
    calibration = read_calibration(settings.run, trained.sha256)
    evaluation = read_evaluation(settings.run / "evaluation", trained.sha256, calibration["calibration"])
    words = CardWords.load(settings.card) if settings.card else CardWords()

    staging = settings.out.with_name(settings.out.name + ".part")  # so that a release is there whole or not at all
    shutil.rmtree(staging, ignore_errors=True)
    (staging / "report").mkdir(parents=True)
    shutil.copyfile(trained.weights, staging / WEIGHTS)
    int8 = add_int8(settings, trained, staging) if settings.int8 else None
    serving = serving_settings(settings, trained, calibration, evaluation) | {"int8": int8}
    (staging / SETTINGS_FILE).write_text(json.dumps(serving, indent=2) + "\n")
    (staging / "model_card.md").write_text(model_card.render(serving, evaluation, words))
    for name in (EVALUATION, REPORT):
        shutil.copyfile(settings.run / "evaluation" / name, staging / "report" / name)
    Release.load(staging)

    if settings.out.exists():
        if not (settings.out / SETTINGS_FILE).is_file():
            raise SettingsError(f"{settings.out} exists and is no release: nothing was replaced")
        shutil.rmtree(settings.out)
    staging.rename(settings.out)
    log.info("release %s %s: %s", settings.name, settings.version, settings.out)
    return Release.load(settings.out)


def add_int8(settings: ExportSettings, trained: Trained, folder: Path) -> dict[str, Any]:
    """Writes the int8 network into `folder` and returns what serving.json says of it.

    Raises:
        DataError: it is too far from the weights.
    """
    files = quantise(trained, settings.data, folder, bounds=settings.int8)
    found = agreement(trained, folder / FILES[0], settings.data)
    for name, figures in found.items():
        log.info("%s: %s", name, told(figures))
    refuse_beyond(settings.int8, found["int8"])
    return {"files": files, "bounds": settings.int8, "agreement": found["int8"]}


def read_evaluation(folder: Path, sha256: str, calibration: dict[str, float]) -> dict[str, Any]:
    """The run's `evaluation.json`, which must be about these weights and this calibration."""
    path = folder / EVALUATION
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `python -m training evaluate` first")
    evaluation = json.loads(path.read_text())
    if evaluation["model"] != {"weights_sha256": sha256, "calibration": calibration}:
        raise DataError(f"{path} is about other weights or another calibration: run `python -m training evaluate` again")
    return evaluation


def architecture(trained: Trained) -> str:
    with safe_open(trained.weights, "numpy") as tensors:
        return "resnet18-hypercolumns" if has_hypercolumns(tensors.keys()) else "resnet18"


def serving_settings(
    settings: ExportSettings, trained: Trained, calibration: dict[str, Any], evaluation: dict[str, Any]
) -> dict[str, Any]:
    """`serving.json`: each number that training and serving share, once (see `handler.release.Release`)."""
    return {
        "schema": SCHEMA,
        "name": settings.name,
        "version": settings.version,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "labels": list(LABELS),
        "detector": trained.preparation["detector"],
        "crop": trained.preparation["crop"],
        "normalise": {"mean": trained.mean, "std": trained.std},
        "calibration": calibration["calibration"],
        "quality": {"min_face_px": settings.min_face_px, **calibration["quality"]["limits"]},
        "explanation": {"full_scale": calibration["full_scale"]},
        "limits": {
            "max_pixels": trained.preparation["max_pixels"],
            "max_instances": settings.max_instances,
            "overlay_max_side": settings.overlay_max_side,
        },
        "weights": {"file": WEIGHTS, "sha256": trained.sha256, "architecture": architecture(trained)},
        "data": json.loads((settings.run / "data.json").read_text()),
        "metrics": {
            name: {"faces": split["faces"], **{figure: split["pooled"][figure] for figure in HEADLINE}}
            for name, split in evaluation["splits"].items()
        },
        "reference": calibration["reference"],
    }

"""Train the network on a prepared folder, from ImageNet weights."""

import argparse
import json
import shutil
from collections import Counter
from dataclasses import dataclass, field

import torch

from handler.face_model import FaceModel
from training.checkpoint import LAST, RUN_SETTINGS, initial_weights
from training.distributed import process_group
from training.engine import HISTORY, FitSettings, fit
from training.manifest import LABELS, PREPARE, SPLITS, data_hash, read_manifest
from training.settings import SettingsError, add_flags, resolve, write_yaml


@dataclass(frozen=True, kw_only=True)
class TrainSettings(FitSettings):
    init: str = field(default="imagenet", metadata={"help": "imagenet (torchvision's), random, or a state dict's path"})
    hypercolumns: bool = field(default=False, metadata={"help": "the head sees layer2 and layer3 beside layer4"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, TrainSettings)


def run(arguments: argparse.Namespace) -> None:
    settings = resolve(TrainSettings, arguments)
    with process_group() as group:
        torch.manual_seed(settings.seed)
        model = FaceModel(settings.hypercolumns)
        initial_weights(model, settings.init)
        if group.is_first:
            open_run(settings)
        fit(settings, model, group)


def open_run(settings: FitSettings) -> None:
    """Makes the run folder and writes what the run is made of.

    Raises:
        SettingsError: the folder holds a run already, and it is not to be resumed.
    """
    if (settings.out / LAST).exists() and not settings.resume:
        raise SettingsError(f"{settings.out} holds a run: --resume true continues it, another --out starts anew")
    settings.out.mkdir(parents=True, exist_ok=True)
    if not settings.resume:
        (settings.out / HISTORY).unlink(missing_ok=True)
    rows = read_manifest(settings.data)
    counts = Counter((row.split, row.label) for row in rows)
    sources = Counter((row.label, row.source) for row in rows if row.split == "train")
    data = {
        "sha256": data_hash(settings.data),
        "images": {split: {label: counts[split, label] for label in LABELS} for split in SPLITS if counts[split, "real"]},
        "sources": {label: {source: n for (name, source), n in sources.items() if name == label} for label in LABELS},
    }
    write_yaml(settings, settings.out / RUN_SETTINGS)
    (settings.out / "data.json").write_text(json.dumps(data, indent=2) + "\n")
    shutil.copy(settings.data / PREPARE, settings.out / "preparation.json")

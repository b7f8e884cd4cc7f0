"""Compare recipes by the sources that they have not seen.

A recipe (`config/training/experiments/*.yaml`) says what it changes of preparation and training. It is trained once a fold and
seed, without the sources of that fold, and judged by the AUC on them, every source counting alike. Each result is a line of a
file that is kept with the table: what has been measured, here or elsewhere, is not measured again.
"""

import argparse
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch

from handler.face_model import FaceModel
from training.checkpoint import LAST, initial_weights
from training.dataset import source_weights
from training.distributed import Group
from training.engine import fit
from training.experiment_table import read_results, write_table
from training.folds import write_fold
from training.manifest import LABELS, MANIFEST, Row, read_manifest
from training.metrics import ranking
from training.prepare import PrepareSettings, prepare
from training.scorer import Scorer
from training.settings import SettingsError, add_flags, build, merged, read_yaml, resolve
from training.train import TrainSettings, open_run
from training.trained import Trained

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ExperimentSettings:
    raw: Path = field(metadata={"help": "folder with real/ and ai/, one level of source folders in each"})
    out: Path = field(metadata={"help": "folder of the prepared data, the runs and their results"})
    recipes: Path = field(metadata={"help": "folder of the recipes that are compared"})
    prepare: Path = field(metadata={"help": "recipe of the preparation that they change"})
    train: Path = field(metadata={"help": "recipe of the training that they change"})
    shared: Path = field(metadata={"help": "changes (prepare, train) that all of them have, such as a shorter training"})
    folds: dict = field(metadata={"help": "sources held out together, by the name of the fold"})
    results: Path = field(metadata={"help": "file of all results, a line of JSON each; new ones are added"})
    table: Path = field(metadata={"help": "Markdown file that shows them"})
    introduction: str = field(metadata={"help": "what that file begins with"})
    seeds: list = field(default_factory=lambda: [0], metadata={"help": "of the trainings"})
    only: list | None = field(default=None, metadata={"help": "names of recipes; all of them by default"})
    only_folds: list | None = field(default=None, metadata={"help": "names of folds; all of them by default"})
    init: str = field(default="imagenet", metadata={"help": "see `python -m training train --help`"})


@dataclass(frozen=True)
class Trial:
    """One recipe, trained without the sources of one fold."""

    recipe: str
    fold: str
    seed: int
    changes: dict[str, Any]
    settings: ExperimentSettings

    @property
    def key(self) -> tuple[str, int]:
        return self.fold, self.seed

    @property
    def folder(self) -> Path:
        return self.settings.out / self.recipe / f"{self.fold}-{self.seed}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, ExperimentSettings)


def run(arguments: argparse.Namespace) -> None:
    settings = resolve(ExperimentSettings, arguments)
    planned = list(trials(settings))
    questions = {trial.recipe: trial.changes["question"] for trial in planned}
    for trial in planned:
        if trial.key not in read_results(settings.results).get(trial.recipe, {}):
            log.info("%s", trial.folder)
            result = measure(trial)
            with open(settings.results, "a") as file:  # a line at a time: other processes may measure other recipes
                file.write(json.dumps(result) + "\n")
        write_table(settings.results, settings.table, settings.introduction, questions)


def trials(settings: ExperimentSettings) -> Iterator[Trial]:
    """Every recipe on every fold with a seed, before the next seed: an early stop leaves a fair comparison.

    Raises:
        SettingsError: a name that is no recipe or fold.
    """
    recipes, shared = read_recipes(settings), read_yaml(settings.shared)
    for kind, known, chosen in (("recipe", recipes, settings.only), ("fold", settings.folds, settings.only_folds)):
        if unknown := set(chosen or []) - set(known):
            raise SettingsError(f"no such {kind}: {', '.join(sorted(unknown))}")
    for seed, name, fold in product(settings.seeds, settings.only or recipes, settings.only_folds or settings.folds):
        yield Trial(name, fold, seed, merged(shared, recipes[name]), settings)


def read_recipes(settings: ExperimentSettings) -> dict[str, dict[str, Any]]:
    """What each recipe changes, by its name.

    Raises:
        SettingsError: a recipe without its question, or with unknown parts.
    """
    recipes = {path.stem: read_yaml(path) for path in sorted(settings.recipes.glob("*.yaml"))}
    for name, recipe in recipes.items():
        if "question" not in recipe or (recipe.keys() - {"question", "prepare", "train"}):
            raise SettingsError(f"{name}: question, and prepare or train, are what a recipe has: {', '.join(sorted(recipe))}")
    return recipes


def measure(trial: Trial) -> dict[str, Any]:
    """Trains without the fold's sources and scores them: a line of the results."""
    data = trial.folder / "data"
    write_fold(prepared(trial), trial.settings.folds[trial.fold], data)
    train_settings = build(
        TrainSettings,
        merged(
            read_yaml(trial.settings.train),
            trial.changes.get("train", {}),
            {"data": str(data), "out": str(trial.folder), "init": trial.settings.init, "seed": trial.seed},
        ),
    )
    (trial.folder / LAST).unlink(missing_ok=True)  # one that was interrupted starts anew: its minutes count
    started = time.perf_counter()
    torch.manual_seed(trial.seed)
    model = FaceModel(train_settings.hypercolumns)
    initial_weights(model, train_settings.init)
    open_run(train_settings)
    fit(train_settings, model, Group(rank=0, world=1, device=torch.device("cpu")))
    (trial.folder / LAST).unlink()  # four times the weights, and a comparison is a hundred trainings
    minutes = (time.perf_counter() - started) / 60
    return {
        "recipe": trial.recipe,
        "fold": trial.fold,
        "seed": trial.seed,
        "question": trial.changes["question"],
        "auc": {split: auc_of(trial.folder, data, split) for split in ("ood", "test")},
        "minutes": round(minutes, 1),
    }


def prepared(trial: Trial) -> Path:
    """The prepared folder of the recipe's preprocessing, made by the first trial that needs it."""
    settings = merged(read_yaml(trial.settings.prepare), trial.changes.get("prepare", {}))
    crop, detector = settings["crop"], settings["detector"]
    name = f"{crop['size']}px-x{crop['scale']}-{crop['resample']}-{detector['name']}{detector['search_sides'][0]}"
    folder = trial.settings.out / "data" / name
    if not (folder / MANIFEST).exists():
        prepare(build(PrepareSettings, settings | {"raw": str(trial.settings.raw), "out": str(folder)}))
    return folder


def auc_of(run_folder: Path, data: Path, split: str) -> dict[str, Any]:
    """`{"balanced": auc, "ai": {source: auc}, "real": {source: auc}}`: each AI source against all reals of the split, each real
    one against all its AIs."""
    rows = read_manifest(data, split)
    logits = Scorer(Trained.load(run_folder)).score_rows(data, rows, split).logits
    return by_source(rows, logits[:, 1] - logits[:, 0])


def by_source(rows: list[Row], margins: np.ndarray) -> dict[str, Any]:
    targets, sources = np.array([row.target for row in rows]), np.array([row.source for row in rows])

    def auc(chosen: np.ndarray, weights: np.ndarray) -> float:
        return round(float(ranking(targets[chosen], margins[chosen], weights[chosen])["auc"]), 4)

    everyone, alike = np.full(len(rows), True), np.ones(len(rows))
    return {
        "balanced": auc(everyone, source_weights(rows, 0, {})),
        **{
            label: {str(name): auc((sources == name) | (targets != target), alike) for name in np.unique(sources[own])}
            for target, label in enumerate(LABELS)
            for own in [targets == target]
        },
    }

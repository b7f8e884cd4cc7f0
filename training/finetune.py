"""Fine-tune a trained network on hard real faces: the ones that it takes for generated.

What neither recipe nor flags say is as it was in the run that it starts from, its data and normalisation among the rest.
"""

import argparse
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch

from training.checkpoint import BEST, RUN_SETTINGS, saved_model
from training.distributed import process_group
from training.engine import FitSettings, fit
from training.manifest import read_manifest
from training.settings import SettingsError, add_flags, build, given, merged, read_yaml
from training.train import open_run

TAKEN_OVER = {field.name for field in fields(FitSettings)} - {"out", "seed", "resume"}


@dataclass(frozen=True, kw_only=True)
class FinetuneSettings(FitSettings):
    run: Path = field(metadata={"help": "run folder whose best weights are the start"})
    hard_sources: list = field(metadata={"help": "sources of real faces to dwell on"})
    hard_share: float = field(default=0.5, metadata={"help": "their share of the reals in an epoch, together; 0..1"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, FinetuneSettings, dict.fromkeys(TAKEN_OVER, "the run's"))


def run(arguments: argparse.Namespace) -> None:
    settings = finetune_settings(arguments)
    share = hard_shares(settings)
    with process_group() as group:
        torch.manual_seed(settings.seed)
        model = saved_model(settings.run / BEST)
        if group.is_first:
            open_run(settings)
        fit(settings, model, group, share)


def finetune_settings(arguments: argparse.Namespace) -> FinetuneSettings:
    """The recipe and the flags on top of the settings of the run that they start from.

    Raises:
        SettingsError: no such run, or see `settings.build`.
    """
    values = given(FinetuneSettings, arguments)
    former = read_yaml(Path(values["run"]) / RUN_SETTINGS) if "run" in values else {}
    return build(FinetuneSettings, merged({name: value for name, value in former.items() if name in TAKEN_OVER}, values))


def hard_shares(settings: FinetuneSettings) -> dict[str, float]:
    """The share of the reals that each hard source gets.

    Raises:
        SettingsError: a source has no real face in the training split, or the share is not between 0 and 1.
    """
    if not 0 < settings.hard_share <= 1:
        raise SettingsError(f"--hard-share must be above 0 and at most 1, not {settings.hard_share}")
    known = {row.source for row in read_manifest(settings.data, "train") if row.label == "real"}
    if unknown := [source for source in settings.hard_sources if source not in known]:
        raise SettingsError(f"no real face of {', '.join(unknown)} in the training split; there are {', '.join(sorted(known))}")
    return dict.fromkeys(settings.hard_sources, settings.hard_share / len(settings.hard_sources))

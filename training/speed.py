"""Measure training: images a second of the loader, of the step, and of both together."""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Iterator
from itertools import islice, repeat

import torch

from handler.face_model import FaceModel
from training.distributed import process_group
from training.engine import Learner, training_loader, usable
from training.settings import add_flags, resolve
from training.train import TrainSettings

WARM_UP = 5  # batches
BATCHES = 40
REPEATS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, TrainSettings)
    parser.set_defaults(out="none")  # nothing is written


def run(arguments: argparse.Namespace) -> None:
    """Prints the medians of interleaved repeats, so that a machine's noise falls on all three alike."""
    settings = resolve(TrainSettings, arguments)
    with process_group() as group:
        loader = training_loader(settings, usable(settings.data, "train"), group)
        model = FaceModel(settings.hypercolumns).to(group.device, memory_format=torch.channels_last)
        learner = Learner(settings, model, group, steps=10**6)
        batches = endless(loader)
        batch = next(batches)
        learner.train_epoch(list(islice(batches, WARM_UP)))
        seen: dict[str, list[float]] = {"loader": [], "step": [], "both": []}
        for _ in range(REPEATS):
            seen["loader"].append(group.world * speed(islice(batches, BATCHES)))
            seen["step"].append(learner.train_epoch(repeat(batch, BATCHES))["images_per_second"])
            seen["both"].append(learner.train_epoch(islice(batches, BATCHES))["images_per_second"])
    if group.is_first:
        found = {name: round(statistics.median(values), 1) for name, values in seen.items()}
        print(json.dumps(found | {"both_over_step": round(found["both"] / found["step"], 3)}))


def endless(loader: Iterable) -> Iterator:
    """Batches of one epoch after the other."""
    while True:
        yield from loader


def speed(batches: Iterable) -> float:
    """Images a second of batches that nobody waits for."""
    started = time.perf_counter()
    count = sum(len(crops) for crops, _ in batches)
    return count / (time.perf_counter() - started)

"""`python -m tests.bench.scale`: training's loader on hundreds of thousands of faces beside itself on a hundredth of them.

The faces are noise, written straight into the cache of decoded crops that a training makes for itself at its start.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from config.server import ROOT
from training.crop_cache import cache_path
from training.distributed import Group
from training.engine import training_loader
from training.manifest import LABELS, Row, read_manifest, write_manifest
from training.settings import build, read_yaml
from training.speed import endless, speed
from training.train import TrainSettings

RECIPE = ROOT / "config" / "training" / "face-1.1.yaml"
SOURCES = 40
WARM_UP, BATCHES, REPEATS = 20, 100, 3


def main() -> None:
    cli = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__.splitlines()[0])
    cli.add_argument("--entries", type=int, default=200_000, help="faces")
    cli.add_argument("--size", type=int, default=96, help="of a crop, px; the disk needs 3 x size^2 bytes a face")
    cli.add_argument("--folder", type=Path, help="for the data, removed in the end (default: a temporary one)")
    given = cli.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="scale-", dir=given.folder))
    try:
        print(json.dumps(measure(folder, given.entries, given.size), indent=2))
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, entries: int, size: int) -> dict:
    """Seconds that the manifest takes; crops a second of the loader on all entries and on a hundredth, by turns."""
    found: dict = {"entries": entries, "size": size}
    loaders = {}
    for name, count in (("few", entries // 100), ("all", entries)):
        write_faces(folder / name, count, size)
        started = time.perf_counter()
        rows = read_manifest(folder / name, "train")
        found[f"manifest_seconds_{name}"] = round(time.perf_counter() - started, 2)
        settings = build(
            TrainSettings, read_yaml(RECIPE) | {"data": str(folder / name), "out": "none", "augmentation": augmentation(size)}
        )
        loader = training_loader(settings, rows, Group(rank=0, world=1, device=torch.device("cpu")))
        loaders[name] = endless(loader)
        speed(islice(loaders[name], WARM_UP))
    speeds: dict[str, list[float]] = {name: [] for name in loaders}
    for _ in range(REPEATS):
        for name, batches in loaders.items():
            speeds[name].append(speed(islice(batches, BATCHES)))
    found["crops_per_second"] = {name: round(statistics.median(values)) for name, values in speeds.items()}
    found["all_over_few"] = round(statistics.median(speeds["all"]) / statistics.median(speeds["few"]), 3)
    return found


def augmentation(size: int) -> dict:
    shipped = read_yaml(RECIPE)["augmentation"]
    return shipped | {"patch": min(size, shipped["patch"]), "min_side": min(size, shipped["min_side"])}


def write_faces(folder: Path, count: int, size: int) -> None:
    """A prepared folder of one split, whose crops are in its cache alone."""
    folder.mkdir(parents=True)
    numbers = dict.fromkeys(("width", "height", "face_size", "faces", "crop_side", "bytes"), size) | {"confidence": 0.9}
    rows = [
        Row(
            id=f"{number:016x}",
            label=LABELS[number % 2],
            source=f"{LABELS[number % 2]}_{number % SOURCES}",
            split="train",
            original=f"{number:016x}.jpg",
            format="JPEG",
            crop=f"crops/{number:016x}.png",
            sha256=f"{number:064x}",
            **numbers,
        )
        for number in range(count)
    ]
    write_manifest(folder, rows)
    path = cache_path(folder, rows)
    path.parent.mkdir()
    crops = np.lib.format.open_memmap(path, "w+", np.uint8, (count, size, size, 3))
    noise = np.random.default_rng(0).integers(0, 256, (1000, size, size, 3), np.uint8)
    for start in range(0, count, len(noise)):
        crops[start : start + len(noise)] = noise[: count - start]
    crops.flush()


if __name__ == "__main__":
    main()

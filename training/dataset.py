"""Crops of a prepared folder as tensors, and the order in which training meets them."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from training.augment import Augmentation
from training.composite import Composer
from training.crop_cache import cached_crops
from training.manifest import Row

Index = tuple[int, int]  # row, and the seed of its augmentation


class FaceDataset(Dataset):
    """Crops as uint8 `[3, side, side]` with their target (0 real, 1 ai).

    Args:
        folder: a prepared folder, and rows of it.
        augmentation: what each crop goes through, if anything.
        composer: makes composites of some before that, if given.
    """

    def __init__(
        self,
        folder: Path,
        rows: list[Row],
        augmentation: Augmentation | None = None,
        composer: Composer | None = None,
    ):
        self.crops = cached_crops(folder, rows)
        self.rows = rows
        self.augmentation = augmentation
        self.composer = composer

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int | Index) -> tuple[torch.Tensor, int]:
        number, seed = index if isinstance(index, tuple) else (index, 0)
        random = np.random.default_rng(seed)
        pixels = self.composer(self.crops, number, random) if self.composer else self.crops[number]
        if self.augmentation:
            pixels = self.augmentation(pixels, random)
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1), self.rows[number].target


class BalancedSampler(Sampler[Index]):
    """Draws as many reals as AIs, and within a class each source in proportion to its size to the power `source_power`.

    Everything that is random in an epoch (order and augmentation) follows from the seed and the epoch's number, so a run that
    is resumed, on any number of loader workers, sees what the uninterrupted one would have seen.

    Args:
        rows: the training split.
        source_power: 1 draws by size, 0 draws every source alike.
        share: of its class, by source, for sources that must have one (hard reals); the others share the rest.
        seed: of the run.
        rank, world: this process's number and how many there are; each draws its own part of the epoch.
    """

    def __init__(
        self, rows: list[Row], *, source_power: float, seed: int, share: dict[str, float] | None = None, rank=0, world=1
    ):
        self.weights = source_weights(rows, source_power, share or {})
        self.seed, self.rank, self.world = seed, rank, world
        self.epoch = 0

    def __len__(self) -> int:
        return math.ceil(len(self.weights) / self.world)

    def __iter__(self) -> Iterator[Index]:
        random = np.random.default_rng((self.seed, self.epoch))
        count = len(self) * self.world
        drawn = low_discrepancy_draw(self.weights, count, random)
        seeds = random.integers(2**62, size=count)
        yield from zip(drawn[self.rank :: self.world].tolist(), seeds[self.rank :: self.world].tolist(), strict=True)


def source_weights(rows: list[Row], power: float, share: dict[str, float]) -> np.ndarray:
    """Probability of each row; each class sums to a half."""
    sizes = Counter((row.label, row.source) for row in rows)
    drawn = {}
    for label in ("real", "ai"):
        sources = [source for name, source in sizes if name == label]
        fixed = {source: share[source] for source in sources if source in share}
        free = {source: sizes[label, source] ** power for source in sources if source not in share}
        scale = (1 - sum(fixed.values())) / max(sum(free.values()), 1e-12)
        drawn |= {(label, source): fixed.get(source, free.get(source, 0) * scale) / 2 for source in sources}
    return np.array([drawn[row.label, row.source] / sizes[row.label, row.source] for row in rows])


def low_discrepancy_draw(weights: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """`count` indices in random order, each drawn floor or ceil of its expected number of times (systematic resampling).

    Independent draws would leave a third of an evenly weighted set unseen in every epoch.
    """
    order = random.permutation(len(weights))
    edges = np.cumsum(weights[order]) / weights.sum() * count
    drawn = order[np.searchsorted(edges, np.arange(count) + random.random(), side="right").clip(max=len(weights) - 1)]
    return random.permutation(drawn)

"""A trained model -> logits and heat maps of many crops, by the code that serves."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from handler.gradcam import margin_map
from handler.runtime import Runtime, torch_runtime
from training.manifest import Row, read_crop
from training.trained import Trained

BATCH = 32  # crops; more does not raise the throughput of a CPU, and bounds the memory


@dataclass(frozen=True)
class Scored:
    """What the network says of n crops.

    Attributes:
        logits: float32 `[n, 2]`, ordered real, ai.
        maps: float32 `[n, h, w]`, the margin map of each (see `handler.gradcam.margin_map`).
        features: float32 `[n, channels]`, what the linear head sees: the last feature map, averaged over its cells.
    """

    logits: np.ndarray
    maps: np.ndarray
    features: np.ndarray


class Scorer:
    """Runs a trained model over crops.

    Args:
        trained: the model.
        threads: of torch, for the whole process; None leaves them as they are.
        runtime: another one of the same model; torch's by default.
    """

    def __init__(self, trained: Trained, threads: int | None = None, runtime: Runtime | None = None):
        if threads:
            torch.set_num_threads(threads)
        self.runtime = runtime or torch_runtime(trained.weights, mean=trained.mean, std=trained.std)

    def score(self, crops: Iterable[np.ndarray], total: int, what: str) -> Scored:
        """Scores `total` crops, uint8 `[size, size, 3]` each, and shows the progress under the name `what`."""
        logits, maps, pooled = [], [], []
        crops = iter(crops)
        with tqdm(total=total, desc=what, unit="crop") as progress:
            while batch := list(islice(crops, BATCH)):
                inference = self.runtime.infer(np.stack(batch))
                logits.append(inference.logits)
                maps += [margin_map(features, self.runtime.head_weight) for features in inference.features]
                pooled.append(inference.features.mean(axis=(2, 3)))
                progress.update(len(batch))
        return Scored(np.concatenate(logits), np.stack(maps), np.concatenate(pooled))

    def score_rows(
        self,
        data: Path,
        rows: Sequence[Row],
        what: str,
        change: Callable[[np.ndarray, int], np.ndarray] = lambda pixels, index: pixels,
    ) -> Scored:
        """Scores crops of a prepared folder, in the order of `rows`; `change(pixels, index)` perturbs each first."""
        crops = (change(read_crop(data, row), index) for index, row in enumerate(rows))
        return self.score(crops, len(rows), what)

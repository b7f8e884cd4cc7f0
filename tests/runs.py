"""A tiny run folder: a network with random weights that was "trained" on a prepared folder."""

import json
import shutil
from pathlib import Path

import torch
import yaml

from handler.face_model import FaceModel
from training.checkpoint import BEST, save_weights
from training.manifest import PREPARE, data_hash
from training.trained import PREPARATION


def write_run(folder: Path, data: Path, seed: int = 0) -> None:
    """Writes what `train` writes and the later commands read."""
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    save_weights(FaceModel(), folder / BEST)
    settings = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    (folder / "settings.yaml").write_text(yaml.safe_dump(settings))
    shutil.copyfile(data / PREPARE, folder / PREPARATION)
    counts = json.loads((data / PREPARE).read_text())["counts"]
    (folder / "data.json").write_text(json.dumps({"sha256": data_hash(data), "images": counts, "sources": {}}))

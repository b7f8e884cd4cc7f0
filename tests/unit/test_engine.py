import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from handler.face_model import FaceModel
from tests.faces import write_prepared
from training.distributed import Group
from training.engine import FitSettings, Learner, fit, rate_factor
from training.photos import DataError
from training.train import open_run

ROOT = Path(__file__).parents[2]
AUGMENTATION = {
    "patch": 48,
    "rescale_probability": 0.5,
    "min_side": 40,
    "jpeg_probability": 0.5,
    "jpeg_quality": [60, 95],
    "blur_probability": 0.1,
    "blur_radius": 1,
    "colour": 0.05,
    "grey_probability": 0,
}
ONE = Group(rank=0, world=1, device=torch.device("cpu"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    write_prepared(folder)
    return folder


def settings_for(data, out, **changes) -> FitSettings:
    settings = FitSettings(
        data=data,
        out=out,
        augmentation=AUGMENTATION,
        mean=[0.485, 0.456, 0.406],
        std=[0.229, 0.224, 0.225],
        epochs=2,
        batch_size=16,
        learning_rate=1e-3,
        ema_decay=0.5,
        loader_workers=0,
    )
    return replace(settings, **changes)


def train(settings: FitSettings) -> dict:
    torch.manual_seed(settings.seed)
    open_run(settings)
    fit(settings, FaceModel(), ONE)
    return torch.load(settings.out / "last.pt", weights_only=True)


def test_a_run_learns_and_leaves_its_record(data, tmp_path):
    train(settings_for(data, tmp_path, epochs=3))
    with open(tmp_path / "history.csv", newline="") as file:
        history = list(csv.DictReader(file))
    assert [int(line["epoch"]) for line in history] == [1, 2, 3]
    assert max(float(line["val_auc"]) for line in history) > 0.9  # the classes differ in hue
    assert {path.name for path in tmp_path.iterdir()} == {
        "settings.yaml",
        "preparation.json",
        "data.json",
        "history.csv",
        "model.safetensors",
        "last.pt",
        "tensorboard",
    }
    FaceModel().load_state_dict(load_file(tmp_path / "model.safetensors"))


def test_a_resumed_run_ends_where_the_uninterrupted_one_does(data, tmp_path, monkeypatch):
    whole = train(settings_for(data, tmp_path / "whole"))
    keep = Learner.keep

    def stop_after_one(learner, figures, writer):
        keep(learner, figures, writer)
        raise KeyboardInterrupt

    monkeypatch.setattr(Learner, "keep", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        train(settings_for(data, tmp_path / "broken"))
    monkeypatch.undo()
    resumed = train(settings_for(data, tmp_path / "broken", resume=True))

    assert resumed["epoch"] == whole["epoch"] == 2
    assert resumed["schedule"] == whole["schedule"]
    for part in ("model", "average"):
        assert all(torch.equal(value, resumed[part][name]) for name, value in whole[part].items())
    moments = [state["optimizer"]["state"][0]["exp_avg"] for state in (whole, resumed)]
    assert torch.equal(*moments)


def test_a_step_of_two_passes_is_the_step_of_one(data, tmp_path):
    # the backbone is frozen: statistics of batch normalisation are those of a pass, and differ by design
    one, two = (
        train(settings_for(data, tmp_path / str(passes), epochs=1, accumulate=passes, freeze_backbone=True))
        for passes in (1, 2)
    )
    assert one["schedule"]["last_epoch"] == two["schedule"]["last_epoch"] == 3  # 48 crops, 16 a step
    for name in ("backbone.fc.weight", "backbone.fc.bias"):
        assert torch.allclose(one["model"][name], two["model"][name], atol=1e-5)  # the order of sums


def test_frozen_stages_keep_their_weights(data, tmp_path):
    torch.manual_seed(0)
    before = {name: value.clone() for name, value in FaceModel().state_dict().items()}
    after = train(settings_for(data, tmp_path, epochs=1, frozen_stages=2))["model"]
    weights = {name for name in before if name.endswith(("weight", "bias"))}
    kept = {name for name in weights if torch.equal(before[name], after[name])}
    assert kept == {name for name in weights if name.startswith(("backbone.conv1", "backbone.bn1", "backbone.layer1"))}


def test_a_frozen_backbone_does_not_move(data, tmp_path):
    torch.manual_seed(0)
    before = {name: value.clone() for name, value in FaceModel().state_dict().items()}
    after = train(settings_for(data, tmp_path, epochs=1, freeze_backbone=True))["model"]
    moved = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert moved == {"backbone.fc.weight", "backbone.fc.bias"}


def test_a_missing_class_is_named(tmp_path):
    write_prepared(tmp_path, counts={"train": 4, "val": 4})
    manifest = tmp_path / "manifest.csv"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(line for line in lines if "train-ai" not in line) + "\n")
    with pytest.raises(DataError, match=r"'train' of .* no face of class 'ai'"):
        fit(settings_for(tmp_path, tmp_path / "run"), FaceModel(), ONE)


def test_the_rate_rises_and_falls():
    # 100 steps, 10 of warm-up: step 9 is the peak, 55 the middle of the cosine
    factor = rate_factor(settings_for(Path(), Path(), warmup=0.1), steps=100)
    assert [factor(0), factor(9), factor(10), factor(55)] == pytest.approx([0.1, 1, 1, 0.5])
    assert factor(100) == pytest.approx(0)
    dropped = rate_factor(settings_for(Path(), Path(), warmup=0.1, schedule="step"), steps=100)
    assert [dropped(50), dropped(75)] == [1.0, 0.1]


def test_two_processes_train_one_model(data, tmp_path):
    """Under torchrun, on gloo: one record and one set of weights come out of two processes."""
    recipe = tmp_path / "recipe.yaml"
    text = (ROOT / "config/training/face-1.0.yaml").read_text()
    recipe.write_text(text.replace("patch: 128", "patch: 48").replace("min_side: 64", "min_side: 40"))
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "training",
        "train",
    ]
    flags = {"config": recipe, "data": data, "out": tmp_path / "run", "init": "random"}
    flags |= {"epochs": 2, "batch-size": 8, "loader-workers": 0}
    command += [part for name, value in flags.items() for part in (f"--{name}", str(value))]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=one_thread, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "run" / "history.csv").read_text().splitlines()) == 3
    FaceModel().load_state_dict(load_file(tmp_path / "run" / "model.safetensors"))

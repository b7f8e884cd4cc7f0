import argparse
from pathlib import Path

import pytest
import yaml

from handler.face_model import FaceModel
from tests.faces import write_prepared
from training import finetune
from training.checkpoint import BEST, RUN_SETTINGS, save_weights
from training.settings import SettingsError

TRAINED = yaml.safe_load(Path("config/training/face-1.1.yaml").read_text())


def tuned(tmp_path, *flags: str) -> dict:
    """One epoch of the shipped recipe on drawn noise, after a training by the recipe of face-1.1; the settings that it had."""
    write_prepared(tmp_path / "data", size=128, counts={"train": 8, "val": 4})
    run = tmp_path / "run"
    run.mkdir()
    save_weights(FaceModel(hypercolumns=True), run / BEST)
    settings = {**TRAINED, "data": str(tmp_path / "data"), "out": str(run), "seed": 7, "init": "imagenet", "loader_workers": 0}
    (run / RUN_SETTINGS).write_text(yaml.safe_dump(settings))
    parser = argparse.ArgumentParser()
    finetune.add_arguments(parser)
    common = ["--config", "config/training/finetune.yaml", "--run", str(run), "--out", str(tmp_path / "out")]
    finetune.run(parser.parse_args([*common, "--epochs", "1", "--batch-size", "8", *flags]))
    return yaml.safe_load((tmp_path / "out" / RUN_SETTINGS).read_text())


def test_a_run_is_tuned_on_its_hard_reals(tmp_path):
    tuned(tmp_path, "--hard-sources", "[real_0]")
    assert (tmp_path / "out" / BEST).is_file()


def test_what_is_not_said_is_as_it_was_in_the_training(tmp_path):
    settings = tuned(tmp_path, "--hard-sources", "[real_0]", "--augmentation", "{min_side: 80}", "--weight-decay", "0.1")
    for name in ("mean", "std", "frozen_stages", "composite", "label_smoothing", "source_power"):
        assert settings[name] == TRAINED[name]
    assert settings["augmentation"] == {**TRAINED["augmentation"], "patch": 128, "min_side": 80}
    assert (settings["weight_decay"], settings["seed"], settings["data"]) == (0.1, 0, str(tmp_path / "data"))


def test_what_is_no_run_is_named(tmp_path):
    parser = argparse.ArgumentParser()
    finetune.add_arguments(parser)
    with pytest.raises(SettingsError, match="nowhere"):
        finetune.run(parser.parse_args(["--run", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out")]))


@pytest.mark.parametrize(("flags", "message"), [(["[nobody]"], "nobody"), (["[real_0]", "--hard-share", "1.5"], "hard-share")])
def test_what_cannot_be_dwelt_on_is_named(tmp_path, flags, message):
    with pytest.raises(SettingsError, match=message):
        tuned(tmp_path, "--hard-sources", *flags)

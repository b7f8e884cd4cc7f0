import argparse

import pytest

from handler.face_model import FaceModel
from tests.faces import write_prepared
from training import finetune
from training.checkpoint import BEST, save_weights
from training.settings import SettingsError


def tuned(tmp_path, *flags: str) -> None:
    """One epoch of the shipped recipe, with small patches, on drawn noise."""
    write_prepared(tmp_path / "data", size=128, counts={"train": 8, "val": 4})
    (tmp_path / "run").mkdir()
    save_weights(FaceModel(), tmp_path / "run" / BEST)
    parser = argparse.ArgumentParser()
    finetune.add_arguments(parser)
    common = ["--config", "config/training/finetune.yaml", "--data", str(tmp_path / "data"), "--run", str(tmp_path / "run")]
    sizes = ["--out", str(tmp_path / "out"), "--epochs", "1", "--batch-size", "8", "--loader-workers", "0"]
    finetune.run(parser.parse_args([*common, *sizes, *flags]))


def test_a_run_is_tuned_on_its_hard_reals(tmp_path):
    tuned(tmp_path, "--hard-sources", "[real_0]")
    assert (tmp_path / "out" / BEST).is_file()


@pytest.mark.parametrize(("flags", "message"), [(["[nobody]"], "nobody"), (["[real_0]", "--hard-share", "1.5"], "hard-share")])
def test_what_cannot_be_dwelt_on_is_named(tmp_path, flags, message):
    with pytest.raises(SettingsError, match=message):
        tuned(tmp_path, "--hard-sources", *flags)

"""Two folders of faces to an answer over HTTP, by the commands of the README, on a tiny data set."""

import os
import subprocess
import sys
from pathlib import Path

import requests
import yaml

from config.server import MODEL
from tests.faces import write_raw
from tests.pictures import portrait
from tests.serving import serving

ROOT = Path(__file__).parents[2]


def command(name: str, **flags) -> list[str]:
    """The words of one command of `python -m training`."""
    words = [part for flag, value in flags.items() for part in (f"--{flag.replace('_', '-')}", str(value))]
    return [sys.executable, "-m", "training", name, *words]


def run(name: str, **flags) -> None:
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    words = command(name, **flags)
    done = subprocess.run(words, cwd=ROOT, env=one_thread, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name}: {done.stderr}"


def tiny(recipe: str, folder: Path, **changes) -> Path:
    """A shipped recipe with some of its numbers made small."""
    settings = yaml.safe_load((ROOT / "config" / "training" / f"{recipe}.yaml").read_text())
    path = folder / f"{recipe}.yaml"
    path.write_text(yaml.safe_dump(settings | changes))
    return path


def test_from_two_folders_to_an_answer(tmp_path):
    raw, data, run_folder, release = (tmp_path / name for name in ("raw", "data", "run", "mine-1.0"))
    write_raw(raw, per_source=20)
    half = {"train": 0.4, "val": 0.2, "calibration": 0.2, "test": 0.2}
    run("prepare", config=tiny("prepare", tmp_path, fractions=half), raw=raw, out=data)
    run("train", config=tiny("face-1.1", tmp_path, epochs=1, batch_size=8), data=data, out=run_folder, init="random")
    run("calibrate", run=run_folder, data=data)
    run("evaluate", run=run_folder, data=data, splits="test", robustness_faces=8, explanation_faces=4)
    # a network that learnt nothing has no side of a half to keep
    any_int8 = "{label_flips: 1, score_change_p99: 1, auc_drop: 1}"
    run("export", run=run_folder, data=data, version="1.0", out=release, int8=any_int8)
    run("archive", release=release)
    assert "class" in (release / "model_card.md").read_text()
    assert (release / "report" / "report.html").stat().st_size > 10_000

    with serving(tmp_path, "mine-1.0.mar") as server:
        answer = requests.post(f"{server.inference}/predictions/{MODEL}", data=portrait(), timeout=60).json()
    assert answer["face"]["count"] == 1
    assert answer["model"]["version"] == "1.0"


def test_a_missing_class_is_said_in_words(tmp_path):
    write_raw(tmp_path / "raw", per_source=1, sources=1)
    for photo in (tmp_path / "raw" / "ai").rglob("*.jpg"):
        photo.unlink()
    done = subprocess.run(
        command("prepare", config="config/training/prepare.yaml", raw=tmp_path / "raw", out=tmp_path / "out"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no photo of class 'ai'" in done.stderr

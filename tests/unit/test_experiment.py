import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.faces import write_raw
from training.experiment import ExperimentSettings, by_source, trials
from training.experiment_table import write_table
from training.manifest import Row
from training.settings import SettingsError, build, merged, read_yaml
from training.train import TrainSettings

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config" / "training"


def test_two_recipes_are_compared_and_measured_once(tmp_path):
    write_raw(tmp_path / "raw", per_source=10)
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    (recipes / "base.yaml").write_text("question: as it is\n")
    (recipes / "smaller.yaml").write_text("question: a smaller face\nprepare: {crop: {size: 64}}\n")
    config = {
        "recipes": str(recipes),
        "prepare": str(SHIPPED / "prepare.yaml"),
        "train": str(SHIPPED / "face-1.0.yaml"),
        "results": str(tmp_path / "results.jsonl"),
        "table": str(tmp_path / "table.md"),
        "introduction": "# Words",
        "shared": str(tmp_path / "short.yaml"),
        "folds": {"first": ["source_0"]},
    }
    short = {"train": {"epochs": 1, "batch_size": 8, "loader_workers": 0, "augmentation": {"patch": 64}}}
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(short))
    (tmp_path / "experiments.yaml").write_text(yaml.safe_dump(config))
    words = [sys.executable, "-m", "training", "experiment", "--config", str(tmp_path / "experiments.yaml")]
    words += ["--raw", str(tmp_path / "raw"), "--out", str(tmp_path / "runs"), "--init", "random"]

    def compare() -> list[str]:
        done = subprocess.run(
            words, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return (tmp_path / "table.md").read_text().splitlines()

    table = compare()
    assert sum(line.startswith(("| base | as it is | 1 |", "| smaller | a smaller face | 1 |")) for line in table) == 2
    lines = (tmp_path / "results.jsonl").read_text()
    results = [json.loads(line) for line in lines.splitlines()]
    assert [(result["recipe"], result["fold"], result["seed"]) for result in results] == [
        ("base", "first", 0),
        ("smaller", "first", 0),
    ]
    assert results[0]["auc"]["ood"].keys() == {"balanced", "real", "ai"}
    assert not list((tmp_path / "runs").rglob("last.pt"))  # would fill a disk
    assert compare() == table
    assert (tmp_path / "results.jsonl").read_text() == lines


def test_a_source_is_judged_against_all_of_the_other_class():
    sources = [("real", "lens"), ("real", "old"), ("ai", "gan"), ("ai", "gan"), ("ai", "diffusion")]
    rows = [row_of(label, source) for label, source in sources]
    found = by_source(rows, np.array([0.0, 1.0, 0.5, 2.0, 3.0]))
    assert found["ai"] == {"gan": 0.75, "diffusion": 1.0}
    assert found["real"] == {"lens": 1.0, "old": pytest.approx(2 / 3, abs=1e-4)}
    assert found["balanced"] == pytest.approx((0.75 + 1) / 2)  # one of the four pairs (gan, old) is half right


@pytest.mark.parametrize("path", sorted((SHIPPED / "experiments").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_settings_of_a_training(path):
    recipe = read_yaml(path)
    assert recipe["question"]
    values = merged(read_yaml(SHIPPED / "face-1.0.yaml"), recipe.get("train") or {}, {"data": "d", "out": "o"})
    assert build(TrainSettings, values)


@pytest.mark.parametrize("only", [{"only": ["nothing"]}, {"only_folds": ["nothing"]}])
def test_an_unknown_name_is_refused(only):
    values = read_yaml(SHIPPED / "experiments.yaml") | {"raw": "raw", "out": "out"} | only
    with pytest.raises(SettingsError, match="nothing"):
        list(trials(build(ExperimentSettings, values)))


@pytest.mark.parametrize("name", ["experiments", "leave-one-out"])
def test_a_shipped_comparison_holds_out_every_source_once(name):
    settings = build(ExperimentSettings, read_yaml(SHIPPED / f"{name}.yaml") | {"raw": "raw", "out": "out"})
    assert {trial.fold for trial in trials(settings)} == settings.folds.keys()
    held_out = [source for sources in settings.folds.values() for source in sources]
    assert len(held_out) == len(set(held_out)) == 36


def test_many_folds_of_few_recipes_have_a_line_each(tmp_path):
    results = [("a", 0, 0.5), ("a", 1, 0.7), ("b", 0, 0.9)]
    lines = [
        json.dumps({"recipe": "it", "question": "?", "fold": fold, "seed": seed, "auc": {"ood": {"balanced": value}}})
        for fold, seed, value in results
    ]
    (tmp_path / "results.jsonl").write_text("\n".join(lines))
    write_table(tmp_path / "results.jsonl", tmp_path / "table.md", "# Words\n", {"it": "?", "other": "why"})
    assert (tmp_path / "table.md").read_text().splitlines() == [
        "# Words",
        "",
        "| held out | it |",
        "| --- | --- |",
        "| a | 0.600 (0.500 to 0.700) |",
        "| b | 0.900 |",
        "| mean | **0.750** |",
        "",
        "- Not trained yet: other, why.",
    ]


def row_of(label: str, source: str) -> Row:
    numbers = dict.fromkeys(("width", "height", "face_size", "confidence", "faces", "crop_side", "bytes"), 1)
    return Row(id="", label=label, source=source, split="ood", original="", format="JPEG", crop="", sha256="", **numbers)

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from training.prepare import PrepareSettings
from training.settings import SettingsError, add_flags, merged, resolve, write_yaml
from training.train import TrainSettings

RECIPES = Path(__file__).parents[2] / "config" / "training"


@dataclass(frozen=True)
class Example:
    rate: float
    out: Path = field(metadata={"help": "where to"})
    epochs: int = 3
    fast: bool = False
    shape: dict = field(default_factory=dict)
    file: str | None = None


def settings_of(tmp_path, recipe: dict, *flags: str):
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe))
    parser = argparse.ArgumentParser()
    add_flags(parser, Example)
    return resolve(Example, parser.parse_args(["--config", str(path), *flags]))


def test_flags_override_the_recipe_and_the_recipe_the_defaults(tmp_path):
    recipe = {"rate": "3e-4", "epochs": 5, "shape": {"a": 1, "b": 2}}
    settings = settings_of(tmp_path, recipe, "--epochs", "7", "--out", "runs/x", "--shape", "{b: 3}")
    assert settings == Example(rate=3e-4, out=Path("runs/x"), epochs=7, shape={"a": 1, "b": 3})


@pytest.mark.parametrize(
    ("recipe", "flags", "message"),
    [
        ({"rate": 1, "out": "x", "epoch": 3}, [], "unknown settings: epoch"),
        ({"rate": 1}, [], "missing: --out"),
        ({"rate": "fast", "out": "x"}, [], "--rate: 'fast'"),
        ({"rate": 1, "out": "x"}, ["--epochs", "2.5"], "--epochs: 2.5"),
        ({"rate": 1, "out": "x"}, ["--fast", "3"], "--fast: 3"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, recipe, flags, message):
    with pytest.raises(SettingsError, match=message):
        settings_of(tmp_path, recipe, *flags)


def test_a_change_within_a_part_keeps_the_rest():
    assert merged({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 3}}, {"b": 2}) == {"a": {"x": 1, "y": 3}, "b": 2}


def test_written_settings_are_a_recipe_for_the_same_run(tmp_path):
    settings = settings_of(tmp_path, {"rate": 0.1, "out": "x"})
    write_yaml(settings, tmp_path / "again.yaml")
    assert settings_of(tmp_path, yaml.safe_load((tmp_path / "again.yaml").read_text())) == settings


@pytest.mark.parametrize(
    ("name", "kind", "flags"),
    [
        ("prepare", PrepareSettings, ["--raw", "raw", "--out", "data"]),
        ("face-1.0", TrainSettings, ["--data", "data", "--out", "run"]),
        ("face-1.1", TrainSettings, ["--data", "data", "--out", "run"]),
    ],
)
def test_shipped_recipes_fit_their_commands(name, kind, flags):
    parser = argparse.ArgumentParser()
    add_flags(parser, kind)
    assert resolve(kind, parser.parse_args(["--config", str(RECIPES / f"{name}.yaml"), *flags]))

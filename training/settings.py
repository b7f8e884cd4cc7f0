"""Settings of a command: a frozen dataclass, filled from a YAML recipe, then from the command line.

Every field is a flag (`--learning-rate 3e-4`); a YAML key that is no field is an error. The resolved settings are written
beside what they produced.
"""

import argparse
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

import yaml


class SettingsError(Exception):
    """A recipe or flag that does not fit the command."""


def add_flags(parser: argparse.ArgumentParser, kind: type, defaults: Mapping[str, str] = {}) -> None:
    """Adds `--config` and one flag a field of the dataclass `kind`; a field's metadata `help` describes it.

    Args:
        defaults: what the help says of a field's default, where that is not the dataclass's own.
    """
    parser.add_argument("--config", type=Path, metavar="YAML", help="recipe; flags override it")
    for field in fields(kind):
        default = defaults.get(field.name, None if field.default is MISSING else field.default)
        told = "" if default is None else f" (default: {default})"
        text = f"{field.metadata.get('help', '')}{told}".replace("%", "%%")
        parser.add_argument(
            "--" + field.name.replace("_", "-"), metavar="VALUE", default=argparse.SUPPRESS, help=text, dest=field.name
        )


def resolve(kind: type, arguments: argparse.Namespace):
    """The settings of one run.

    Raises:
        SettingsError: an unknown key, a missing one without a default, or a value of another type.
    """
    return build(kind, given(kind, arguments))


def given(kind: type, arguments: argparse.Namespace) -> dict[str, Any]:
    """What the recipe says, and on top of it what the flags say, unchecked. A flag may give a part of a mapping."""
    recipe = read_yaml(arguments.config) if arguments.config else {}
    names = {field.name for field in fields(kind)}
    return merged(recipe, {name: yaml.safe_load(text) for name, text in vars(arguments).items() if name in names})


def merged(*layers: dict[str, Any]) -> dict[str, Any]:
    """The layers on top of one another; a mapping within is merged in the same way."""
    values: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            both = isinstance(value, dict) and isinstance(values.get(name), dict)
            values[name] = merged(values[name], value) if both else value
    return values


def build(kind: type, values: dict[str, Any]):
    """The dataclass `kind` from plain values, as YAML has them.

    Raises:
        SettingsError: an unknown key, a missing one without a default, or a value of another type.
    """
    if unknown := values.keys() - {field.name for field in fields(kind)}:
        raise SettingsError(f"unknown settings: {', '.join(sorted(unknown))}")
    required = {field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING}
    if missing := required - values.keys():
        raise SettingsError(f"missing: {', '.join('--' + name.replace('_', '-') for name in sorted(missing))}")
    hints = typing.get_type_hints(kind)
    return kind(**{name: convert(name, value, hints[name]) for name, value in values.items()})


def convert(name: str, value: Any, kind: Any) -> Any:
    """`value` as the field's type; only what loses nothing is converted."""
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if value is None and type(None) in options:
        return None
    for option in options:
        try:
            if option is Path or (option is str and not isinstance(value, (list, dict))):
                return option(str(value))
            if option is float and not isinstance(value, bool):
                return float(value)  # YAML reads 3e-4 as a string
            if option is int and not isinstance(value, (bool, float)):
                return int(value)
            if option is bool and isinstance(value, bool):
                return value
            container = typing.get_origin(option) or option
            if container in (list, dict) and isinstance(value, container):
                return value
        except (TypeError, ValueError):
            continue
    raise SettingsError(f"--{name.replace('_', '-')}: {value!r} is not {getattr(kind, '__name__', kind)}")


def read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(Path(path).read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: a mapping of settings is expected")
    return values


def write_yaml(settings: Any, path: Path) -> None:
    """Writes resolved settings, paths as text."""
    plain = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(settings).items()}
    Path(path).write_text(yaml.safe_dump(plain, sort_keys=False))

"""The requirements that pyproject.toml lists, one a line: `python -m config.requirements train,dev`. Standard library only."""

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def requirements(extras: list[str]) -> list[str]:
    """The base requirements and those of the named extras."""
    project = tomllib.loads(PROJECT.read_text())["project"]
    return project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]


if __name__ == "__main__":
    print("\n".join(requirements([extra for extra in (sys.argv[1:] or [""])[0].split(",") if extra])))

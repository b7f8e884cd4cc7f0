"""From two folders of faces to a release and its archive: prepare, train, calibrate, evaluate, export, archive."""

import argparse
import subprocess
import sys
from pathlib import Path

RECIPES = Path(__file__).parents[1] / "config" / "training"


def steps(raw: str, name: str, version: str, init: str, recipe: str, card: str | None) -> list[list[str]]:
    """The commands, as a user would type them after `python -m training`."""
    words = ["--card", card] if card else []
    data, run, release = f"data/{name}", f"runs/{name}", f"model_store/{name}"
    return [
        ["prepare", "--config", str(RECIPES / "prepare.yaml"), "--raw", raw, "--out", data],
        ["train", "--config", recipe, "--data", data, "--out", run, "--init", init],
        ["calibrate", "--run", run, "--data", data],
        ["evaluate", "--run", run, "--data", data],
        ["export", "--run", run, "--data", data, "--version", version, "--out", release, *words],
        ["archive", "--release", release],
    ]


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m training.pipeline", description=__doc__.splitlines()[0])
    cli.add_argument("--raw", required=True, help="folder with real/ and ai/")
    cli.add_argument("--name", required=True, help="of the folders that are made: data/NAME, runs/NAME, model_store/NAME")
    cli.add_argument("--version", default="1.0", help="of the release")
    cli.add_argument("--init", default="imagenet", help="see `python -m training train --help`")
    cli.add_argument("--recipe", default=str(RECIPES / "face-1.1.yaml"), help="of the training")
    cli.add_argument("--card", help="YAML with the words of the model card; without it they are 'not stated'")
    given = cli.parse_args()
    for step in steps(given.raw, given.name, given.version, given.init, given.recipe, given.card):
        print(f"\n$ python -m training {' '.join(step)}", flush=True)
        if code := subprocess.run([sys.executable, "-m", "training", *step], check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())

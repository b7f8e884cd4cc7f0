"""The command line of training: `python -m training COMMAND --help`."""

import argparse
import importlib
import logging
import sys

from handler.release import ReleaseError
from training.photos import DataError
from training.settings import SettingsError

COMMANDS = ("prepare", "train", "speed", "experiment", "finetune", "calibrate", "evaluate", "export", "archive")


def main(argv: list[str] | None = None) -> int:
    """Runs one command; 2 is the exit code of input that it cannot work with."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="python -m training", description="From two folders of faces to a release.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    argv = sys.argv[1:] if argv is None else argv
    for name in COMMANDS:
        summary = importlib.import_module(f"training.{name}").__doc__.splitlines()[0]
        command = commands.add_parser(name, help=summary, description=summary)
        importlib.import_module(f"training.{name}").add_arguments(command)
    arguments = parser.parse_args(argv)
    try:
        importlib.import_module(f"training.{arguments.command}").run(arguments)
    except (DataError, SettingsError, ReleaseError, FileNotFoundError) as error:
        print(f"{arguments.command}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

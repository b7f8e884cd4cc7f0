"""`python -m tests.hostile.fuzz --seconds 600`: coverage-guided fuzzing of the parsers, by atheris.

It mutates sound files and requests, keeps what reaches new lines of the handler, and stops at the first input that brings
another exception than a `CodedError`, or takes longer than 5 s or 1 GB. That input is written to the folder of findings; give
it as an argument to see it fail again. What it found so far is a test (test_findings.py).
"""

import argparse
import json
import sys
from pathlib import Path

import atheris

from config.server import ROOT

with atheris.instrument_imports(include=["handler"]):
    from tests.hostile.parsing import decoded, parsed

from tests.hostile.files import sound

SECONDS_AN_INPUT, MEGABYTES = 5, 1_000
FOLDER = ROOT / "build" / "hostile" / "fuzz"
TYPES = ("", "application/json", "multipart/form-data; boundary=B", "image/png", "APPLICATION/JSON; charset=utf-8")


def one(data: bytes) -> None:
    """One input: its first byte says which parser gets the rest."""
    if not data:
        return
    choice, rest = data[0], data[1:]
    if choice % 2:
        decoded(rest)
        return
    headers = {
        "Content-Type": TYPES[choice // 2 % len(TYPES)],
        "explain": "True",
        "X-Explain-Target": rest[:3].decode("latin-1"),
    }
    request = parsed({"image" if choice & 64 else "body": bytearray(rest)}, headers)
    for image in request.images if request else []:
        if isinstance(image, bytes):
            decoded(image)


def seeds(folder: Path) -> None:
    """Writes what the mutations begin with."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in sound(64).items():
        (folder / name.replace(" ", "-")).write_bytes(b"\1" + data)
    for number, body in enumerate(({"image": "/9j/"}, {"instances": [{"image": {"b64": "iVBORw0KGgo="}}, 1]}, [[{}]])):
        (folder / f"json-{number}").write_bytes(b"\2" + json.dumps(body).encode())


def main() -> None:
    cli = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__.splitlines()[0])
    cli.add_argument("--seconds", type=int, default=60)
    cli.add_argument("--folder", type=Path, default=FOLDER, help="of the inputs that reach new lines, and of findings")
    cli.add_argument("finding", nargs="?", type=Path, help="an input to try again")
    arguments = cli.parse_args()
    if arguments.finding:
        one(arguments.finding.read_bytes())
        return
    seeds(arguments.folder / "corpus")
    (arguments.folder / "findings").mkdir(exist_ok=True)
    options = [f"-max_total_time={arguments.seconds}", f"-timeout={SECONDS_AN_INPUT}", f"-rss_limit_mb={MEGABYTES}"]
    options += [f"-artifact_prefix={arguments.folder / 'findings'}/", "-max_len=65536", str(arguments.folder / "corpus")]
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

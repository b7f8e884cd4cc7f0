"""Writes the versions and checksums that the image is made of: `make lock` (uv, from `.venv/supply`). Standard library only.

serve.txt and train.txt hold every package with the SHA-256 of its files, but for torch, torchvision and what these bring for a
GPU: those come from an index of the user's choice (`TORCH`), where the same version is another file. build.txt holds what a
package without a wheel is built with.
"""

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

from config.requirements import requirements

FOLDER = Path(__file__).parent
EXTRAS = {"serve": [], "train": ["train"]}
PYTHON, PLATFORM = "3.11", "x86_64-manylinux_2_28"  # the image's
BUILD = re.compile(r"(setuptools|wheel)==")
CHOSEN = re.compile(r"(torch|torchvision|triton|nvidia-.*|cuda-.*)==")
HEAD = "# Versions and checksums of the image's packages, without torch (config/locks/lock.py); made by `make lock`.\n"


def main() -> None:
    cli = argparse.ArgumentParser(prog="python -m config.locks.lock", description=__doc__.splitlines()[0])
    cli.add_argument("--uv", type=Path, default=Path(".venv/supply/bin/uv"), help="the program that resolves")
    arguments = cli.parse_args()
    for name, extras in EXTRAS.items():
        listed = packages(resolved(arguments.uv, requirements(extras), FOLDER / f"{name}.txt"))
        write(name, [package for package in listed if not CHOSEN.match(package)])
        if name == "serve":
            write("build", [package for package in listed if BUILD.match(package)])


def resolved(uv: Path, wanted: list[str], before: Path) -> str:
    """What uv makes of the requirements. Versions that the file of the last time has stay, as long as they fit.

    Raises:
        subprocess.CalledProcessError: nothing fits, or the index cannot be reached.
    """
    with tempfile.TemporaryDirectory() as folder:
        listed, out = Path(folder, "requirements.in"), Path(folder, before.name)
        listed.write_text("\n".join(wanted) + "\n")
        if before.exists():
            out.write_text(before.read_text())
        command = [uv, "pip", "compile", listed, "--output-file", out, "--generate-hashes", "--no-header", "--no-annotate"]
        subprocess.run([*command, "--quiet", "--python-version", PYTHON, "--python-platform", PLATFORM], check=True)
        return out.read_text()


def packages(text: str) -> list[str]:
    """The entries of a requirements file, each with its checksums, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return re.split(r"\n(?=\S)", "\n".join(lines).strip())


def write(name: str, listed: list[str]) -> None:
    (FOLDER / f"{name}.txt").write_text(HEAD + "\n".join(listed) + "\n")


if __name__ == "__main__":
    main()

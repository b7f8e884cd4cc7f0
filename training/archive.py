"""Pack a release into a .mar for TorchServe, handler included."""

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from handler.release import SETTINGS_FILE, Release

ROOT = Path(__file__).parents[1]
HANDLER = ROOT / "handler"
MODEL_CONFIG = ROOT / "config" / "model-config.yaml"
MODEL_CARD = "model_card.md"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip entry can carry
log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--release", type=Path, required=True, help="release folder, e.g. model_store/face-1.0")
    parser.add_argument("--out", type=Path, help="the .mar (default: beside the release folder, by its name)")
    parser.add_argument("--model-config", type=Path, default=MODEL_CONFIG, help="TorchServe's batching and workers")


def run(arguments: argparse.Namespace) -> None:
    archive(arguments.release, arguments.out, arguments.model_config)


def archive(release_folder: Path, out: Path | None = None, model_config: Path = MODEL_CONFIG) -> Path:
    """Writes the .mar of a release and returns its path; the same inputs give the same bytes.

    Raises:
        ReleaseError: the release is not complete and consistent.
    """
    release = Release.load(release_folder)
    out = out or release_folder.with_name(release_folder.name + ".mar")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        stage(release, work / "stage")
        run_archiver(release, work, model_config)
        part = out.with_suffix(".part")
        zip_folder(work / "export" / release.name, part)
        part.replace(out)
    log.info("%s: %s %s, %.1f MB", out, release.name, release.version, out.stat().st_size / 1e6)
    return out


def stage(release: Release, folder: Path) -> None:
    """What travels beside the entry point: the handler package and the files that serving reads."""
    shutil.copytree(HANDLER, folder / "handler", ignore=shutil.ignore_patterns("__pycache__", "face_handler.py"))
    (folder / "release").mkdir()
    for name in (SETTINGS_FILE, MODEL_CARD, *release.files):
        if (release.folder / name).exists():
            shutil.copy(release.folder / name, folder / "release")


def run_archiver(release: Release, work: Path, model_config: Path) -> None:
    """torch-model-archiver into a plain folder, which is then zipped reproducibly."""
    (work / "export").mkdir()
    shutil.copy(model_config, work / "model-config.yaml")  # the archive knows the file by this name
    command = [Path(sys.executable).with_name("torch-model-archiver"), "--archive-format", "no-archive"]
    command += ["--model-name", release.name, "--version", release.version, "--handler", HANDLER / "face_handler.py"]
    command += ["--extra-files", work / "stage", "--config-file", work / "model-config.yaml", "--export-path", work / "export"]
    # it works in <temporary folder>/<model name>, which it deletes: it gets a temporary folder of its own
    subprocess.run(command, check=True, env=os.environ | {"TMPDIR": str(work)}, stdout=subprocess.DEVNULL)
    manifest = work / "export" / release.name / "MAR-INF" / "MANIFEST.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"createdOn": release.created}, indent=2))


def zip_folder(folder: Path, out: Path) -> None:
    """Zips a folder with its entries in order and without their times."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            file.writestr(entry, path.read_bytes())

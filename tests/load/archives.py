"""Archives for a rehearsal of roll-outs, all made of one release: the same model as another version, damaged, or worse."""

import json
import re
import shutil
import zipfile
from pathlib import Path

from safetensors.numpy import load_file, save_file

from config.server import MODEL
from handler.release import SETTINGS_FILE, file_sha256
from training.archive import MODEL_CONFIG, archive

HEAD = ("backbone.fc.weight", "backbone.fc.bias")


def pack(release: Path, store: Path, version: str, response_timeout: int) -> Path:
    """The release as another version.

    Args:
        store: folder of the archives.
        response_timeout: seconds after which TorchServe gives a request up.
    """
    return archived(copied(release, store, version), response_timeout)


def pack_broken(release: Path, store: Path, version: str, response_timeout: int) -> Path:
    """The same, with the last byte of its weights lost on the way."""
    mar = pack(release, store, version, response_timeout)
    weights = f"release/{settings_of(release)['weights']['file']}"
    whole = mar.with_suffix(".whole")
    mar.rename(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(mar, "w") as damaged:
        for entry in source.infolist():
            data = source.read(entry)
            damaged.writestr(entry.filename, data[:-1] if entry.filename == weights else data)
    whole.unlink()
    return mar


def pack_worse(release: Path, store: Path, version: str, response_timeout: int) -> Path:
    """A release that takes the one class for the other: the signs of head and calibration are turned."""
    folder = copied(release, store, version)
    settings = settings_of(folder)
    file = folder / settings["weights"]["file"]
    weights = load_file(file)
    save_file(weights | {name: -weights[name] for name in HEAD}, file)
    settings["weights"]["sha256"] = file_sha256(file)
    settings["calibration"]["bias"] = -settings["calibration"].get("bias", 0)
    (folder / SETTINGS_FILE).write_text(json.dumps(settings))
    return archived(folder, response_timeout)


def copied(release: Path, store: Path, version: str) -> Path:
    folder = store / f"{MODEL}-{version}"
    shutil.copytree(release, folder)
    (folder / SETTINGS_FILE).write_text(json.dumps(settings_of(release) | {"version": version}))
    return folder


def settings_of(release: Path) -> dict:
    return json.loads((release / SETTINGS_FILE).read_text())


def archived(folder: Path, response_timeout: int) -> Path:
    """Packs a release with settings that differ in the time-out only."""
    usual = MODEL_CONFIG.read_text()
    settings = folder.with_name(f"{folder.name}.yaml")
    settings.write_text(re.sub(r"(?m)^(responseTimeout:) *\d+", rf"\1 {response_timeout}", usual))
    return archive(folder, model_config=settings)

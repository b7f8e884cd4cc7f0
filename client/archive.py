"""What a .mar says of itself, where its file can be read here."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from client.errors import Unreadable
from client.parsing import Mismatch, parse
from client.service import MODEL

MANIFEST = "MAR-INF/MANIFEST.json"
SETTINGS = "release/serving.json"


@dataclass(frozen=True)
class Named:  # with the names of the manifest
    modelName: str
    modelVersion: str


@dataclass(frozen=True)
class Manifest:
    model: Named


@dataclass(frozen=True)
class Weights:
    sha256: str


@dataclass(frozen=True)
class Settings:
    weights: Weights


@dataclass(frozen=True)
class Archive:
    """The version in it, and the hash of its weights."""

    version: str
    sha256: str


def read_archive(path: Path) -> Archive:
    """Reads an archive of this service.

    Raises:
        Unreadable: it is none.
    """
    try:
        with zipfile.ZipFile(path) as file:
            manifest = parse(Manifest, json.loads(file.read(MANIFEST)), "its manifest")
            settings = parse(Settings, json.loads(file.read(SETTINGS)), "its settings")
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, Mismatch) as error:
        raise Unreadable(f"{path} is no archive of the service: {error}.") from None
    if manifest.model.modelName != MODEL:
        raise Unreadable(f"{path} holds the model {manifest.model.modelName!r}, not {MODEL!r}.")
    return Archive(manifest.model.modelVersion, settings.weights.sha256)

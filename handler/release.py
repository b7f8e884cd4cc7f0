"""A release folder: serving.json read, typed and checked. The one home of the numbers that training and serving share."""

import hashlib
import json
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

SETTINGS_FILE = "serving.json"
SCHEMA = 1


class ReleaseError(Exception):
    """A release that must not be served: incomplete, of another schema, or not the files that it was made with."""


@dataclass(frozen=True)
class DetectorSettings:
    """Which face detector made the training crops, and how it searches (see `face_crop.FaceCropper`)."""

    name: str
    search_sides: list[int]
    min_confidence: float


@dataclass(frozen=True)
class CropSettings:
    """From face box to model input: scale of the box, side in pixels, filter."""

    scale: float
    size: int
    resample: str


@dataclass(frozen=True)
class NormaliseSettings:
    """By channel, of pixels scaled to 0..1."""

    mean: list[float]
    std: list[float]


@dataclass(frozen=True)
class CalibrationSettings:
    """Temperature and the two thresholds on the calibrated score of `ai` (see `calibration.Calibration`)."""

    temperature: float
    ai_at_least: float
    real_at_most: float


@dataclass(frozen=True)
class QualitySettings:
    """Below `min_face_px` (longer side of the face box) a face is not decidable and the verdict is `uncertain`."""

    min_face_px: int


@dataclass(frozen=True)
class ExplanationSettings:
    """Logits at which a heat map's colour is strongest: one scale for all images of a release."""

    full_scale: float


@dataclass(frozen=True)
class LimitSettings:
    """What a request may ask of the service."""

    max_pixels: int
    max_instances: int
    overlay_max_side: int


@dataclass(frozen=True)
class WeightSettings:
    """The weights' file in the release folder and its SHA-256."""

    file: str
    sha256: str
    architecture: str


@dataclass(frozen=True)
class Release:
    """A trained, calibrated, exported model with a version.

    Attributes:
        folder: where its files are.
        labels: in the order of the logits.
        data: what it was trained on: hash of the manifest and counts.
        metrics: headline figures of its evaluation; the full report lies beside it.
        reference: histograms of the calibration split, against which drift is measured.
    """

    folder: Path
    name: str
    version: str
    created: str
    labels: list[str]
    detector: DetectorSettings
    crop: CropSettings
    normalise: NormaliseSettings
    calibration: CalibrationSettings
    quality: QualitySettings
    explanation: ExplanationSettings
    limits: LimitSettings
    weights: WeightSettings
    data: dict[str, Any]
    metrics: dict[str, Any]
    reference: dict[str, Any]

    @property
    def weights_path(self) -> Path:
        return self.folder / self.weights.file

    @classmethod
    def load(cls, folder: Path) -> "Release":
        """Reads `folder`/serving.json and verifies the weights' checksum.

        Raises:
            ReleaseError: a key is missing or unknown, the schema is another, or the weights are not those of the release.
        """
        path = Path(folder) / SETTINGS_FILE
        try:
            settings = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ReleaseError(f"{path} cannot be read: {error}") from error
        if settings.pop("schema", None) != SCHEMA:
            raise ReleaseError(f"{path}: this code reads schema {SCHEMA}")
        release = typed(cls, settings | {"folder": Path(folder)}, SETTINGS_FILE)
        if not release.weights_path.is_file():
            raise ReleaseError(f"{release.weights_path} is missing")
        if file_sha256(release.weights_path) != release.weights.sha256:
            raise ReleaseError(f"{release.weights_path} is not the file that {SETTINGS_FILE} was written for")
        return release


def typed(kind: type, values: dict[str, Any], where: str):
    """A settings dataclass from plain values, sections included; a missing or unknown key is a `ReleaseError`."""
    if not isinstance(values, dict):
        raise ReleaseError(f"{where}: an object is expected")
    expected = {field.name: field.type for field in fields(kind)}
    for word, names in (("missing", expected.keys() - values), ("unknown", values.keys() - expected)):
        if names:
            raise ReleaseError(f"{where}: {word} keys: {', '.join(sorted(names))}")
    return kind(
        **{
            name: typed(expected[name], value, f"{where}: {name}") if is_dataclass(expected[name]) else value
            for name, value in values.items()
        }
    )


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""A release folder: serving.json read, typed and checked. The one home of the numbers that training and serving share."""

import hashlib
import json
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

SETTINGS_FILE = "serving.json"
SCHEMA = 2


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
    """Temperature, bias, and the two thresholds on the calibrated score of `ai` (see `calibration.Calibration`)."""

    temperature: float
    ai_at_least: float
    real_at_most: float
    bias: float = 0.0


@dataclass(frozen=True)
class QualitySettings:
    """What a face must have to be decidable (see `quality.py`); below it the verdict is `uncertain`. None asks for nothing.

    Attributes:
        min_face_px: longer side of the face box.
        min_sharpness: of the crop.
        max_jpeg_step: mean step of the photo's quantisation, at the scale of the crop.
    """

    min_face_px: int
    min_sharpness: float | None = None
    max_jpeg_step: float | None = None


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
class Int8Settings:
    """The same network in int8, and how far it may be and is from the weights (see `training/int8.py`).

    Attributes:
        files: SHA-256 of the network's two files, by name; OpenVINO finds the .bin beside the .xml.
        bounds, agreement: label_flips, score_change_p99, auc_drop.
    """

    files: dict[str, str]
    bounds: dict[str, float]
    agreement: dict[str, float]


@dataclass(frozen=True)
class Release:
    """A trained, calibrated, exported model with a version.

    Attributes:
        folder: where its files are.
        labels: in the order of the logits.
        data: what it was trained on: hash of the manifest and counts.
        metrics: headline figures of its evaluation; the full report lies beside it.
        int8: None where the release has no int8 network.
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
    int8: Int8Settings | None
    data: dict[str, Any]
    metrics: dict[str, Any]
    reference: dict[str, Any]

    @property
    def weights_path(self) -> Path:
        return self.folder / self.weights.file

    @property
    def int8_path(self) -> Path:
        """The .xml of the int8 network; only where the release has one."""
        return self.folder / next(name for name in self.int8.files if name.endswith(".xml"))

    @property
    def files(self) -> dict[str, str]:
        """SHA-256 of each file that computes, by its name."""
        return {self.weights.file: self.weights.sha256} | (self.int8.files if self.int8 else {})

    @classmethod
    def load(cls, folder: Path) -> "Release":
        """Reads `folder`/serving.json and verifies the checksums of the files that it names.

        Raises:
            ReleaseError: a key is missing or unknown, the schema is another, or a file is not that of the release.
        """
        path = Path(folder) / SETTINGS_FILE
        try:
            settings = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ReleaseError(f"{path} cannot be read: {error}") from error
        if settings.pop("schema", None) != SCHEMA:
            raise ReleaseError(f"{path}: this code reads schema {SCHEMA}")
        release = typed(cls, settings | {"folder": Path(folder)}, SETTINGS_FILE)
        for name, sha256 in release.files.items():
            file = release.folder / name
            if not file.is_file():
                raise ReleaseError(f"{file} is missing")
            if file_sha256(file) != sha256:
                raise ReleaseError(f"{file} is not the file that {SETTINGS_FILE} was written for")
        return release


def typed(kind: type, values: dict[str, Any], where: str):
    """A settings dataclass from plain values, sections included; a missing or unknown key is a `ReleaseError`.

    A key with a default came into the schema later: older releases go without it.
    """
    if values is None and type(None) in get_args(kind):
        return None
    kind = next((option for option in get_args(kind) if is_dataclass(option)), kind)
    if not isinstance(values, dict):
        raise ReleaseError(f"{where}: an object is expected")
    expected = {field.name: field.type for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is MISSING}
    for word, names in (("missing", required - values.keys()), ("unknown", values.keys() - expected)):
        if names:
            raise ReleaseError(f"{where}: {word} keys: {', '.join(sorted(names))}")
    return kind(
        **{
            name: typed(expected[name], value, f"{where}: {name}") if holds_section(expected[name]) else value
            for name, value in values.items()
        }
    )


def holds_section(kind: type) -> bool:
    """Whether a field's type is a settings dataclass, or one that may be None."""
    return any(is_dataclass(option) for option in (kind, *get_args(kind)))


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

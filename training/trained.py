"""A trained model with the settings it needs: what a run folder and a release folder have in common."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from handler.calibration import Calibration
from handler.release import SETTINGS_FILE, Release, file_sha256
from training.checkpoint import BEST, RUN_SETTINGS
from training.manifest import read_preparation
from training.photos import DataError, Preprocessing

CALIBRATION = "calibration.json"
PREPARATION = "preparation.json"


@dataclass(frozen=True)
class Trained:
    """The weights and what surrounds them.

    Attributes:
        folder: the run or the release.
        weights: the safetensors file.
        sha256: of that file; it ties calibration and evaluation to the weights that they were made with.
        mean, std: the normalisation, by channel, of pixels in 0..1.
        preparation: detector, crop and max_pixels (see `training.manifest.read_preparation`).
    """

    folder: Path
    weights: Path
    sha256: str
    mean: list[float]
    std: list[float]
    preparation: dict[str, Any]

    @classmethod
    def load(cls, folder: Path) -> "Trained":
        """Reads a release, or else a run.

        Raises:
            FileNotFoundError: it is neither.
            DataError: the run's calibration was made with other weights.
            ReleaseError: the release is damaged.
        """
        folder = Path(folder)
        return cls._from_release(Release.load(folder)) if (folder / SETTINGS_FILE).is_file() else cls._from_run(folder)

    @classmethod
    def _from_release(cls, release: Release) -> "Trained":
        preparation = {
            "detector": vars(release.detector),
            "crop": vars(release.crop),
            "max_pixels": release.limits.max_pixels,
        }
        normalise = release.normalise
        return cls(release.folder, release.weights_path, release.weights.sha256, normalise.mean, normalise.std, preparation)

    @classmethod
    def _from_run(cls, folder: Path) -> "Trained":
        weights = folder / BEST
        if not weights.is_file():
            raise FileNotFoundError(f"{weights} is missing: {folder} is neither a run nor a release")
        settings = yaml.safe_load((folder / RUN_SETTINGS).read_text())
        preparation = json.loads((folder / PREPARATION).read_text())
        return cls(folder, weights, file_sha256(weights), settings["mean"], settings["std"], preparation)

    def calibration(self) -> Calibration:
        """Temperature and operating point.

        Raises:
            FileNotFoundError: the run was not calibrated.
            DataError: its calibration was made with other weights.
        """
        if (self.folder / SETTINGS_FILE).is_file():
            return Calibration(**vars(Release.load(self.folder).calibration))
        return Calibration(**read_calibration(self.folder, self.sha256)["calibration"])

    def preprocessing(self) -> Preprocessing:
        """From photo to crop, as the model was trained."""
        return Preprocessing(**{key: self.preparation[key] for key in ("detector", "crop", "max_pixels")})

    def check_data(self, data: Path) -> None:
        """Refuses a prepared folder whose crops are not what the model was trained on, and will be served.

        Raises:
            DataError: detector or crop differ.
        """
        other = read_preparation(data)
        for part in ("detector", "crop"):
            if other[part] != self.preparation[part]:
                raise DataError(f"{data} was prepared with {part} {other[part]}, the model with {self.preparation[part]}")


def read_calibration(run: Path, sha256: str) -> dict[str, Any]:
    """The `calibration.json` of a run, which must have been made with the weights of that SHA-256.

    Raises:
        FileNotFoundError: the run was not calibrated.
        DataError: the calibration was made with other weights.
    """
    path = run / CALIBRATION
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `python -m training calibrate` first")
    values = json.loads(path.read_text())
    if values["weights_sha256"] != sha256:
        raise DataError(f"{path} was made with other weights: run `python -m training calibrate` again")
    return values

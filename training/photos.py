"""Folders of raw photos -> crops, by the code that serves.

A raw folder is `real/` and `ai/`, each with photos or with one folder a source. It may instead hold `pool/` and `ood/` of that
form: what is under `ood/` comes from sources that are only ever reported on.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from handler.errors import CodedError
from handler.face_crop import Crop, Face, FaceCropper
from handler.face_detector import make_detector
from handler.image_input import Photo, decode
from training.manifest import LABELS

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


class DataError(Exception):
    """A data set that no model can be made of."""


@dataclass(frozen=True)
class RawPhoto:
    """A file of the raw folder; `path` is relative to it, `held_out` when it lies under `ood/`."""

    path: Path
    label: str
    source: str
    held_out: bool


@dataclass(frozen=True)
class Preprocessing:
    """The settings that a crop depends on, and that travel to the release.

    Attributes:
        detector: name, search_sides, min_confidence (see `handler.release.DetectorSettings`).
        crop: scale, size, resample (see `handler.release.CropSettings`).
        max_pixels: photos above it are refused, as the service refuses them.
        detector_file: the model file of a detector that needs one.
    """

    detector: dict
    crop: dict
    max_pixels: int
    detector_file: str | None = None

    def cropper(self) -> FaceCropper:
        search = {key: value for key, value in self.detector.items() if key != "name"}
        return FaceCropper(detector=make_detector(self.detector["name"], self.detector_file), **search, **self.crop)


@dataclass(frozen=True)
class CroppedPhoto:
    """What the service would see of a photo; `refused` holds the reason's code where it would not see a face."""

    photo: Photo | None
    face: Face | None
    crop: Crop | None
    refused: str | None


def find_photos(root: Path) -> list[RawPhoto]:
    """All photos below a raw folder, in a stable order.

    Raises:
        DataError: there is no `real/` and `ai/`, or one of them is empty.
    """
    root = Path(root)
    parts = [("pool", False), ("ood", True)] if (root / "pool").is_dir() else [(".", False), ("ood", True)]
    photos = [
        RawPhoto(path.relative_to(root), label, source_of(path, root / part / label), held_out)
        for part, held_out in parts
        for label in LABELS
        for path in sorted((root / part / label).rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]
    for label in LABELS:
        if not any(photo.label == label and not photo.held_out for photo in photos):
            raise DataError(f"no photo of class '{label}': {root / parts[0][0] / label} is missing or empty")
    return photos


def source_of(path: Path, label_folder: Path) -> str:
    """The first folder below the label's, or the label itself for photos that lie there directly."""
    below = path.relative_to(label_folder).parts
    return below[0] if len(below) > 1 else label_folder.name


def crop_photo(data: bytes, cropper: FaceCropper, max_pixels: int) -> CroppedPhoto:
    """Decodes, finds the face and crops, as the service does."""
    try:
        photo = decode(data, max_pixels=max_pixels, long_side=cropper.first_look)
        face = cropper.detect(photo)
        crop = cropper.crop(photo, face) if face else None
    except CodedError as error:
        return CroppedPhoto(None, None, None, error.code)
    return CroppedPhoto(photo, face, crop, None if crop else "no_face")


def map_photos(work, photos: list[RawPhoto], processes: int) -> Iterator:
    """Yields `work(photo)` in order, computed on several processes of one thread each."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=one_thread) as pool:
        yield from pool.map(work, photos, chunksize=16)


def one_thread() -> None:
    """Keeps a worker to one core: detectors with OpenMP would spin on each other's cores, at an eighth of the speed."""
    os.environ["OMP_NUM_THREADS"] = "1"


@cache
def worker_cropper(key: str) -> FaceCropper:
    """One cropper a worker process and preprocessing, since detectors cannot be pickled; `key` is `Preprocessing` as JSON."""
    return Preprocessing(**json.loads(key)).cropper()

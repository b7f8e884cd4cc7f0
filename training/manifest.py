"""The table of a prepared data set: one row a face, and the crops that it names.

A prepared folder holds `manifest.csv`, `prepare.json` (the resolved preprocessing and counts) and
`crops/<split>/<label>/<source>/<id>.png`, each crop exactly what the service would show the network for that photo.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from handler.release import file_sha256

MANIFEST = "manifest.csv"
PREPARE = "prepare.json"
LABELS = ("real", "ai")  # the order of the logits
SPLITS = ("train", "val", "calibration", "test", "ood")


@dataclass(frozen=True, slots=True)  # hundreds of thousands of them are held at once
class Row:
    """One face.

    Attributes:
        id: unique in the data set.
        label: real or ai.
        split: one of `SPLITS`; `ood` sources are only ever reported on.
        original: path of the photo, relative to the raw folder.
        width, height: of the upright photo, in pixels.
        face_size: longer side of the face box, in pixels of the photo.
        crop_side: side of the square that the crop was resampled from, in pixels of the photo.
        crop: path of the crop, relative to the prepared folder.
        sha256: of the photo's file.
    """

    id: str
    label: str
    source: str
    split: str
    original: str
    format: str
    width: int
    height: int
    face_size: int
    confidence: float
    faces: int
    crop_side: int
    crop: str
    bytes: int
    sha256: str

    @property
    def target(self) -> int:
        return LABELS.index(self.label)


def write_manifest(folder: Path, rows: Iterable[Row]) -> None:
    with open(folder / MANIFEST, "w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def read_manifest(folder: Path, *splits: str) -> list[Row]:
    """The rows of the given splits (all of them when none is named), in the file's order.

    Raises:
        FileNotFoundError: the folder was not prepared.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `python -m training prepare` first")
    kinds = {field.name: field.type for field in fields(Row)}
    with open(path, newline="") as file:
        rows = [Row(**{name: kinds[name](value) for name, value in row.items()}) for row in csv.DictReader(file)]
    return [row for row in rows if not splits or row.split in splits]


def read_crop(folder: Path, row: Row) -> np.ndarray:
    """The crop of a row: RGB uint8 `[size, size, 3]`."""
    with Image.open(Path(folder) / row.crop) as image:
        return np.asarray(image)


def read_preparation(folder: Path) -> dict[str, Any]:
    """`prepare.json`: `{"detector": {...}, "crop": {...}, "max_pixels": n, "counts": {...}}`."""
    return json.loads((Path(folder) / PREPARE).read_text())


def data_hash(folder: Path) -> str:
    """SHA-256 of the manifest, which names every photo by its own hash: it stands for the data set."""
    return file_sha256(Path(folder) / MANIFEST)

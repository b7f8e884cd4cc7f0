"""The photos that are sent: JPEGs of one size, made at run time from real ones."""

import io
import random
from pathlib import Path

from PIL import Image, ImageOps

COUNT = 16  # different bodies a size, so that nothing can be answered from a cache
QUALITY = 90  # what cameras and phones write
SMALLEST_CROP = 0.88  # of width and height; the variations of one photo keep its face
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
SEED = 0


def find(source: Path) -> list[Path]:
    """At most `COUNT` photos of a folder and its sub-folders, the same ones every time; a file stands for itself.

    Raises:
        FileNotFoundError: there is none.
    """
    if source.is_file():
        return [source]
    found = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(f"{source} holds no photos ({', '.join(SUFFIXES)})")
    return random.Random(SEED).sample(found, min(COUNT, len(found)))


def make(paths: list[Path], size: int) -> list[bytes]:
    """`COUNT` JPEG files whose long side is `size` pixels; where there are fewer photos, the others are crops of them."""
    chance = random.Random(SEED)
    files = []
    for number in range(COUNT):
        with Image.open(paths[number % len(paths)]) as file:
            image = ImageOps.exif_transpose(file).convert("RGB")
        if number >= len(paths):
            image = image.crop(window(image.size, chance))
        files.append(encoded(resized(image, size)))
    return files


def window(size: tuple[int, int], chance: random.Random) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a crop of nearly the whole image, of the same proportions."""
    share = chance.uniform(SMALLEST_CROP, 1)
    width, height = round(size[0] * share), round(size[1] * share)
    left, top = chance.randint(0, size[0] - width), chance.randint(0, size[1] - height)
    return left, top, left + width, top + height


def resized(image: Image.Image, size: int) -> Image.Image:
    ratio = size / max(image.size)
    return image.resize([max(1, round(side * ratio)) for side in image.size], Image.Resampling.LANCZOS)


def encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

"""The photos that are sent: those of a folder as they are, or the sample's portrait in several sizes and formats.

`python photos.py FOLDER` writes the latter, for a machine that has no Pillow.
"""

import io
import random
import sys
from functools import cache
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "config" / "sample" / "astronaut.jpg"
SUFFIXES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
AT_MOST = 64  # of a folder: each is held in memory
SEED = 0
# long side in pixels, format, quality, how many of it: mostly what phones and web sites send
MIXTURE = (
    (256, "JPEG", 80, 2),
    (640, "JPEG", 85, 4),
    (1280, "JPEG", 90, 4),
    (3000, "JPEG", 92, 2),
    (640, "PNG", None, 1),
    (1280, "WEBP", 85, 1),
)
Photo = tuple[bytes, str]


@cache
def photos(folder: Path | None) -> list[Photo]:
    """Encoded files and their content types.

    Args:
        folder: of photos, with its sub-folders; None for the sample's.

    Raises:
        FileNotFoundError: it holds none.
    """
    if folder is None:
        return made(SAMPLE)
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FileNotFoundError(f"{folder} holds no photos ({', '.join(SUFFIXES)})")
    chosen = random.Random(SEED).sample(found, min(AT_MOST, len(found)))
    return [(path.read_bytes(), SUFFIXES[path.suffix.lower()]) for path in chosen]


def made(sample: Path) -> list[Photo]:
    """`MIXTURE` of a portrait; each is cut a little differently, so that no two are the same."""
    from PIL import Image

    chance = random.Random(SEED)
    files = []
    with Image.open(sample) as file:
        portrait = file.convert("RGB")
    for side, image_format, quality, count in MIXTURE:
        for _ in range(count):
            margin = chance.uniform(0, 0.06) * portrait.width
            area = (margin, 0, portrait.width - margin, portrait.height - 2 * margin)
            image = portrait.resize((side, side), Image.Resampling.BICUBIC, box=area)
            encoded = io.BytesIO()
            image.save(encoded, image_format, **({"quality": quality} if quality else {}))
            files.append((encoded.getvalue(), f"image/{image_format.lower()}"))
    return files


def write(folder: Path, sample: Path = SAMPLE) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (data, content_type) in enumerate(made(sample)):
        (folder / f"{number:02}.{content_type.partition('/')[2]}").write_bytes(data)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *(Path(argument) for argument in sys.argv[2:]))

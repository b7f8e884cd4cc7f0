"""Sound files of sizes, depths and modes that no camera writes."""

import io
from functools import cache
from random import Random

from PIL import Image

from tests.hostile.case import EXPLAIN, OK, PREDICT, Case, case
from tests.hostile.files import portrait

SIDES = (1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 159, 160, 161, 319, 321)
LONG = (1_000, 5_000, 16_383, 30_000, 65_500, 65_535)
LONGEST = {"PNG": 65_535, "JPEG": 65_500, "WEBP": 16_383}  # what the encoders write
MODES = {"PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "JPEG": ("L", "RGB", "CMYK"), "WEBP": ("RGB", "RGBA")}


def make(chance: Random) -> Case:
    image_format = chance.choice(sorted(MODES))
    mode = chance.choice(MODES[image_format])
    short, long = chance.choice(SIDES), min(chance.choice((*SIDES, *LONG)), LONGEST[image_format])
    size = chance.choice(((short, long), (long, short)))
    overlay = {"X-Explain-Overlay": "true"} if chance.random() < 0.3 else {}
    kind = f"{image_format} {mode} {'line' if long >= LONG[0] else 'small'}"
    data = file(image_format, mode, size, picture=chance.random() < 0.5)
    return case(kind, data, OK, path=chance.choice((PREDICT, EXPLAIN)), headers=overlay)


@cache
def file(image_format: str, mode: str, size: tuple[int, int], *, picture: bool) -> bytes:
    """Flat, or the portrait squeezed into the size."""
    image = portrait().resize(size, Image.Resampling.NEAREST) if picture else Image.new("RGB", size)
    if mode.startswith("I"):
        image = image.convert("L").convert("I").point(lambda value: value * 257)
    encoded = io.BytesIO()
    image.convert(mode).save(encoded, image_format)
    return encoded.getvalue()

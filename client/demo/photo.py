"""A photo in the visitor's hand: its bytes, and small upright copies of it to show. Nothing of it is written to disk."""

import base64
import hashlib
import io
import math
from dataclasses import dataclass, field
from functools import cached_property

from PIL import Image, ImageOps

SHOWN_SIDE = 1024  # pixels of the long side of the copy under the heat map
THUMBNAIL_SIDE = 112  # twice what the gallery shows, for screens of high resolution
CLOSE = 1.5  # sides of what the model saw that a close-up shows
ENOUGH = 0.9  # of the photo's shorter side: a close-up that is as large would show nothing larger
FORMATS = ("JPEG", "PNG", "WEBP")  # Pillow's names of what the service reads

Box = tuple[int, int, int, int]  # x, y, width, height in pixels of the upright photo


@dataclass(frozen=True)
class Photo:
    """An encoded image and what the visitor calls it.

    Attributes:
        digest: of the bytes; two uploads of one file are one photo to the service.
    """

    name: str
    data: bytes = field(repr=False)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def upright_copy(data: bytes, max_side: int, box: Box | None = None) -> str:
    """The image, or a part of it, turned as its EXIF data says, as the `data:` URL of a JPEG.

    Ask only for images that the service has answered: it has checked format and size.

    Args:
        max_side: pixels that the long side is reduced to, where it is longer.
        box: x, y, width, height of the part in pixels of the upright image; None for all of it.

    Raises:
        OSError, ValueError: it cannot be decoded.
    """
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        full_side = max(image.size)
        wanted = min(1.0, max_side / (max(box[2:]) if box else full_side))
        image.draft("RGB", tuple(math.ceil(side * wanted) for side in image.size))  # a JPEG is decoded no larger than needed
        ratio = max(image.size) / full_side
        image = ImageOps.exif_transpose(image)
        if box:
            left, top, width, height = (edge * ratio for edge in box)
            image = image.crop((round(left), round(top), round(left + width), round(top + height)))
        image.thumbnail((max_side, max_side))
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        copy = io.BytesIO()
        image.convert("RGB").save(copy, "JPEG", quality=88)
    return data_url(copy.getvalue(), "image/jpeg")


def around(box: Box, size: tuple[int, int]) -> Box:
    """The part of a photo that shows a face large, with some of what is around it; all of the photo where the face fills it.

    Args:
        box: of what the model saw.
        size: width and height of the photo.
    """
    x, y, width, height = box
    side = round(CLOSE * max(width, height))
    if side >= ENOUGH * min(size):
        return 0, 0, *size
    left = min(max(0, x + (width - side) // 2), size[0] - side)
    top = min(max(0, y + (height - side) // 2), size[1] - side)
    return left, top, side, side


def data_url(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"

"""How much memory the decoded photos of a batch hold together.

A request may bring sixteen images, a batch several requests, and an image of 100 kB decodes to 200 MB.
"""

import weakref
from typing import Protocol

from PIL import Image

BYTES_A_PIXEL = 4  # Pillow's RGB


class Holder(Protocol):
    """What can decode its pixels again when they were taken from it."""

    pixels: Image.Image | None


class PixelStore:
    """The photos that hold pixels, in the order in which they were decoded. It does not keep them alive.

    Args:
        limit: bytes that they may hold together; the one decoded last may hold more.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.holders: list[weakref.ref[Holder]] = []

    def add(self, newest: Holder) -> None:
        """Notes a photo that has just been decoded, and takes their pixels from the oldest ones as far as the limit demands."""
        others = [photo for ref in self.holders if (photo := ref()) is not None and photo is not newest and photo.pixels]
        total = sum(size(photo) for photo in (*others, newest))
        while others and total > self.limit:
            oldest = others.pop(0)
            total -= size(oldest)
            oldest.pixels = None
        self.holders = [weakref.ref(photo) for photo in (*others, newest)]


def size(photo: Holder) -> int:
    """Bytes of its pixels."""
    return BYTES_A_PIXEL * photo.pixels.width * photo.pixels.height

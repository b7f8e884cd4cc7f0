"""Encoded pictures for requests: the sample portrait, and what a client should not send."""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image

SAMPLE = Path(__file__).parents[1] / "config" / "sample" / "astronaut.jpg"


def portrait(image_format: str = "JPEG") -> bytes:
    """The sample portrait in another format; with no argument, the file itself."""
    if image_format == "JPEG":
        return SAMPLE.read_bytes()
    return encoded(Image.open(SAMPLE), image_format)


def no_face() -> bytes:
    return encoded(Image.new("RGB", (320, 240), (90, 120, 60)), "PNG")


def turned_portrait() -> bytes:
    """The portrait stored lying on its side, with the EXIF orientation that turns it upright again."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    lying = Image.open(SAMPLE).transpose(Image.Transpose.ROTATE_90)
    return encoded(lying, "JPEG", quality=95, exif=exif)


def small_portrait(side: int) -> bytes:
    """The portrait, with its face shrunk inside a plain canvas of the same size."""
    image = Image.open(SAMPLE).convert("RGB")
    canvas = Image.new("RGB", image.size, (128, 128, 128))
    canvas.paste(image.resize((side, side), Image.Resampling.LANCZOS), (40, 40))
    return encoded(canvas, "PNG")


def gif() -> bytes:
    return encoded(Image.new("RGB", (8, 8)), "GIF")


def png_that_declares(width: int, height: int) -> bytes:
    """A PNG of less than 100 bytes whose header declares any size: what a decompression bomb starts with."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def encoded(image: Image.Image, image_format: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()

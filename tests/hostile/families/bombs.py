"""Small files that ask for much memory or time."""

import base64
import json
import zlib
from functools import cache
from random import Random

from PIL import Image

from tests.hostile.case import BAD_IMAGE, BAD_REQUEST, EXPLAIN, KSERVE, OK, PREDICT, TOO_LARGE, UNSUPPORTED, Case, case
from tests.hostile.files import (
    GREY,
    GREY_ALPHA,
    HUGE,
    PALETTE,
    RGBA,
    arithmetic,
    canvas,
    chunk,
    many_scans,
    overlapping_exif,
    png,
    png_with_chunks,
    riff,
    segment,
    with_segments,
)
from tests.pictures import encoded, png_that_declares

LIST = "list of 50 MP"


def make(chance: Random) -> Case:
    draw = chance.choices((declared, few_pixels, most_pixels), (8, 12, 1))[0]
    return draw(chance)


def declared(chance: Random) -> Case:
    """Sizes that are refused by the header."""
    width, height = chance.choice(
        ((30_000, 30_000), (2**31 - 1, 2**31 - 1), (70_000, 1), (1, 70_000), (8_000, 6_251), (65_535, 65_535))
    )
    return case("png that declares too much", png_that_declares(width, height), TOO_LARGE)


def few_pixels(chance: Random) -> Case:
    return bomb(chance.choice(sorted(FEW)), chance.choice((PREDICT, EXPLAIN)))


def most_pixels(chance: Random) -> Case:
    """A worker is busy for seconds with one of these."""
    return bomb(chance.choice(sorted(MOST)), chance.choice((PREDICT, EXPLAIN)))


def every() -> list[Case]:
    """One of each kind; with its overlay, which makes the most work."""
    return [bomb(kind, EXPLAIN) for kind in (*FEW, *MOST)]


def bomb(kind: str, path: str) -> Case:
    allowed = FEW[kind][1:] if kind in FEW else (OK, BAD_IMAGE, TOO_LARGE)
    if kind == LIST:
        return case(kind, file(kind), OK, path=KSERVE, headers={"Content-Type": "application/json"})
    return case(kind, file(kind), *allowed, path=path, headers={"X-Explain-Overlay": "true"} if path == EXPLAIN else {})


@cache
def file(kind: str) -> bytes:
    return FEW[kind][0]() if kind in FEW else MOST[kind]()


def many_in_a_list() -> bytes:
    """Sixteen images of 50 megapixels in 3 MB: all but two are refused."""
    image = base64.b64encode(png(HUGE)).decode()
    return json.dumps({"instances": [{"image": {"b64": image}}] * 16}).encode()


def frames(count: int) -> bytes:
    """An animated WebP of a pixel a frame."""
    pixel = encoded(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    return riff(canvas((1, 1), flags=2), (b"ANIM", bytes(6)), *[(b"ANMF", bytes(16) + pixel)] * count)


def webp_with_chunks(count: int) -> bytes:
    pixel = encoded(Image.new("RGB", (1, 1)), "WEBP", lossless=True)
    return riff(canvas((1, 1)), (pixel[12:16], pixel[20:]), *[(b"abcd", b"")] * count)


# files that are much work by something else than their size: how each is made, and what it may get
FEW = {
    "jpeg of 900 scans, 50 MP": (lambda: many_scans(HUGE, 900), TOO_LARGE),
    "jpeg of 5,000 scans": (lambda: many_scans((8, 8), 5_000), BAD_IMAGE),
    "jpeg of 1,500 scans, 1 MP": (lambda: many_scans((1_000, 1_000), 1_500), TOO_LARGE),
    "jpeg of 900 scans, 1 MP": (lambda: many_scans((1_000, 1_000), 900), OK, BAD_IMAGE),
    "jpeg of 500,000 comments": (lambda: with_segments(b"\xff\xfe\0\2" * 500_000), BAD_IMAGE),
    "jpeg of 200,000 small EXIF": (lambda: with_segments(segment(0xE1, b"Exif\0\0AB") * 200_000), BAD_IMAGE),
    "jpeg of 2 MB padding": (lambda: with_segments(segment(0xE0, b"") + b"\xff" * 2_000_000), OK),
    "jpeg of 2 MB junk": (lambda: with_segments(segment(0xE0, b"") + bytes(2_000_000)), OK),
    "jpeg of 2 MB tables": (lambda: with_segments(segment(0xDB, (b"\0" + b"\1" * 64) * 1_000) * 30), BAD_IMAGE),
    "jpeg of overlapping EXIF": (lambda: with_segments(segment(0xE1, b"Exif\0\0" + overlapping_exif(2_700, 32_000))), OK),
    "jpeg of two frames": (lambda: with_segments(segment(0xC0, b"\x08\xff\xff\xff\xff\1\1\x11\0")), BAD_IMAGE),
    "png of overlapping EXIF": (lambda: png_with_chunks(chunk(b"eXIf", overlapping_exif(5_000, 1_000_000))), OK),
    "png of 150,000 chunks": (lambda: png_with_chunks(chunk(b"tIME", bytes(7)) * 150_000), BAD_IMAGE),
    "png of 150,000 chunks at its end": (lambda: png_with_chunks(after=chunk(b"abCd", b"") * 150_000), BAD_IMAGE),
    "png of 150,000 empty pixels": (lambda: png_with_chunks(chunk(b"IDAT", b"") * 150_000), BAD_IMAGE),
    "png of 60 MB text": (lambda: png_with_chunks(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000))) * 60), OK),
    "png of a 100 MB text": (lambda: png_with_chunks(chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100_000_000)))), OK),
    "png of a 100 MB profile": (lambda: png_with_chunks(chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(100_000_000)))), OK),
    "png of a 100 MB raw profile": (
        lambda: png_with_chunks(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"0" * 100_000_000))),
        OK,
    ),
    "webp of 50,000 frames": (lambda: frames(50_000), OK, BAD_IMAGE),
    "webp of 300,000 chunks": (lambda: webp_with_chunks(300_000), OK, BAD_IMAGE),
    "webp canvas of 268 MP": (lambda: riff(canvas((16_384, 16_384)), (b"VP8L", bytes(20))), TOO_LARGE),
    "webp canvas of 2^48 pixels": (lambda: riff(canvas((1 << 24, 1 << 24))), TOO_LARGE),
    "tiff that declares too much": (lambda: b"II*\0" + b"\x08\0\0\0" + b"\xff" * 200, UNSUPPORTED),
    "gzip of 100 MB": (lambda: zlib.compress(bytes(100_000_000)), UNSUPPORTED),
    "json of a million values": (lambda: b'{"instances":[' + b"{}," * 1_000_000 + b"{}]}", BAD_REQUEST),
    "json of a million digits": (lambda: b'{"image":' + b"7" * 1_000_000 + b"}", BAD_REQUEST),
    "json of a million lines": (lambda: b'{"image":"' + b"AA\\n" * 1_000_000 + b'"}', UNSUPPORTED, BAD_REQUEST),
}
# as many pixels as are accepted
MOST = {
    "png rgb 50 MP": lambda: png(HUGE),
    "png rgba 50 MP": lambda: png(HUGE, colour=RGBA, row_filter=4),
    "png rgba 16-bit 50 MP": lambda: png(HUGE, depth=16, colour=RGBA, row_filter=4),
    "png rgba 16-bit 25 MP": lambda: png((5_000, 5_000), depth=16, colour=RGBA, row_filter=4),
    "png grey and alpha 16-bit 50 MP": lambda: png(HUGE, depth=16, colour=GREY_ALPHA, row_filter=4),
    "png grey 16-bit 50 MP": lambda: png(HUGE, depth=16, colour=GREY),
    "png palette with alpha 50 MP": lambda: png(HUGE, colour=PALETTE, before=chunk(b"tRNS", bytes(256))),
    "png rgb with a transparent colour 50 MP": lambda: png(HUGE, before=chunk(b"tRNS", bytes(6))),
    "png rgba turned 50 MP": lambda: png(HUGE, colour=RGBA, before=chunk(b"eXIf", overlapping_exif(1, 8))),
    "png interlaced 50 MP": lambda: png(HUGE, interlaced=True),
    "jpeg flat 50 MP": lambda: encoded(Image.new("RGB", HUGE), "JPEG"),
    "jpeg cmyk progressive 50 MP": lambda: encoded(Image.new("CMYK", HUGE), "JPEG", progressive=True),
    "jpeg of 20 scans 50 MP": lambda: many_scans(HUGE, 20),
    "jpeg arithmetic 50 MP": lambda: arithmetic(HUGE, 3),
    "webp flat 29 MP": lambda: encoded(Image.new("RGB", (5_900, 5_000)), "WEBP", method=0),
    "webp lossless with alpha 29 MP": lambda: encoded(
        Image.new("RGBA", (5_900, 5_000)), "WEBP", lossless=True, method=0, quality=0
    ),
    LIST: many_in_a_list,
}

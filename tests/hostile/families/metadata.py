"""EXIF, XMP and colour profiles that are broken, contradict each other, or lead in circles: no reason to refuse a picture."""

import struct
import zlib
from random import Random

from tests.hostile.case import EXPLAIN, OK, PREDICT, Case, case
from tests.hostile.files import canvas, chunk, exif, overlapping_exif, png_with_chunks, riff, segment, sound, with_segments

XMP = b"http://ns.adobe.com/xap/1.0/\0"
ICC = b"ICC_PROFILE\0"
TAGS = (0x0112, 0x8769, 0x8825, 0xA005, 0x014A, 0x0201, 0x927C, 0x011A, 0x0128)  # those that readers follow or divide by


def make(chance: Random) -> Case:
    kind = chance.choice(sorted(KINDS))
    holder = chance.choice(sorted(HOLDERS))
    content = KINDS[kind](chance)
    return case(f"{kind} in {holder}", HOLDERS[holder](content), OK, path=chance.choice((PREDICT, EXPLAIN)))


def in_jpeg(content: bytes) -> bytes:
    """Where it does not fit a segment, in several."""
    parts = [content[start : start + 65_000] for start in range(0, max(1, len(content)), 65_000)]
    return with_segments(b"".join(segment(0xE1, b"Exif\0\0" + part) for part in parts))


def in_xmp(content: bytes) -> bytes:
    return with_segments(segment(0xE1, XMP + content[:60_000]))


def in_icc(content: bytes) -> bytes:
    """A profile that says to be one of seven parts, thrice."""
    return with_segments(segment(0xE2, ICC + b"\1\7" + content[:60_000]) * 3 + segment(0xE2, ICC))


def in_photoshop(content: bytes) -> bytes:
    return with_segments(segment(0xED, b"Photoshop 3.0\x008BIM\x03\xed\0\0" + content[:60_000]))


def in_webp(content: bytes) -> bytes:
    picture = sound(64)["webp"]
    position = picture.index(b"VP8 ")
    length = struct.unpack_from("<I", picture, position + 4)[0]
    still = (b"VP8 ", picture[position + 8 : position + 8 + length])
    return riff(canvas((64, 64), flags=0x2C), (b"ICCP", content), still, (b"EXIF", content), (b"XMP ", content))


HOLDERS = {
    "jpeg": in_jpeg,
    "jpeg xmp": in_xmp,
    "jpeg icc": in_icc,
    "jpeg photoshop": in_photoshop,
    "png": lambda content: png_with_chunks(chunk(b"eXIf", content)),
    "png after the pixels": lambda content: png_with_chunks(after=chunk(b"eXIf", content)),
    "png xmp": lambda content: png_with_chunks(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + content)),
    "png text": lambda content: png_with_chunks(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(content))),
    "png text, not packed": lambda content: png_with_chunks(chunk(b"tEXt", b"Raw profile type exif\0" + content)),
    "png icc": lambda content: png_with_chunks(chunk(b"iCCP", b"\0\0" + content)),
    "png icc, packed": lambda content: png_with_chunks(chunk(b"iCCP", b"n\0\0" + zlib.compress(content))),
    "webp": in_webp,
}


def random_directory(chance: Random) -> bytes:
    entries = [
        (
            chance.choice(TAGS),
            chance.randrange(14),
            chance.choice((0, 1, 2, 2**31, 2**32 - 1)),
            chance.choice((0, 8, 6 << 16, 2**32 - 1)),
        )
        for _ in range(chance.randrange(1, 40))
    ]
    return exif(entries, order=chance.choice("<>"), tail=chance.randbytes(100))


def circular(chance: Random) -> bytes:
    """Directories that name themselves as their sub-directories, and as the next one."""
    return exif([(tag, 4, 1, 8) for tag in TAGS])[:-4] + struct.pack(">I", 8)


KINDS = {
    "nothing": lambda chance: b"",
    "random bytes": lambda chance: chance.randbytes(chance.randrange(1, 3_000)),
    "a start and random bytes": lambda chance: chance.choice((b"MM\0*", b"II*\0", b"MM\0+", b"II\0\0")) + chance.randbytes(300),
    "a random directory": random_directory,
    "circles": circular,
    "overlapping entries": lambda chance: overlapping_exif(chance.randrange(1, 2_000), 30_000),
    "a million tags declared": lambda chance: b"MM\0*\0\0\0\x08\xff\xff",
    "an offset beyond the end": lambda chance: b"II*\0\xff\xff\xff\xff",
    "an unknown orientation": lambda chance: exif([(0x0112, 3, 1, chance.randrange(9, 65_536) << 16)]),
    "an orientation in words": lambda chance: b'<a tiff:Orientation="' + b"9" * chance.randrange(1, 1_000) + b'"/>',
    "an endless pattern": lambda chance: b"tiff:Orientation=" * 3_000,
    "two starts": lambda chance: b"Exif\0\0Exif\0\0" + exif([(0x0112, 3, 1, 6 << 16)]),
    "zero divisors": lambda chance: exif(
        [(0x011A, 5, 1, 60), (0x0128, 3, 1, 2 << 16), (0x0112, 3, 1, 3 << 16)], tail=bytes(60)
    ),
    "hexadecimal": lambda chance: b"\nexif\n  20\n" + exif([(0x0112, 3, 1, 8 << 16)]).hex().encode(),
}

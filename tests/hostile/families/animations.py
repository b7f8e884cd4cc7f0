"""Files of several pictures: APNG, GIF, animated WebP, MPO; sound, odd, and damaged."""

import struct
from functools import cache
from random import Random

from tests.hostile.case import BAD_IMAGE, EXPLAIN, IMAGE, OK, PREDICT, UNSUPPORTED, Case, case
from tests.hostile.families.damaged import cut, flipped
from tests.hostile.files import canvas, chunk, png_with_chunks, portrait, riff, saved, segment, with_segments


def make(chance: Random) -> Case:
    kind, (data, *allowed) = chance.choice(sorted(files().items()))
    path = chance.choice((PREDICT, EXPLAIN))
    if chance.random() < 0.5:
        return case(kind, data, *allowed, path=path)
    damage = chance.choice((cut, flipped))
    return case(f"{kind}, {damage.__name__}", damage(bytearray(data), chance), *IMAGE, path=path)


@cache
def files() -> dict[str, tuple]:
    first, second = portrait(128), portrait(128).rotate(90)
    control = struct.pack(">IIIIIHHBB", 0, 64, 64, 0, 0, 1, 10, 0, 0)
    outside = struct.pack(">IIIIIHHBB", 0, 4_000, 4_000, 4_000, 4_000, 1, 10, 0, 0)
    frame = (b"ANMF", bytes(16) + saved([first], "WEBP")[12:])
    return {
        "apng": (saved([first, second], "PNG"), OK),
        "apng with a default image": (saved([first, second], "PNG", default_image=True), OK),
        "apng of 4 billion frames": (png_with_chunks(chunk(b"acTL", b"\xff" * 8)), OK),
        "apng of no frames": (png_with_chunks(chunk(b"acTL", bytes(8))), OK),
        "apng frame outside": (png_with_chunks(chunk(b"acTL", b"\0\0\0\2" + bytes(4)) + chunk(b"fcTL", outside)), OK),
        "apng frames out of order": (png_with_chunks(chunk(b"fcTL", control) * 9 + chunk(b"acTL", b"\0\0\0\2" + bytes(4))), OK),
        "gif": (saved([first, second], "GIF"), UNSUPPORTED),
        "webp animation": (saved([first, second], "WEBP"), OK),
        "webp animation without a frame": (riff(canvas((64, 64), flags=2), (b"ANIM", bytes(6))), BAD_IMAGE),
        "webp frame larger than its canvas": (riff(canvas((16, 16), flags=2), (b"ANIM", bytes(6)), frame), BAD_IMAGE),
        "webp two pictures": (
            riff(canvas((128, 128)), *[(saved([first], "WEBP")[12:16], saved([first], "WEBP")[20:])] * 2),
            OK,
            BAD_IMAGE,
        ),
        "mpo": (saved([first, second], "MPO"), OK),
        "mpo of 4 billion pictures": (with_segments(mpo(0xFFFFFFFF)), OK),
        "mpo without an index": (with_segments(segment(0xE2, b"MPF\0MM\0*\0\0\0\x08\xff\xff")), OK),
    }


def mpo(pictures: int) -> bytes:
    """The index of a file that says to hold so many pictures."""
    count = struct.pack(">HHII", 0xB001, 4, 1, pictures)
    entries = struct.pack(">HHII", 0xB002, 7, 16, 8)
    return segment(0xE2, b"MPF\0MM\0*" + struct.pack(">IH", 8, 2) + count + entries + bytes(4))

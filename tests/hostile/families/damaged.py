"""Sound files of all formats, cut short, with flipped bits, and with parts that moved."""

from random import Random

from tests.hostile.case import EXPLAIN, IMAGE, PREDICT, Case, case
from tests.hostile.files import sound


def make(chance: Random) -> Case:
    name, data = chance.choice(sorted(sound(chance.choice((64, 256, 320))).items()))
    damage = chance.choice((cut, flipped, overwritten, spliced, repeated, ending))
    path = chance.choice((PREDICT, PREDICT, EXPLAIN))
    return case(f"{damage.__name__} {name}", damage(bytearray(data), chance), *IMAGE, path=path)


def cut(data: bytearray, chance: Random) -> bytes:
    return bytes(data[: chance.randrange(3, len(data))])


def flipped(data: bytearray, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        data[chance.randrange(12, len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def overwritten(data: bytearray, chance: Random) -> bytes:
    """A header's or the pixels' bytes replaced by values that mean a lot: 0, 127, 128, 255."""
    start = chance.randrange(12, min(len(data), chance.choice((64, 700, len(data)))))
    length = chance.randrange(1, 9)
    data[start : start + length] = bytes([chance.choice((0, 0x7F, 0x80, 0xFF))]) * length
    return bytes(data)


def spliced(data: bytearray, chance: Random) -> bytes:
    """The beginning of one file and the end of another."""
    other = chance.choice(sorted(sound().values()))
    return bytes(data[: chance.randrange(12, len(data))]) + other[chance.randrange(len(other)) :]


def repeated(data: bytearray, chance: Random) -> bytes:
    start = chance.randrange(2, len(data))
    part = data[start : start + chance.randrange(1, 4000)]
    return bytes(data[:start] + part * chance.randrange(2, 20) + data[start:])


def ending(data: bytearray, chance: Random) -> bytes:
    """A whole file with something behind it, as motion photos have."""
    return bytes(data) + chance.randbytes(chance.randrange(1, 10_000))

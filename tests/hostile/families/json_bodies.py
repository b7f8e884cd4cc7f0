"""JSON that is none, that nests, that is of another shape, and base64 that is none."""

import base64
import json
from random import Random

from tests.hostile.case import (
    BAD_IMAGE,
    BAD_REQUEST,
    EMPTY,
    EXPLAIN,
    KSERVE,
    OK,
    PREDICT,
    TOO_LARGE,
    UNSUPPORTED,
    Case,
    case,
)
from tests.hostile.files import sound

TYPE = {"Content-Type": "application/json"}
STRINGS = ("", "x", "%", "é", "\ud800")
SCALARS = (None, True, 0, -1, 1e308, 10**30, *STRINGS, [], {}, [[]], {"b64": 1}, {"b64": None}, {"b64": ["A"]})
# what a body may get of which nobody knows what is left of it
ANY = (BAD_REQUEST, OK, BAD_IMAGE, UNSUPPORTED, TOO_LARGE, EMPTY)


def make(chance: Random) -> Case:
    draw = chance.choice(KINDS)
    body, *allowed = draw(chance)
    return case(draw.__name__.replace("_", " "), body, *allowed, path=chance.choice((PREDICT, EXPLAIN, KSERVE)), headers=TYPE)


def text(chance: Random) -> str:
    return base64.b64encode(chance.choice(sorted(sound(64).items()))[1]).decode()


def nested(chance: Random) -> tuple:
    depth = chance.choice((10, 900, 5_000, 100_000))
    opening, closing = chance.choice((("[", "]"), ('{"image":', "}"), ('{"instances":[', "]}")))
    return (opening * depth + chance.choice(("", "1")) + closing * depth).encode(), BAD_REQUEST, OK


def broken(chance: Random) -> tuple:
    whole = json.dumps({"image": text(chance)})
    start = chance.randrange(len(whole))
    return (whole[:start] + chance.choice(("", '"', "{", "\\", ",", "\0", "\\u12", "NaN")) + whole[start + 1 :]).encode(), *ANY


def shape(chance: Random) -> tuple:
    value = chance.choice(SCALARS)
    bodies = [value, {"image": value}, {"instances": value}, {"instances": [value]}, {"instances": [{"image": value}]}]
    bodies += [{"inputs": [value]}, {"Image": text(chance)}, {"instances": {"image": text(chance)}}]
    body = chance.choice(bodies)
    return json.dumps(body).encode(), BAD_REQUEST, UNSUPPORTED, EMPTY, OK


def instances(chance: Random) -> tuple:
    """A list of which some can be read: an answer of 200, with an error in its place for each that cannot."""
    good, bad = {"image": {"b64": text(chance)}}, {"image": {"b64": chance.choice(("%", "", "AAAA", "/9j/", "iVBORw0KGgo="))}}
    entries = [chance.choice((good, bad, chance.choice(SCALARS))) for _ in range(chance.randrange(1, 17))]
    return json.dumps({"instances": entries}).encode(), OK


def too_many(chance: Random) -> tuple:
    return json.dumps({"instances": [{"image": {"b64": ""}}] * chance.choice((17, 100, 5_000))}).encode(), BAD_REQUEST


def base64_broken(chance: Random) -> tuple:
    letters = list(text(chance))
    for _ in range(chance.randrange(1, 5)):
        letters[chance.randrange(len(letters))] = chance.choice("%-_=. \n\téÿ漢")
    return json.dumps({"image": "".join(letters)}, ensure_ascii=False).encode(), *ANY


def base64_cut(chance: Random) -> tuple:
    whole = text(chance)
    return json.dumps({"image": whole[: chance.randrange(len(whole))]}).encode(), *ANY


def data_url(chance: Random) -> tuple:
    return json.dumps({"image": "data:image/jpeg;base64," + text(chance)}).encode(), BAD_REQUEST


def wrapped(chance: Random) -> tuple:
    """As base64 tools write it, and with white space around the JSON."""
    lines = base64.encodebytes(base64.b64decode(text(chance))).decode()
    return b"\n\t " * chance.randrange(100) + json.dumps({"image": lines}).encode(), OK


def repeated_key(chance: Random) -> tuple:
    return b'{"image":1,' * 1 + b'"image":"' + text(chance).encode() + b'"}', OK


def escaped(chance: Random) -> tuple:
    """Each letter as six."""
    return b'{"image":"' + "".join(f"\\u{ord(letter):04x}" for letter in text(chance)).encode() + b'"}', OK


def encoding(chance: Random) -> tuple:
    whole = json.dumps({"image": text(chance)})
    name = chance.choice(("utf-16", "utf-32", "utf-8-sig", "cp037"))
    return whole.encode(name), OK, BAD_REQUEST, UNSUPPORTED


def numbers(chance: Random) -> tuple:
    digits = chance.choice((b"1" * 10_000, b"1e" + b"9" * 1_000, b"-" * 100, b"0x7f", b"Infinity", b"1" * 4_000))
    return b'{"image":' + digits + b"}", BAD_REQUEST


KINDS = (
    *(nested, broken, shape, instances, too_many, base64_broken, base64_cut, data_url, wrapped, repeated_key, escaped),
    *(encoding, numbers),
)

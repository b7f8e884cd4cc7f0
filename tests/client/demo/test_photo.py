"""Upright copies: what is shown lies where the service's boxes say."""

import base64
import io

import pytest
from PIL import Image

from client.demo.photo import Photo, around, upright_copy
from tests.pictures import encoded, no_face, portrait, turned_portrait


def decoded(url: str) -> Image.Image:
    kind, _, text = url.partition(";base64,")
    assert kind == "data:image/jpeg"
    return Image.open(io.BytesIO(base64.b64decode(text)))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of the grey values."""
    assert one.size == other.size
    pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
    return sum(abs(first - second) for first, second in pairs) / (one.width * one.height)


@pytest.mark.parametrize("box", [None, (180, 60, 90, 110)])
def test_a_photo_stored_on_its_side_is_shown_upright(box):
    upright, turned = (decoded(upright_copy(data, 1024, box)) for data in (portrait(), turned_portrait()))
    assert difference(upright, turned) < 4  # two JPEGs of the same pixels


def test_the_long_side_is_reduced_and_never_enlarged():
    assert decoded(upright_copy(portrait(), 128)).size == (128, 128)
    assert decoded(upright_copy(portrait(), 1024)).size == (512, 512)


def test_a_part_keeps_its_place_where_the_photo_is_decoded_smaller():
    image = Image.new("RGB", (1600, 1200), "white")
    image.paste("black", (800, 600, 1600, 1200))
    shown = decoded(upright_copy(encoded(image, "JPEG"), 200, (400, 300, 800, 600)))
    assert shown.size == (200, 150)
    assert shown.getpixel((90, 65)) > (200, 200, 200)
    assert shown.getpixel((110, 85)) < (50, 50, 50)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "CMYK", "I;16", "1"])
def test_every_mode_can_be_shown(mode):
    image_format = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("L", (40, 30), 200).convert(mode) if mode != "I;16" else Image.new(mode, (40, 30), 50_000)
    assert decoded(upright_copy(encoded(image, image_format), 32)).size == (32, 24)


def test_what_is_transparent_is_shown_white():
    shown = decoded(upright_copy(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG"), 32))
    assert shown.getpixel((4, 4)) == (255, 255, 255)


def test_other_formats_are_not_decoded():
    with pytest.raises(OSError, match="cannot identify"):
        upright_copy(encoded(Image.new("RGB", (8, 8)), "GIF"), 32)


@pytest.mark.parametrize(
    ("box", "part"),
    [
        ((400, 300, 100, 100), (375, 275, 150, 150)),  # 1.5 times as large, around the same middle
        ((0, 0, 100, 100), (0, 0, 150, 150)),  # moved inside
        ((900, 500, 100, 100), (850, 450, 150, 150)),
        ((100, 0, 500, 500), (0, 0, 1000, 600)),  # a close-up would be no closer
    ],
)
def test_a_close_up_shows_the_face_with_its_surroundings(box, part):
    assert around(box, (1000, 600)) == part


def test_equal_bytes_are_one_photo():
    assert Photo("a", no_face()).digest == Photo("b", no_face()).digest != Photo("a", portrait()).digest

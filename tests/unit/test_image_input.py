import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageOps

from handler.errors import CodedError
from handler.image_input import declared_pixels, decode
from tests.pictures import encoded, gif, png_that_declares, portrait

LIMIT = 1_000_000


def read(data: bytes) -> np.ndarray:
    return np.asarray(decode(data, max_pixels=LIMIT).decoded(10**6))


def code(data: bytes) -> str:
    with pytest.raises(CodedError) as caught:
        decode(data, max_pixels=LIMIT)
    return caught.value.code


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_a_png_becomes_rgb(mode):
    image = Image.open(io.BytesIO(portrait())).convert("RGB").resize((64, 64)).convert(mode)
    assert (read(encoded(image, "PNG")) == np.asarray(image.convert("RGB"))).all()


def test_cmyk_keeps_its_colour():
    pixel = read(encoded(Image.new("RGB", (16, 16), (200, 30, 30)).convert("CMYK"), "JPEG", quality=95))[8, 8]
    assert abs(pixel.astype(int) - (200, 30, 30)).max() <= 6  # what JPEG and the round trip through CMYK lose


@pytest.mark.parametrize(("value", "grey"), [(0, 0), (32768, 128), (65535, 255)])
def test_sixteen_bits_are_scaled_and_not_clipped(value, grey):
    image = Image.fromarray(np.full((8, 8), value, np.uint16))
    assert (read(encoded(image, "PNG")) == grey).all()


def test_what_is_transparent_is_white():
    assert (read(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(orientation):
    marked = Image.new("RGB", (40, 20), "white")
    marked.paste((255, 0, 0), (0, 0, 20, 10))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(marked, "PNG", exif=exif)
    assert (read(stored) == np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(stored))))).all()


@pytest.mark.parametrize(("long_side", "decoded"), [(1, 125), (125, 125), (126, 250), (500, 500), (501, 1000), (9999, 1000)])
def test_a_jpeg_is_decoded_at_the_smallest_scale_that_suffices(long_side, decoded):
    photo = decode(encoded(Image.new("RGB", (1000, 600), "grey"), "JPEG"), max_pixels=LIMIT, long_side=long_side)
    assert max(photo.decoded(long_side).size) == decoded
    assert (photo.width, photo.height) == (1000, 600)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_decoded_again_only_for_more_pixels(image_format):
    photo = decode(encoded(Image.new("RGB", (800, 400), "grey"), image_format), max_pixels=LIMIT, long_side=100)
    small = photo.decoded(100)
    assert photo.decoded(50) is small
    assert photo.decoded(800).size == (800, 400)
    assert photo.decoded(100) is photo.decoded(800)


def test_the_size_is_that_of_the_upright_image():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = decode(encoded(Image.new("RGB", (800, 400)), "JPEG", exif=exif), max_pixels=LIMIT, long_side=100)
    assert (photo.width, photo.height) == (400, 800)
    assert photo.decoded(100).size == (50, 100)


def test_an_animation_counts_by_its_first_frame():
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    for image_format in ("PNG", "WEBP"):
        pixel = read(encoded(frames[0], image_format, save_all=True, append_images=frames[1:], lossless=True))[16, 16]
        assert pixel[0] > 200 > pixel[2]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty_body"),
        (b"hello", "unsupported_format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_format"),
        (gif(), "unsupported_format"),
        (portrait()[:5000], "bad_image"),
        (b"\xff\xd8\xff", "bad_image"),
        (png_that_declares(30_000, 30_000), "image_too_large"),
        (png_that_declares(2**31 - 1, 2**31 - 1), "image_too_large"),
        (png_that_declares(70_000, 1), "image_too_large"),
    ],
)
def test_what_cannot_be_read_has_its_code(data, expected):
    assert code(data) == expected


@pytest.mark.parametrize("chunk", [b"VP8X\0\0\0\0\0\0\0\0" + b"\xff" * 6, b"VP8L\0\0\0\0\x2f" + b"\xff" * 4 + bytes(5)])
def test_a_webp_canvas_is_refused_before_it_is_allocated(chunk):
    tracemalloc.start()
    assert code(b"RIFF\0\0\0\0WEBP" + chunk) == "image_too_large"
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_damaged_files_are_refused_or_read_but_never_break():
    random = np.random.default_rng(0)
    small = Image.open(io.BytesIO(portrait())).resize((48, 48))
    for image_format in ("JPEG", "PNG", "WEBP"):
        whole = encoded(small, image_format)
        for _ in range(150):
            data = bytearray(whole)
            for place in random.integers(0, len(data), 4):
                data[place] = random.integers(256)
            try:
                decode(bytes(data[: random.integers(1, len(data) + 1)]), max_pixels=LIMIT)
            except CodedError as error:
                assert error.code in {"bad_image", "unsupported_format", "image_too_large"}


def test_a_photo_that_had_to_give_up_its_pixels_decodes_them_again(monkeypatch):
    monkeypatch.setattr("handler.image_input.KEPT.limit", 0)
    first, second = (decode(encoded(Image.new("RGB", (64, 48), "red"), "PNG"), max_pixels=LIMIT) for _ in range(2))
    assert first.pixels is None
    assert first.decoded(64).tobytes() == second.decoded(64).tobytes()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "I;16"])
def test_bands_make_no_difference(monkeypatch, mode):
    image = Image.open(io.BytesIO(portrait())).convert("RGBA").resize((100, 77))
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    file = encoded(
        Image.fromarray(np.arange(7_700, dtype=np.uint16).reshape(77, 100)) if mode == "I;16" else image.convert(mode), "PNG"
    )
    whole = read(file)
    monkeypatch.setattr("handler.image_input.BAND", 1_000)  # ten rows
    assert (read(file) == whole).all()


def test_a_refusal_does_not_hold_the_pixels():
    """An exception keeps its causes, and they the frames in which the decoder had the image."""
    with pytest.raises(CodedError) as caught:
        decode(portrait("PNG")[:-20_000], max_pixels=LIMIT)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_webp_has_a_limit_of_its_own():
    """30 megapixels, because its decoder needs 20 bytes a pixel."""
    canvas = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + (5_999).to_bytes(3, "little") + (5_000).to_bytes(3, "little")
    with pytest.raises(CodedError, match="30,000,000"):
        decode(canvas, max_pixels=50_000_000)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_the_declared_pixels_of_each_format(image_format):
    assert declared_pixels(encoded(Image.new("RGB", (300, 200)), image_format)) == 60_000
    assert declared_pixels(b"GIF89a") == 0

import zlib

import pytest

from handler import png_file
from handler.errors import CodedError
from handler.png_file import MAX_CHUNKS, stripped
from tests.hostile.files import HUGE, PNG_START, RGBA, chunk, exif, png_with_chunks
from tests.pictures import png_that_declares

PLAIN = png_with_chunks()
TURNED = exif([(0x0112, 3, 1, 6 << 16)])
TEXT = b"\nexif\n%8d\n" % len(TURNED) + TURNED.hex().encode() + b"\n"


def code(data: bytes) -> str:
    with pytest.raises(CodedError) as caught:
        stripped(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        (b"", b"", 1),
        (chunk(b"tEXt", b"Comment\0hello") + chunk(b"iCCP", b"n\0\0" + bytes(100)), chunk(b"tIME", bytes(7)), 1),
        (chunk(b"eXIf", TURNED), b"", 6),
        (b"", chunk(b"eXIf", TURNED), 6),
        (chunk(b"iTXt", b'XML:com.adobe.xmp\0\0\0\0\0<a tiff:Orientation="8"/>'), b"", 8),
        (chunk(b"tEXt", b"Raw profile type exif\0" + TEXT), b"", 6),
        (chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(TEXT)), b"", 6),
        (chunk(b"zTXt", b"Raw profile type exif\0\0no zlib"), b"", 1),
        (chunk(b"acTL", bytes(8)) + chunk(b"fcTL", bytes(26)), chunk(b"fdAT", bytes(99)), 1),
    ],
)
def test_the_picture_is_left_and_how_it_lies(before, after, turn):
    assert stripped(png_with_chunks(before, after)) == (PLAIN, turn)


def test_a_text_is_unpacked_no_further_than_exif_can_be():
    bomb = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(bytes(50_000_000)))
    assert stripped(png_with_chunks(bomb)) == (PLAIN, 1)


def test_more_chunks_than_any_photo_has():
    assert stripped(png_with_chunks(chunk(b"tIME", bytes(7)) * (MAX_CHUNKS - 10)))
    assert code(png_with_chunks(chunk(b"tIME", bytes(7)) * MAX_CHUNKS)) == "bad_image"


@pytest.mark.parametrize(
    ("depth", "colour", "allowed"), [(8, 2, True), (8, RGBA, True), (16, 0, True), (16, 2, False), (16, RGBA, False)]
)
def test_deep_pixels_count_by_their_bytes(depth, colour, allowed):
    """50 megapixels: 150, 200, 100, 300 and 400 MB of rows."""
    head = HUGE[0].to_bytes(4, "big") + HUGE[1].to_bytes(4, "big") + bytes((depth, colour, 0, 0, 0))
    data = PNG_START + chunk(b"IHDR", head) + chunk(b"IEND", b"")
    if allowed:
        assert stripped(data) == (data, 1)
    else:
        assert code(data) == "image_too_large"


@pytest.mark.parametrize("cut", [8, 12, 20, 33, 40])
def test_a_file_cut_short_is_left_to_the_decoder(cut):
    assert stripped(PLAIN[:cut])[1] == 1


def test_the_size_is_that_of_the_header():
    assert png_file.size(png_that_declares(300, 200)) == (300, 200)
    assert png_file.size(PNG_START) == (0, 0)

import io

import pytest
from PIL import Image

from handler import jpeg_file
from handler.errors import CodedError
from handler.jpeg_file import MAX_SCANNED, MAX_SEGMENTS, stripped
from tests.hostile.files import EOI, HUFFMAN, QUANTISATION, SOI, frame, many_scans, scan, segment, sound, with_segments
from tests.pictures import encoded

COMMENT = segment(0xFE, b"hello")


def code(data: bytes) -> str:
    with pytest.raises(CodedError) as caught:
        stripped(data)
    return caught.value.code


def test_metadata_is_gone_and_the_rest_is_as_it_was():
    plain = sound(64)["jpeg"]
    exif = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\1" + b"\1\x12\0\3\0\0\0\1\0\6\0\0" + bytes(4))
    assert stripped(plain) == (plain, 1)
    assert stripped(with_segments(exif + COMMENT + segment(0xE2, b"ICC_PROFILE\0" + bytes(999)))) == (plain, 6)


def test_what_tells_of_the_colours_stays():
    adobe = encoded(Image.new("CMYK", (8, 8)), "JPEG")
    assert b"Adobe" in stripped(adobe)[0]


def test_padding_and_junk_between_segments_are_passed_over():
    data = SOI + b"\xff\xff\xff" + COMMENT[1:] + b"junk" + sound(64)["jpeg"][2:]
    assert stripped(data) == (sound(64)["jpeg"], 1)


@pytest.mark.parametrize("data", [SOI, SOI + b"\xff", SOI + EOI, SOI + b"\xff" * 1_000 + b"\0", SOI + COMMENT])
def test_a_file_without_a_picture_is_bad(data):
    assert code(data) == "bad_image"


def test_more_segments_than_any_photo_has():
    assert stripped(with_segments(COMMENT * (MAX_SEGMENTS - 100)))[0] == sound(64)["jpeg"]
    assert code(with_segments(COMMENT * MAX_SEGMENTS)) == "bad_image"


def test_more_tables_than_any_photo_has():
    assert code(with_segments(segment(0xDB, bytes(65_000)) * 17)) == "bad_image"


def test_scans_are_bounded_by_the_pixels_that_they_go_over():
    """1,000 x 1,000 pixels may be gone over 1,000 times, and four times as many a quarter as often."""
    most = MAX_SCANNED // 1_000_000
    assert stripped(many_scans((1_000, 1_000), most))
    assert code(many_scans((1_000, 1_000), most + 1)) == "image_too_large"
    assert code(many_scans((2_000, 2_000), most // 4 + 1)) == "image_too_large"
    assert code(many_scans((8, 8), MAX_SEGMENTS + 2)) == "bad_image"


def test_scans_of_single_colours_are_counted_without_a_progressive_frame():
    start = SOI + QUANTISATION + frame(0xC0, (8_000, 6_000), components=3) + HUFFMAN
    assert code(start + scan() * 30 + EOI) == "image_too_large"
    assert stripped(start + scan(3) + scan() * 30 + EOI)  # the first has all colours: decoders stop behind it


def test_what_lies_behind_the_end_or_in_a_segment_is_no_scan():
    progressive = sound(64)["jpeg progressive"]
    inner = segment(0xFE, scan() * 3_000)
    assert stripped(progressive + scan() * 10_000)[1] == 1
    assert stripped(progressive[:-2] + inner + EOI)


def test_the_size_is_that_of_the_frame():
    assert jpeg_file.size(encoded(Image.new("RGB", (300, 200)), "JPEG")) == (300, 200)
    assert jpeg_file.size(SOI) == (0, 0)
    assert jpeg_file.size(SOI + scan() + frame(0xC0, (9, 9))) == (0, 0)


def test_pillow_decodes_what_is_left():
    data = with_segments(COMMENT * 20)
    with Image.open(io.BytesIO(stripped(data)[0])) as left, Image.open(io.BytesIO(data)) as whole:
        assert left.tobytes() == whole.tobytes()

import pytest
from PIL import Image

from handler import webp_file
from tests.hostile.files import canvas, exif, riff
from tests.pictures import encoded

TURNED = exif([(0x0112, 3, 1, 6 << 16)])


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0" + TURNED}])
def test_the_size_of_each_kind_of_file(options):
    assert webp_file.size(encoded(Image.new("RGB", (300, 200)), "WEBP", **options)) == (300, 200)


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0WEBPVP8X\0\0"])
def test_a_header_cut_short_has_no_size(data):
    assert webp_file.size(data) == (0, 0)
    assert webp_file.stripped(data) == (data, 1)


def test_how_the_picture_lies():
    data = riff(canvas((8, 8)), (b"odd ", b"x"), (b"EXIF", TURNED))
    assert webp_file.stripped(data) == (data, 6)
    assert webp_file.stripped(riff(canvas((8, 8)), (b"XMP ", b'tiff:Orientation="3"')))[1] == 3


def test_chunks_without_end_are_not_all_looked_at():
    assert webp_file.stripped(riff(*[(b"abcd", b"")] * 10_000, (b"EXIF", TURNED)))[1] == 1

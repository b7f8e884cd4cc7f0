import struct

import pytest

from handler.orientation import orientation
from tests.hostile.files import exif, overlapping_exif


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("value", range(1, 9))
def test_both_byte_orders_and_both_lengths_of_a_number(order, value):
    short = struct.unpack(order + "I", struct.pack(order + "HH", value, 0))[0]
    assert orientation(exif([(0x0112, 3, 1, short)], order=order)) == value
    assert orientation(b"Exif\0\0" + exif([(0x010F, 2, 4, 0), (0x0112, 4, 1, value)], order=order)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MM\0*",
        b"II\0*\0\0\0\x08",
        b"MM\0*\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff",
        exif([(0x0112, 3, 1, 9 << 16)]),
        exif([(0x0112, 3, 2, 6 << 16)]),
        exif([(0x0112, 2, 1, 6 << 16)]),
        exif([(0x0113, 3, 1, 6 << 16)]),
    ],
)
def test_what_says_nothing_is_upright(data):
    assert orientation(data) == 1


def test_xmp_is_asked_where_exif_says_nothing():
    xmp = b'<rdf:Description tiff:Orientation="8"/>'
    assert orientation(b"", xmp) == 8
    assert orientation(b"", b"<tiff:Orientation>3</tiff:Orientation>") == 3
    assert orientation(exif([(0x0112, 3, 1, 6 << 16)]), xmp) == 6


def test_entries_that_share_their_data_are_not_copied():
    assert orientation(overlapping_exif(5_000, 1_000_000)) == 6

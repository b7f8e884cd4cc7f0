"""Which way up an image is stored, as its metadata says.

Pillow's EXIF reader copies the data of each entry of a directory, and a directory may have 65,535 of them that all point at the
same bytes: 60 kB of EXIF become 90 MB, and a megabyte becomes 20 GB. Only one number is needed of it.
"""

import re
import struct

from PIL import Image

UPRIGHT = 1
TAG = 0x0112  # Orientation (CIPA DC-008, 4.6.4.A)
SHORT, LONG = 3, 4
XMP_TAG = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')
# what makes an image upright that is stored in one of the other ways
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
QUARTERS = (5, 6, 7, 8)  # width and height change places


def orientation(exif: bytes, xmp: bytes = b"") -> int:
    """1 to 8; 1 where neither says anything, or nothing that can be read.

    Args:
        exif: a TIFF file, with or without `Exif` before it.
        xmp: asked where EXIF says nothing.
    """
    found = from_exif(exif)
    if found is None and (match := XMP_TAG.search(xmp)):
        found = int(match[1])
    return found if found in TURNS else UPRIGHT


def from_exif(exif: bytes) -> int | None:
    """The value of the tag in the first directory; None where there is none."""
    while exif[:6] == b"Exif\0\0":
        exif = exif[6:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return None
    start = struct.unpack_from(order + "I", exif, 4)[0]
    if start + 2 > len(exif):
        return None
    count = struct.unpack_from(order + "H", exif, start)[0]
    entries = exif[start + 2 : start + 2 + 12 * count]
    entries = entries[: len(entries) // 12 * 12]
    for tag, kind, number, value in struct.iter_unpack(order + "HHI4s", entries):
        if tag == TAG and number == 1 and kind in (SHORT, LONG):
            return struct.unpack_from(order + {SHORT: "H", LONG: "I"}[kind], value)[0]
    return None

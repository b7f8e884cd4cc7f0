"""A JPEG file before it is decoded: what of it is metadata, which way up it is, and how often its pixels are gone over.

Metadata is taken out, because Pillow reads it in Python, segment by segment: 20 MB of short ones keep it busy for minutes. The
pixels do not depend on it. (ITU T.81, annex B.)
"""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from handler.errors import CodedError
from handler.orientation import orientation

MAX_SEGMENTS = 2_000  # those of photos are tens; a large ICC profile or XMP makes a hundred
MAX_TABLES = 1 << 20  # bytes; photos have about 1,000
# Each scan of a progressive JPEG goes over all its pixels again, and may be 50 bytes long. Encoders write 10 or so of them
MAX_SCANNED = 1_000_000_000  # pixels of all scans together: 20 scans of 50 megapixels

MARKER = re.compile(rb"\xff([\x01-\xfe])")  # what comes before is padding or junk, as decoders have it
MARKER_IN_SCAN = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")  # D0 to D7 restart a scan's coding
SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
SOI, EOI, SOS, APP1 = 0xD8, 0xD9, 0xDA, 0xE1
BARE = frozenset((0x01, *range(0xD0, 0xDA)))  # without a length
# APP0 and APP14 tell the decoder of the colours
METADATA = frozenset((*range(0xE1, 0xEE), 0xEF, 0xFE))
XMP = b"http://ns.adobe.com/xap/1.0/\0"


class Segment(NamedTuple):
    """A marker and what belongs to it: `data[start:end]`; `body` is where its content begins."""

    marker: int
    start: int
    body: int
    end: int


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the frame's header; (0, 0) where there is none.

    Raises:
        CodedError: `bad_image`, when there are too many segments before it.
    """
    for segment in segments(data, 2):
        if segment.marker in SOF:
            return frame_size(data[segment.body : segment.end])
        if segment.marker == SOS:
            break
    return 0, 0


def frame_size(header: bytes) -> tuple[int, int]:
    return int.from_bytes(header[3:5], "big"), int.from_bytes(header[1:3], "big")


def stripped(data: bytes) -> tuple[bytes, int]:
    """The file without its metadata, and its EXIF orientation, 1 to 8.

    Raises:
        CodedError: `bad_image` for a file that has no picture, or more segments or tables than any photo;
            `image_too_large` for one whose scans are too much work.
    """
    kept, tables, exif, xmp, frame = [data[:2]], 0, b"", b"", None
    for segment in segments(data, 2):
        content = data[segment.body : segment.end]
        if segment.marker == SOS:
            check_scans(data, segment, frame)
            if segment.start == len(kept[0]) + tables:  # nothing was left out: no copy
                return data, orientation(exif, xmp)
            return b"".join((*kept, data[segment.start :])), orientation(exif, xmp)
        if segment.marker == APP1 and content[:4] == b"Exif":
            exif = exif or content
        elif segment.marker == APP1 and content.startswith(XMP):
            xmp = content
        if segment.marker in METADATA:
            continue
        if segment.marker in SOF:
            frame = segment.marker, content
        kept.append(data[segment.start : segment.end])
        tables += segment.end - segment.start
        if tables > MAX_TABLES:
            raise CodedError("bad_image", f"The JPEG has more than {MAX_TABLES:,} bytes of tables.")
    raise CodedError("bad_image", "The JPEG has no picture in it: it is damaged or cut short.")


def segments(data: bytes, position: int, pattern: re.Pattern = MARKER) -> Iterator[Segment]:
    """The segments from a position on.

    Raises:
        CodedError: `bad_image`, when there are too many.
    """
    for _ in range(MAX_SEGMENTS):
        found = pattern.search(data, position)
        if not found:
            return
        segment = read(data, found)
        yield segment
        position = segment.end
    raise CodedError("bad_image", f"The JPEG has more than {MAX_SEGMENTS:,} segments.")


def read(data: bytes, found: re.Match) -> Segment:
    marker, body = found[1][0], found.end()
    if marker in BARE:
        return Segment(marker, found.start(), body, body)
    length = int.from_bytes(data[body : body + 2], "big")
    return Segment(marker, found.start(), body + 2, body + max(2, length))


def check_scans(data: bytes, first: Segment, frame: tuple[int, bytes] | None) -> None:
    """Counts the scans of a file that has several; a baseline JPEG, which has all its colours in one, costs nothing here.

    Raises:
        CodedError: `image_too_large` when they are too much work; `bad_image` when there are too many.
    """
    if frame is None or len(frame[1]) < 6 or first.body >= len(data):
        return  # the decoder will say what is wrong
    marker, header = frame
    if marker not in PROGRESSIVE and data[first.body] >= header[5]:
        return
    pixels = math.prod(frame_size(header))
    scans = 1
    for segment in segments(data, first.end, MARKER_IN_SCAN):
        if segment.marker == EOI:
            return
        scans += segment.marker == SOS
        if scans * pixels > MAX_SCANNED:
            raise CodedError("image_too_large", f"The JPEG goes over {pixels:,} pixels in more than {scans - 1} scans.")

"""A WebP file before it is decoded: its size and which way up it is. (RFC 9649.)"""

import struct

from handler.orientation import orientation

MAX_CHUNKS = 2_000  # that are looked at; those of photos are five, and the frames of an animation are chunks


def size(data: bytes) -> tuple[int, int]:
    """Canvas width and height from the header; (0, 0) where it is too short to tell."""
    head = bytes(data[12:30])
    if len(head) < 18:
        return 0, 0
    if head[:4] == b"VP8X":
        return 1 + int.from_bytes(head[12:15], "little"), 1 + int.from_bytes(head[15:18], "little")
    if head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(head[14:16], "little") & 0x3FFF, int.from_bytes(head[16:18], "little") & 0x3FFF


def stripped(data: bytes) -> tuple[bytes, int]:
    """The file as it is, because its decoder skips what it does not need, and its EXIF orientation, 1 to 8."""
    exif, xmp, position = b"", b"", 12
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, position)
        content = position + 8
        if name == b"EXIF":
            exif = data[content : content + length]
        elif name == b"XMP ":
            xmp = data[content : content + length]
        position = content + length + length % 2
    return data, orientation(exif, xmp)

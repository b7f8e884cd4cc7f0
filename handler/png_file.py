"""A PNG file before it is decoded: what of it decides the pixels, and which way up they are.

The rest is taken out, because Pillow reads it in Python, chunk by chunk, and unpacks texts and profiles that nobody asks for.
So are the further frames of an animation. (PNG: W3C recommendation, third edition.)
"""

import struct
import zlib

from handler.errors import CodedError
from handler.orientation import orientation

MAX_CHUNKS = 20_000  # libpng cuts the pixels into chunks of 8 kB: 2,500 of them in 20 MB
MAX_ROWS = 200_000_000  # bytes of all pixels, unpacked: 50 megapixels with alpha at 8 bits, half as many at 16
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the header's colour type
MAX_RAW_PROFILE = 1 << 18  # bytes, as text: EXIF in JPEG, where these come from, has 64 kB
PIXELS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
XMP = b"XML:com.adobe.xmp\0"
RAW_PROFILE = b"Raw profile type exif\0"


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the header; (0, 0) where it is too short to tell."""
    return struct.unpack_from(">II", data, 16) if len(data) >= 24 else (0, 0)


def stripped(data: bytes) -> tuple[bytes, int]:
    """The file with the chunks of its picture alone, and its EXIF orientation, 1 to 8.

    Raises:
        CodedError: `image_too_large` for one of deep pixels and many; `bad_image` for one of more chunks than any photo has.
    """
    if row_bytes(data) > MAX_ROWS:
        raise CodedError("image_too_large", f"The PNG unpacks to more than {MAX_ROWS:,} bytes.")
    kept, exif, xmp, raw, position = [data[:8]], b"", b"", b"", 8
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, position)
        body, end = position + 8, position + 12 + length
        if name in PIXELS:
            kept.append(data[position:end])
            if name == b"IEND":
                break
        elif name == b"eXIf":
            exif = data[body : end - 4]
        elif name == b"iTXt" and data.startswith(XMP, body):
            xmp = data[body : end - 4]
        elif name in (b"tEXt", b"zTXt") and data.startswith(RAW_PROFILE, body):
            raw = unpacked(name, data[body + len(RAW_PROFILE) : end - 4])
        position = end
    else:
        raise CodedError("bad_image", f"The PNG has more than {MAX_CHUNKS:,} chunks.")
    return b"".join(kept), orientation(exif or raw, xmp)


def row_bytes(data: bytes) -> int:
    """Bytes of all pixels, by the header; 0 where it is too short to tell."""
    if len(data) < 26:
        return 0
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    return height * ((width * depth * CHANNELS.get(colour, 0) + 7) // 8)


def unpacked(name: bytes, content: bytes) -> bytes:
    """EXIF as ImageMagick wrote it before there was a chunk for it: hexadecimal, after three lines; b"" where it is not."""
    try:
        if name == b"zTXt":
            content = zlib.decompressobj().decompress(content[1:], MAX_RAW_PROFILE)  # after the number of the method
        return bytes.fromhex(b"".join(content[:MAX_RAW_PROFILE].split(b"\n")[3:]).decode())
    except (ValueError, zlib.error):
        return b""

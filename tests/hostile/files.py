"""Image files built byte by byte, because no encoder writes what is needed here, and the sound ones that others are made of."""

import io
import struct
import zlib
from functools import cache

from PIL import Image

from tests.pictures import SAMPLE, encoded

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
PNG_START = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by PNG's colour type
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = CHANNELS
HUGE = (8_000, 6_250)  # 50 megapixels: the most that the shipped release accepts


@cache
def portrait(side: int = 256) -> Image.Image:
    with Image.open(SAMPLE) as image:
        return image.convert("RGB").resize((side, side))


@cache
def sound(side: int = 256) -> dict[str, bytes]:
    """Good files by kind, each of which shows a face."""
    image = portrait(side)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    return {
        "jpeg": encoded(image, "JPEG", quality=85),
        "jpeg progressive": encoded(image, "JPEG", quality=85, progressive=True),
        "jpeg grey": encoded(image.convert("L"), "JPEG"),
        "jpeg cmyk": encoded(image.convert("CMYK"), "JPEG"),
        "jpeg exif": encoded(image, "JPEG", exif=exif, icc_profile=bytes(3000)),
        "png": encoded(image, "PNG", compress_level=1),
        "png palette": encoded(image.convert("P"), "PNG"),
        "png alpha": encoded(image.convert("RGBA"), "PNG", compress_level=1, exif=exif),
        "webp": encoded(image, "WEBP", exif=exif),
        "webp lossless": encoded(image.resize((96, 96)), "WEBP", lossless=True, method=0),
    }


def segment(marker: int, content: bytes) -> bytes:
    """A part of a JPEG file with its length."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def with_segments(extra: bytes, side: int = 64) -> bytes:
    """A sound JPEG with more behind its first marker."""
    return SOI + extra + sound(side)["jpeg"][2:]


def frame(marker: int, size: tuple[int, int], components: int = 1) -> bytes:
    """A JPEG's frame header, without subsampling; C0 is baseline, C2 progressive, C9 and CA the same in arithmetic coding."""
    head = struct.pack(">BHHB", 8, size[1], size[0], components)
    return segment(marker, head + b"".join(bytes((number + 1, 0x11, 0)) for number in range(components)))


def scan(components: int = 1, first: int = 0, last: int = 63, bits: int = 0) -> bytes:
    """A JPEG's scan header: coefficients `first` to `last`, and the two positions of successive approximation."""
    return segment(
        0xDA, bytes([components]) + b"".join(bytes((one + 1, 0)) for one in range(components)) + bytes((first, last, bits))
    )


QUANTISATION = segment(0xDB, b"\0" + b"\1" * 64)
# one code of one bit each: a difference of 0; the end of a band of 16,384 blocks and as many more as 14 bits say
HUFFMAN = segment(0xC4, b"\0\1" + bytes(15) + b"\0") + segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")


def many_scans(size: tuple[int, int], scans: int) -> bytes:
    """A grey progressive JPEG whose scans say nothing, each in few bytes, and make the decoder go over all pixels again."""
    blocks = (size[0] + 7) // 8 * ((size[1] + 7) // 8)
    nothing = packed(("0" + "1" * 14) * (blocks // 32_767 + 1))
    first = scan(first=0, last=0, bits=0x0D) + bytes((blocks + 7) // 8)
    refinements = (scan(first=1, bits=0xDC) + nothing) * (scans - 2)
    return SOI + QUANTISATION + frame(0xC2, size) + HUFFMAN + first + scan(first=1, bits=0x0D) + nothing + refinements + EOI


def packed(bits: str) -> bytes:
    """Bits as a JPEG's coded data."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")


def arithmetic(size: tuple[int, int], components: int = 1) -> bytes:
    """A JPEG in arithmetic coding of three bytes of data, after which the decoder goes on by itself."""
    return SOI + QUANTISATION + frame(0xC9, size, components) + scan(components) + b"\x12\x34\x56" + EOI


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG file, with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(
    size: tuple[int, int],
    *,
    depth: int = 8,
    colour: int = RGB,
    row_filter: int = 0,
    interlaced: bool = False,
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A black PNG: 50 megapixels in 50 to 400 kB.

    Args:
        row_filter: 4 (Paeth) is the slowest.
        interlaced: what it declares; the rows are the same, so that a decoder finds too little of them.
        before, after: chunks around the pixels.
    """
    head = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", bytes(768)) if colour == PALETTE else b""
    packer = zlib.compressobj(6)
    row = bytes([row_filter]) + bytes((size[0] * CHANNELS[colour] * depth + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(size[1])) + packer.flush()
    return PNG_START + chunk(b"IHDR", head) + palette + before + chunk(b"IDAT", rows) + after + chunk(b"IEND", b"")


def png_with_chunks(before: bytes = b"", after: bytes = b"") -> bytes:
    return png((64, 64), before=before, after=after)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP file of these chunks."""
    body = b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def canvas(size: tuple[int, int], flags: int = 0) -> tuple[bytes, bytes]:
    """The first chunk of an extended WebP file."""
    return b"VP8X", bytes([flags, 0, 0, 0]) + (size[0] - 1).to_bytes(3, "little") + (size[1] - 1).to_bytes(3, "little")


def exif(entries: list[tuple[int, int, int, int]], *, order: str = ">", tail: bytes = b"") -> bytes:
    """A TIFF file with one directory of entries: tag, kind, count, value or offset; a short value is in the high half."""
    start = b"MM\0*" if order == ">" else b"II*\0"
    directory = b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
    return start + struct.pack(order + "IH", 8, len(entries)) + directory + bytes(4) + tail


def overlapping_exif(entries: int, size: int) -> bytes:
    """A directory whose entries all own the same bytes: a reader that copies them needs entries x size."""
    tags = [(0x0112, 3, 1, 6 << 16), *((0x9000 + number % 0x6000, 7, size, 8) for number in range(entries))]
    return exif(tags, tail=bytes(max(0, size - 12 * entries)))


def saved(images: list[Image.Image], image_format: str, **options) -> bytes:
    """Several frames in one file."""
    file = io.BytesIO()
    images[0].save(file, image_format, save_all=True, append_images=images[1:], **options)
    return file.getvalue()

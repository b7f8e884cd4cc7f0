"""Encoded bytes -> upright RGB image, with the limits applied before any pixel is decoded.

Pillow is the one decoder, in training and serving, so that both see the same pixels.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from handler.errors import CodedError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_SIDE = 65_535  # what a JPEG can declare; anything longer is no photo


@dataclass(frozen=True)
class Photo:
    """A decoded image.

    Attributes:
        image: RGB, turned upright by its EXIF orientation.
        format: JPEG, PNG or WEBP.
    """

    image: Image.Image
    format: str

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height


def decode(data: bytes, *, max_pixels: int) -> Photo:
    """Decodes one image.

    Args:
        data: the file's bytes. Of an animation, the first frame counts.
        max_pixels: width x height above which the image is refused by its header, before it is decoded.

    Raises:
        CodedError: `empty_body`, `unsupported_format`, `image_too_large`, `bad_image`.
    """
    if not data:
        raise CodedError("empty_body", "The request has no image in its body.")
    name = sniff(data)
    if name is None:
        raise CodedError("unsupported_format", "The body is not an image in JPEG, PNG or WebP format.")
    if name == "WEBP":  # its decoder allocates the whole canvas when it opens the file
        refuse_large(webp_size(data), max_pixels)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours, below
            image = Image.open(io.BytesIO(data), formats=[name])
        refuse_large(image.size, max_pixels)
        image.load()
        return Photo(image=to_rgb(upright(image)), format=name)
    except CodedError:
        raise
    except Image.DecompressionBombError:
        raise CodedError("image_too_large", too_large(max_pixels)) from None
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError, zlib.error ...
        raise CodedError("bad_image", f"The {name} image cannot be decoded: it is damaged or cut short.") from error


def sniff(data: bytes) -> str | None:
    """JPEG, PNG or WEBP by the first bytes of a file, whatever its name or content type says; None for all else."""
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def webp_size(data: bytes) -> tuple[int, int]:
    """Canvas width and height from the header of a WebP file (RFC 9649); (0, 0) where it is too short to tell."""
    head = bytes(data[12:30])
    if len(head) < 18:
        return 0, 0
    if head[:4] == b"VP8X":
        return 1 + int.from_bytes(head[12:15], "little"), 1 + int.from_bytes(head[15:18], "little")
    if head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(head[14:16], "little") & 0x3FFF, int.from_bytes(head[16:18], "little") & 0x3FFF


def refuse_large(size: tuple[int, int], max_pixels: int) -> None:
    """Raises `image_too_large` for a declared size above the limits."""
    width, height = size
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise CodedError("image_too_large", f"The image declares {width} x {height} pixels. {too_large(max_pixels)}")


def too_large(max_pixels: int) -> str:
    return f"At most {max_pixels:,} pixels are accepted."


def upright(image: Image.Image) -> Image.Image:
    """The image turned by its EXIF orientation; as it is where the EXIF data cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # EXIF comes from anybody, and broken EXIF is no reason to refuse a good picture
        return image


def to_rgb(image: Image.Image) -> Image.Image:
    """Any Pillow mode as 8-bit RGB; what is transparent becomes white, as on a page."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16-bit grey: convert() would clip it at 255
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, "white")
        page.alpha_composite(image)
        image = page
    return image.convert("RGB")

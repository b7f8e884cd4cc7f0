"""Encoded bytes -> upright RGB image, with the limits applied before any pixel is decoded.

Pillow is the one decoder, in training and serving, so that both see the same pixels.
"""

import io
import warnings
from contextlib import contextmanager, suppress

from PIL import ExifTags, Image, ImageOps

from handler.errors import CodedError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_SIDE = 65_535  # what a JPEG can declare; anything longer is no photo


class Photo:
    """An image file that can be decoded, and its pixels at the scale that is needed.

    A JPEG holds its pixels as blocks of 8 x 8 cosine coefficients, from which an image of a half, a quarter or an eighth of the
    size comes at a fraction of the cost. Other formats are decoded whole.

    Attributes:
        format: JPEG, PNG or WEBP.
        width, height: of the upright original, in pixels.
        quantisation: the 64 steps of a JPEG's luminance table; () of other formats.
    """

    def __init__(self, data: bytes, *, format: str, max_pixels: int):  # noqa: A002 - the standard word
        """Reads the header.

        Raises:
            CodedError: `image_too_large`, `bad_image`.
        """
        self.data = data
        self.format = format
        self._max_pixels = max_pixels
        self._pixels: Image.Image | None = None
        if format == "WEBP":  # its decoder allocates the whole canvas when it opens the file
            refuse_large(webp_size(data), max_pixels)
        with self._refusing():
            image = self._open()
            refuse_large(image.size, max_pixels)
            self.width, self.height = upright_size(image)
            self.quantisation = tuple(getattr(image, "quantization", {}).get(0, ()))

    def decoded(self, long_side: int) -> Image.Image:
        """The upright RGB image, reduced at most so far that its long side keeps `long_side` pixels, and never enlarged.

        Raises:
            CodedError: `bad_image`, when the pixels are damaged or cut short.
        """
        if self._pixels is None or max(self._pixels.size) < min(long_side, max(self.width, self.height)):
            with self._refusing():
                image = self._open()
                if image.format in ("JPEG", "MPO"):
                    image.draft(image.mode, draft_size(image.size, long_side))
                image.load()
                self._pixels = to_rgb(upright(image))
        return self._pixels

    def _open(self) -> Image.Image:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours
            return Image.open(io.BytesIO(self.data), formats=[self.format])

    @contextmanager
    def _refusing(self):
        """Whatever a decoder raises is the file's fault, and has its code."""
        try:
            yield
        except CodedError:
            raise
        except Image.DecompressionBombError:
            raise CodedError("image_too_large", too_large(self._max_pixels)) from None
        except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError, zlib.error ...
            message = f"The {self.format} image cannot be decoded: it is damaged or cut short."
            raise CodedError("bad_image", message) from error


def decode(data: bytes, *, max_pixels: int, long_side: int = MAX_SIDE) -> Photo:
    """Decodes one image.

    Args:
        data: the file's bytes. Of an animation, the first frame counts.
        max_pixels: width x height above which the image is refused by its header, before it is decoded.
        long_side: how many pixels are needed for now (see `Photo.decoded`); all of them by default.

    Raises:
        CodedError: `empty_body`, `unsupported_format`, `image_too_large`, `bad_image`.
    """
    if not data:
        raise CodedError("empty_body", "The request has no image in its body.")
    name = sniff(data)
    if name is None:
        raise CodedError("unsupported_format", "The body is not an image in JPEG, PNG or WebP format.")
    photo = Photo(data, format=name, max_pixels=max_pixels)
    photo.decoded(long_side)
    return photo


def draft_size(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """The smallest that a JPEG of `size` can be decoded at with `long_side` pixels left; `size` itself if none is."""
    scale = next((scale for scale in (8, 4, 2) if max(size) // scale >= long_side), 1)
    return max(1, size[0] // scale), max(1, size[1] // scale)


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
    """The image turned by its EXIF orientation, in place; as it is where the EXIF data cannot be read."""
    with suppress(Exception):  # EXIF comes from anybody, and broken EXIF is no reason to refuse a good picture
        ImageOps.exif_transpose(image, in_place=True)
    return image


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height that `upright` will give an image."""
    with suppress(Exception):
        if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:  # 5 to 8 turn it by a quarter
            return image.height, image.width
    return image.size


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

"""Encoded bytes -> upright RGB image, with the limits applied before any pixel is decoded.

Pillow is the one decoder, in training and serving, so that both see the same pixels. It is given what decides the pixels and
nothing else: what an image may cost is known from its structure, before it is decoded.
"""

import io
import warnings
from collections.abc import Callable
from typing import Any

from PIL import Image

from handler import jpeg_file, png_file, webp_file
from handler.errors import CodedError
from handler.orientation import QUARTERS, TURNS
from handler.pixel_store import PixelStore

STRIPPED = {"JPEG": jpeg_file.stripped, "PNG": png_file.stripped, "WEBP": webp_file.stripped}
SIZE = {"JPEG": jpeg_file.size, "PNG": png_file.size, "WEBP": webp_file.size}
FORMATS = tuple(STRIPPED)
MAX_SIDE = 65_535  # what a JPEG can declare; anything longer is no photo
MAX_WEBP_PIXELS = 30_000_000  # its decoder holds a canvas thrice and hands over a copy: 20 bytes a pixel
BAND = 1 << 20  # pixels that are converted at a time
KEPT = PixelStore(limit=128 << 20)  # bytes; 32 megapixels


class Photo:
    """An image file that can be decoded, and its pixels at the scale that is needed.

    A JPEG holds its pixels as blocks of 8 x 8 cosine coefficients, from which an image of a half, a quarter or an eighth of the
    size comes at a fraction of the cost. Other formats are decoded whole.

    Attributes:
        format: JPEG, PNG or WEBP.
        width, height: of the upright original, in pixels.
        quantisation: the 64 steps of a JPEG's luminance table; () of other formats.
        pixels: what was decoded last; None before, and after other photos of the batch needed the memory.
    """

    def __init__(self, data: bytes, *, format: str, max_pixels: int):  # noqa: A002 - the standard word
        """Reads the header.

        Raises:
            CodedError: `image_too_large`, `bad_image`.
        """
        self.format = format
        self.pixels: Image.Image | None = None
        if format == "WEBP":  # its decoder allocates the whole canvas when it opens the file
            max_pixels = min(max_pixels, MAX_WEBP_PIXELS)
            refuse_large(webp_file.size(data), max_pixels)
        self._max_pixels = max_pixels
        self._refusing(lambda: self._read_header(data))

    def decoded(self, long_side: int) -> Image.Image:
        """The upright RGB image, reduced at most so far that its long side keeps `long_side` pixels, and never enlarged.

        Raises:
            CodedError: `bad_image`, when the pixels are damaged or cut short.
        """
        if self.pixels is None or max(self.pixels.size) < min(long_side, max(self.width, self.height)):
            self.pixels = self._refusing(lambda: self._decode(long_side))
            KEPT.add(self)
        return self.pixels

    def _read_header(self, data: bytes) -> None:
        self.data, self._orientation = STRIPPED[self.format](data)
        self._opened = self._open()
        refuse_large(self._opened.size, self._max_pixels)
        self.width, self.height = self._opened.size[:: -1 if self._orientation in QUARTERS else 1]
        self.quantisation = tuple(getattr(self._opened, "quantization", {}).get(0, ()))

    def _decode(self, long_side: int) -> Image.Image:
        image, self._opened = self._opened or self._open(), None
        if image.format == "JPEG":
            image.draft(image.mode, draft_size(image.size, long_side))
        image.load()
        if self._orientation in TURNS:
            image = image.transpose(TURNS[self._orientation])
        return to_rgb(image)

    def _open(self) -> Image.Image:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours
            return Image.open(io.BytesIO(self.data), formats=[self.format])

    def _refusing(self, work: Callable[[], Any]) -> Any:
        """What the work gives; whatever a decoder raises is the file's fault, and has its code."""
        try:
            return work()
        except CodedError:
            raise
        except Image.DecompressionBombError:
            refusal = CodedError("image_too_large", too_large(self._max_pixels))
        except Exception:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError, zlib.error ...
            refusal = CodedError("bad_image", f"The {self.format} image cannot be decoded: it is damaged or cut short.")
        raise refusal  # out here, it does not hold on to what was raised, whose frames hold the pixels


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


def declared_pixels(data: bytes) -> int:
    """Width x height as the header has it; 0 where it has none that can be read."""
    name = sniff(data)
    try:
        width, height = SIZE[name](data) if name else (0, 0)
    except CodedError:
        return 0
    return width * height


def refuse_large(size: tuple[int, int], max_pixels: int) -> None:
    """Raises `image_too_large` for a declared size above the limits."""
    width, height = size
    if width * height > max_pixels or max(width, height) > MAX_SIDE:
        raise CodedError("image_too_large", f"The image declares {width} x {height} pixels. {too_large(max_pixels)}")


def too_large(max_pixels: int) -> str:
    return f"At most {max_pixels:,} pixels are accepted."


def to_rgb(image: Image.Image) -> Image.Image:
    """Any Pillow mode as 8-bit RGB, band by band, so that no step needs a copy of the whole."""
    if is_plain(image):
        return image
    rows = max(1, BAND // image.width)
    if image.height <= rows:
        return converted(image)
    rgb = Image.new("RGB", image.size)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        rgb.paste(converted(band), (0, top))
    return rgb


def is_plain(image: Image.Image) -> bool:
    return image.mode == "RGB" and "transparency" not in image.info


def converted(image: Image.Image) -> Image.Image:
    """8-bit RGB; what is transparent becomes white, as on a page."""
    if image.mode.startswith("I"):  # 16-bit grey: convert() would clip it at 255
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, "white")
        page.alpha_composite(image)
        image = page
    return image.convert("RGB")

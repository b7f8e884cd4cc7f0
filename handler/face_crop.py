"""Image -> face box -> the square the model sees. THE preprocessing: training and serving both call it.

The network is shown the face and nothing else, because backgrounds and framing tell the sources of a data set apart without
saying anything about the face.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from handler.face_detector import Detector, Found
from handler.image_input import Photo

RESAMPLE = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}


@dataclass(frozen=True)
class Face:
    """The largest face of an image.

    Attributes:
        box: x, y, width, height in pixels of the upright image, inside it.
        confidence: the detector's, 0..1.
        count: how many faces the detector saw.
    """

    box: tuple[int, int, int, int]
    confidence: float
    count: int

    @property
    def size(self) -> int:
        """The longer side of the box, in pixels."""
        return max(self.box[2:])


@dataclass(frozen=True)
class Crop:
    """What the model sees of an image.

    Attributes:
        pixels: RGB uint8, `[size, size, 3]`.
        box: x, y, width, height (square) of the same area in pixels of the upright image.
    """

    pixels: np.ndarray
    box: tuple[int, int, int, int]


class FaceCropper:
    """Finds the largest face and cuts the square around it.

    Args:
        detector: see `Detector`.
        search_sides: long sides, in pixels, of the copies the detector looks at, in this order until one shows a face. The
            first is small because detection costs by the area; the second finds small faces in large photos.
        min_confidence: 0..1, below which a detection does not count.
        scale: side of the square over the longer side of the face box.
        size: side of the model's input, in pixels.
        resample: the one filter between the decoded pixels and the input (antialiased when it reduces).
    """

    def __init__(
        self, *, detector: Detector, search_sides: list[int], min_confidence: float, scale: float, size: int, resample: str
    ):
        self.detector = detector
        self.search_sides = search_sides
        self.min_confidence = min_confidence
        self.scale = scale
        self.size = size
        self.resample = RESAMPLE[resample]

    @property
    def first_look(self) -> int:
        """Long side, in pixels, to decode a photo at: a face that fills half of it needs no second, larger decoding."""
        return 2 * max(self.size, self.search_sides[0])

    def detect(self, photo: Photo) -> Face | None:
        """The largest face of a photo, or None. A photo is never enlarged to find one."""
        long_side = max(photo.width, photo.height)
        searched = 0
        for side in self.search_sides:
            target = min(side, long_side)
            if target == searched:  # a larger copy than the photo itself shows nothing new
                break
            searched = target
            faces = self._detect_at(photo, target)
            if faces:
                x, y, w, h, confidence = max(faces, key=lambda face: face[2] * face[3])
                return Face(box=(x, y, w, h), confidence=confidence, count=len(faces))
        return None

    def _detect_at(self, photo: Photo, side: int) -> list[Found]:
        """Faces in pixels of the photo, found on a copy whose long side is `side` and clipped to the photo."""
        small = photo.decoded(side)
        if max(small.size) > side:
            ratio = side / max(small.size)
            shape = max(1, round(small.width * ratio)), max(1, round(small.height * ratio))
            # reducing_gap=1: most of the reduction is by a whole number, which is many times faster and enough to find a face
            small = small.resize(shape, Image.Resampling.BILINEAR, reducing_gap=1.0)
        to_x, to_y = photo.width / small.width, photo.height / small.height
        faces = []
        for x, y, w, h, confidence in self.detector(np.asarray(small)):
            left, top = max(0, round(x * to_x)), max(0, round(y * to_y))
            right, bottom = min(photo.width, round((x + w) * to_x)), min(photo.height, round((y + h) * to_y))
            if confidence >= self.min_confidence and right > left and bottom > top:
                faces.append((left, top, right - left, bottom - top, confidence))
        return faces

    def crop(self, photo: Photo, face: Face) -> Crop:
        """The square of `scale` times the face's longer side around its centre.

        A square that would leave the photo is moved inside, and made smaller where it does not fit at all, so that no padding
        ever tells a tight picture from a wide one.
        """
        box = square_inside(face.box, self.scale, (photo.width, photo.height))
        x, y, side, _ = box
        # the photo at which the square still has the pixels that the model sees: it is reduced, and never enlarged without need
        image = photo.decoded(math.ceil(max(photo.width, photo.height) * self.size / side))
        to_x, to_y = image.width / photo.width, image.height / photo.height
        area = (x * to_x, y * to_y, (x + side) * to_x, (y + side) * to_y)
        # reducing_gap=3 is within rounding of the exact filter and saves most of the time on large faces
        small = image.resize((self.size, self.size), self.resample, box=area, reducing_gap=3.0)
        return Crop(pixels=np.asarray(small), box=box)


def square_inside(box: tuple[int, int, int, int], scale: float, image_size: tuple[int, int]) -> tuple[int, int, int, int]:
    """x, y, side, side of the square of `scale` x the longer side of `box`, centred on it and moved inside the image."""
    x, y, w, h = box
    width, height = image_size
    side = max(1, min(round(max(w, h) * scale), width, height))
    left = min(max(0, round(x + w / 2 - side / 2)), width - side)
    top = min(max(0, round(y + h / 2 - side / 2)), height - side)
    return left, top, side, side

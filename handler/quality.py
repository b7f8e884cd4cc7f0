"""Whether a photo shows enough of a face to decide: its size, its sharpness, and how coarsely it was compressed."""

from typing import Any

import numpy as np

from handler.face_crop import Crop, Face
from handler.image_input import Photo
from handler.release import QualitySettings

Weakness = tuple[str, dict[str, Any]]  # a code of `response.REASONS` and what its sentence needs


def weaknesses(photo: Photo, face: Face, crop: Crop, settings: QualitySettings) -> list[Weakness]:
    """Why the face is not decidable, by code; nothing for a face that is."""
    found: list[Weakness] = []
    if face.size < settings.min_face_px:
        found.append(("small_face", {"size": face.size, "min_size": settings.min_face_px}))
    if settings.min_sharpness is not None and (value := sharpness(crop.pixels)) < settings.min_sharpness:
        found.append(("blurred", {"sharpness": value, "min_sharpness": settings.min_sharpness}))
    if settings.max_jpeg_step is not None and (value := jpeg_step(photo, crop)) > settings.max_jpeg_step:
        found.append(("compressed", {"step": value, "max_step": settings.max_jpeg_step}))
    return found


def sharpness(pixels: np.ndarray) -> float:
    """Root mean square of the Laplacian of a crop's green channel, in grey levels (Pech-Pacheco et al. 2000, without the mean).

    Green carries most of the luminance and needs no conversion. Of a face that was enlarged to the crop it is low by nature:
    what the photo does not resolve, the crop does not show.

    Args:
        pixels: uint8 `[size, size, 3]`.
    """
    green = pixels[..., 1].astype(np.int16)
    inner = 4 * green[1:-1, 1:-1] - green[:-2, 1:-1] - green[2:, 1:-1] - green[1:-1, :-2] - green[1:-1, 2:]
    flat = inner.ravel().astype(np.float32)
    return float(np.sqrt(flat @ flat / flat.size))


def jpeg_step(photo: Photo, crop: Crop) -> float:
    """Mean step of the photo's luminance quantisation at the scale of the crop, in grey levels; 0 of other formats.

    A face that is reduced by a factor averages as many independent errors along each axis: the step counts by that much less.
    One that is enlarged keeps them. On 29 whole photos with faces reduced by 2.9 (median), saved at quality 10, the crops were
    off by 6.2 grey levels (RMS); crops compressed themselves, at the step that this rule gives, by 5.8, and at the full one by
    10.8.
    """
    if not photo.quantisation:
        return 0.0
    reduction = crop.box[2] / crop.pixels.shape[0]
    return sum(photo.quantisation) / len(photo.quantisation) / max(1.0, reduction)

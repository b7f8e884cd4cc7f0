"""A release for tests that tells one picture from another: random features, and a head that is set between the two."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from safetensors.numpy import load_file, save_file

from handler.face_crop import FaceCropper
from handler.face_detector import make_detector
from handler.image_input import decode
from handler.release import SETTINGS_FILE, Release, file_sha256
from handler.runtime import load_runtime
from tests.pictures import SAMPLE, portrait
from tests.releases import WEIGHTS, make_release

CERTAINTY = 4.0  # calibrated margin of the two pictures, below and above zero: scores of 0.018 and 0.982
BIAS = "backbone.fc.bias"


def real() -> bytes:
    return portrait()


def fake() -> bytes:
    """The portrait, smoothed and tinted."""
    with Image.open(SAMPLE) as image:
        smooth = image.convert("RGB").filter(ImageFilter.GaussianBlur(1.5))
    file = io.BytesIO()
    Image.blend(smooth, Image.new("RGB", smooth.size, (255, 120, 60)), 0.25).save(file, "JPEG", quality=95)
    return file.getvalue()


def make_telling_release(folder: Path, reference: dict) -> Release:
    """Writes a release whose verdict on `real()` is real and on `fake()` is ai."""
    release = make_release(folder, reference=reference)
    margins = [margin(release, picture) for picture in (real(), fake())]
    weights = load_file(folder / WEIGHTS)
    towards = np.sign(margins[1] - margins[0])  # where random features see it the other way round, the head is turned
    weights["backbone.fc.weight"] *= towards
    weights[BIAS] = np.array([0, -sum(margins) / 2 + weights[BIAS][1] - weights[BIAS][0]], np.float32) * towards
    save_file(weights, folder / WEIGHTS)
    settings = json.loads((folder / SETTINGS_FILE).read_text())
    settings["weights"]["sha256"] = file_sha256(folder / WEIGHTS)
    settings["calibration"]["temperature"] = float(abs(margins[1] - margins[0]) / 2 / CERTAINTY)
    (folder / SETTINGS_FILE).write_text(json.dumps(settings))
    return Release.load(folder)


def margin(release: Release, picture: bytes) -> float:
    """Logit of ai minus logit of real."""
    detector = release.detector
    cropper = FaceCropper(
        detector=make_detector(detector.name),
        search_sides=detector.search_sides,
        min_confidence=detector.min_confidence,
        **vars(release.crop),
    )
    photo = decode(picture, max_pixels=release.limits.max_pixels, long_side=cropper.first_look)
    crop = cropper.crop(photo, cropper.detect(photo))
    (logits,) = load_runtime(release).infer(crop.pixels[None]).logits
    return float(logits[1] - logits[0])

"""Training and serving show the network the same pixels, whatever the file."""

import numpy as np
import pytest
from PIL import Image

from handler.face_crop import FaceCropper
from handler.face_detector import make_detector
from handler.image_input import decode
from handler.release import Release
from tests.pictures import SAMPLE, encoded, portrait, turned_portrait
from tests.releases import make_release
from training.manifest import read_crop, read_manifest
from training.prepare import PrepareSettings, prepare


def sixteen_bit() -> bytes:
    return encoded(Image.fromarray(np.asarray(Image.open(SAMPLE).convert("L")).astype(np.uint16) * 257), "PNG")


def sample(mode: str = "RGB", side: int = 512) -> Image.Image:
    return Image.open(SAMPLE).convert("RGB").resize((side, side)).convert(mode)


FILES = {
    "jpeg.jpg": portrait(),
    "png.png": encoded(sample(), "PNG"),
    "webp.webp": encoded(sample(), "WEBP", quality=90),
    "turned.jpg": turned_portrait(),
    "cmyk.jpg": encoded(sample("CMYK"), "JPEG", quality=95),
    "palette.png": encoded(sample("P"), "PNG"),
    "deep.png": sixteen_bit(),
    "alpha.png": encoded(sample("RGBA"), "PNG"),
    "tiny.png": encoded(sample(side=160), "PNG"),
    "huge.jpg": encoded(sample(side=4000), "JPEG", quality=90),
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Each file's crop as `prepare` stored it; by itself, since they all show one person."""
    release: Release = make_release(tmp_path_factory.mktemp("release") / "r")
    settings = {"detector": vars(release.detector), "crop": vars(release.crop), "max_pixels": release.limits.max_pixels}
    crops = {}
    root = tmp_path_factory.mktemp("raw")
    for name, data in FILES.items():
        raw = root / name.replace(".", "-")
        for label, content in (("real", data), ("ai", encoded(sample().crop((120, 20, 330, 230)), "PNG"))):
            (raw / label).mkdir(parents=True)
            (raw / label / name).write_bytes(content)
        crops[name] = prepared_crop(raw, settings)
    return release, crops


def prepared_crop(raw, settings) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:  # the two are one person: near duplicates of two classes would both go
        patch.setattr("training.prepare.duplicate_groups", lambda hashes: [])
        prepare(PrepareSettings(raw=raw, out=raw / "out", fractions={"train": 1.0}, processes=1, **settings))
    row = next(row for row in read_manifest(raw / "out") if row.label == "real")
    return read_crop(raw / "out", row)


@pytest.mark.parametrize("name", FILES)
def test_training_and_serving_crop_alike(stored, name):
    release, crops = stored
    detector = release.detector
    cropper = FaceCropper(
        detector=make_detector(detector.name),
        search_sides=detector.search_sides,
        min_confidence=detector.min_confidence,
        **vars(release.crop),
    )
    photo = decode(FILES[name], max_pixels=release.limits.max_pixels, long_side=cropper.first_look)
    assert (cropper.crop(photo, cropper.detect(photo)).pixels == crops[name]).all()

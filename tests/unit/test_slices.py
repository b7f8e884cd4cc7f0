import numpy as np
import pytest
from PIL import Image

from handler.calibration import Calibration
from tests.faces import write_prepared
from training import bootstrap
from training.manifest import read_manifest
from training.slices import cielab, size_band, skin_tone, slices, typology_angle


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # published values of sRGB primaries under D65
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_cielab_of_known_colours(rgb, lab):
    assert cielab(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=0.1)


def test_the_angle_by_hand():
    assert typology_angle(np.array([60.0, 10.0, 10.0])) == pytest.approx(45)
    assert typology_angle(np.array([40.0, 10.0, 10.0])) == pytest.approx(-45)


@pytest.mark.parametrize(
    ("colour", "band"),
    [
        ((234, 192, 170), "light"),
        ((180, 130, 105), "medium"),
        ((95, 60, 45), "dark"),
        ((128, 128, 128), "grey picture"),
        ((20, 200, 30), "not told"),
    ],
)
def test_plain_colours_have_their_band(colour, band):
    assert skin_tone(np.asarray(Image.new("RGB", (64, 64), colour))) == band


def test_sizes():
    assert [size_band(size) for size in (60, 111, 112, 179, 180)] == [
        "below 112 px",
        "below 112 px",
        "112 to 179 px",
        "112 to 179 px",
        "from 180 px",
    ]


def test_every_face_is_in_one_band_and_few_are_not_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 10)
    write_prepared(tmp_path, counts={"test": 8})
    rows = read_manifest(tmp_path, "test")
    found = slices(tmp_path, rows, np.full(len(rows), 0.5), Calibration(1, 0.7, 0.3))
    for bands in found.values():
        assert sum(sum(one["faces"].values()) for one in bands.values()) == len(rows)
        assert all(one["figures"] is None for one in bands.values())

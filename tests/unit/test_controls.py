import numpy as np
import pytest

from handler.calibration import Calibration
from tests.faces import write_prepared
from training import bootstrap, controls
from training.manifest import read_crop, read_manifest
from training.scorer import Scored

COUNT = 40
CALIBRATION = Calibration(1, 0.5, 0.5)


@pytest.fixture(autouse=True, scope="module")
def few_resamples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "RESAMPLES", 20)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_prepared(folder, counts={"test": COUNT}, size=32)
    return folder


class Judge:
    """A scorer whose margin is a function of the crop."""

    def __init__(self, margin):
        self.margin = margin

    def score_rows(self, data, rows, what, change=lambda pixels, index: pixels):
        crops = [change(read_crop(data, row), index) for index, row in enumerate(rows)]
        logits = np.array([[0.0, self.margin(crop)] for crop in crops])
        return Scored(logits, np.zeros((len(rows), 1, 1)), np.array([crop.mean(axis=(0, 1)) for crop in crops]))


def run(judge, data):
    rows = read_manifest(data, "test")
    return controls.controls(judge, data, rows, judge.score_rows(data, rows, ""), CALIBRATION)


def by_colour(crop):
    return (float(crop[..., 0].mean()) - float(crop[..., 2].mean())) / 10


def noise(crop):
    """How much neighbouring pixels differ: what a lossy format takes away."""
    return float(np.abs(np.diff(crop[..., 1].astype(int), axis=0)).mean()) / 10


@pytest.fixture(scope="module")
def found(data):
    return run(Judge(by_colour), data)


def test_a_model_that_reads_the_face_passes(found):
    assert found["chance"]["reencoded_reals"]["value"] == pytest.approx(0.5, abs=0.05)
    assert all(abs(change["value"]) < 0.03 for change in found["swapped"].values())
    assert found["sanity"]["true_labels"]["value"] > 0.95


def test_a_model_that_reads_the_compression_is_caught(data):
    found = run(Judge(noise), data)
    assert abs(found["chance"]["reencoded_reals"]["value"] - 0.5) > 0.05
    moved = found["swapped"]
    # one class loses its noise, the other keeps it: the ranking turns with the class
    assert moved["real_as_jpeg"]["value"] > 0.03 > -0.03 > moved["ai_as_jpeg"]["value"]


def test_random_labels_are_at_chance(found):
    deals = found["chance"]["random_labels"]
    assert deals["low"] < 0.5 < deals["high"]
    assert deals["value"] == pytest.approx(0.5, abs=0.1)  # 20 deals of 80 faces: a standard error of about 0.02


def test_a_forest_finds_a_class_that_is_in_the_file():
    targets = np.repeat([0, 1], 200)
    random = np.random.default_rng(0)
    telling = np.column_stack([targets + random.normal(0, 0.1, 400), random.random(400)])
    assert controls.auc(targets, controls.forest(telling, targets))["value"] > 0.95
    silent = controls.auc(targets, controls.forest(random.random((400, 2)), targets))
    # three standard errors of the AUC of 200 + 200 faces
    assert silent["value"] == pytest.approx(0.5, abs=0.09)


def test_formats_change_pixels_and_not_the_shape():
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)
    for kind in controls.REENCODED:
        again = controls.saved(pixels, kind, 75)
        assert again.shape == pixels.shape
        assert (again != pixels).any()

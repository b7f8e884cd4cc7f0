import json

import pytest

from handler.release import Release, ReleaseError
from tests.releases import make_release


def edit(folder, change):
    path = folder / "serving.json"
    settings = json.loads(path.read_text())
    change(settings)
    path.write_text(json.dumps(settings))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.update(schema=1), "schema"),
        (lambda s: s.pop("crop"), "missing keys: crop"),
        (lambda s: s["crop"].update(sise=1), "unknown keys: sise"),
        (lambda s: s.update(crop=3), "an object is expected"),
        (lambda s: s["weights"].update(sha256="0"), "is not the file"),
        (lambda s: s["weights"].update(file="other"), "missing"),
        (lambda s: s.update(int8={"files": {"int8.xml": "0"}, "bounds": {}, "agreement": {}}), "int8.xml is missing"),
        (lambda s: s.update(int8={"files": {}}), "missing keys: agreement, bounds"),
    ],
)
def test_a_release_that_is_not_whole_is_refused(tmp_path, change, message):
    make_release(tmp_path / "r")
    edit(tmp_path / "r", change)
    with pytest.raises(ReleaseError, match=message):
        Release.load(tmp_path / "r")


def test_changed_weights_are_refused(tmp_path):
    release = make_release(tmp_path / "r")
    data = bytearray(release.weights_path.read_bytes())
    data[-1] ^= 1
    release.weights_path.write_bytes(data)
    with pytest.raises(ReleaseError, match="is not the file"):
        Release.load(tmp_path / "r")


def test_a_release_from_before_a_key_came_goes_without_it(tmp_path):
    release = make_release(tmp_path / "r")
    assert (release.calibration.bias, release.quality.min_sharpness, release.quality.max_jpeg_step) == (0.0, None, None)
    edit(tmp_path / "r", lambda s: (s["calibration"].update(bias=-0.5), s["quality"].update(min_sharpness=2.0)))
    newer = Release.load(tmp_path / "r")
    assert (newer.calibration.bias, newer.quality.min_sharpness) == (-0.5, 2.0)

"""What is in a .mar, and that the same inputs give the same bytes."""

import json
import os
import shutil
import zipfile

import pytest

from handler.release import ReleaseError
from tests.releases import WEIGHTS, make_release
from training import archive as archiver
from training.archive import EPOCH, HANDLER, MODEL_CONFIG, archive


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return make_release(tmp_path_factory.mktemp("store") / "face-1.0")


def test_the_archive_holds_handler_release_and_settings_and_nothing_else(release):
    mar = archive(release.folder)
    assert mar == release.folder.with_name("face-1.0.mar")
    with zipfile.ZipFile(mar) as file:
        names = set(file.namelist())
        manifest = json.loads(file.read("MAR-INF/MANIFEST.json"))
    code = {f"handler/{path.name}" for path in HANDLER.glob("*.py") if path.name != "face_handler.py"}
    files = {f"release/{name}" for name in ("serving.json", WEIGHTS, "model_card.md")}
    assert names == code | files | {"face_handler.py", "model-config.yaml", "MAR-INF/MANIFEST.json"}
    model = manifest["model"]
    assert (model["modelName"], model["modelVersion"], model["handler"]) == ("face", "1.0", "face_handler.py")
    assert model["configFile"] == "model-config.yaml"


def test_the_same_inputs_give_the_same_bytes(release, tmp_path, monkeypatch):
    """Whoever packs, wherever and whenever: other times, other permissions, another place and time zone, other caches."""
    first = archive(release.folder, tmp_path / "a.mar")
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(HANDLER, elsewhere / "handler")
    shutil.copytree(release.folder, elsewhere / "other-name")
    shutil.copy(MODEL_CONFIG, elsewhere)
    (elsewhere / "handler" / "__pycache__").mkdir(exist_ok=True)
    (elsewhere / "handler" / "__pycache__" / "x.pyc").touch()
    for number, path in enumerate(sorted(elsewhere.rglob("*"), reverse=True)):
        os.utime(path, (number * 86_400, number * 86_400))
        if path.is_file():
            path.chmod(0o600)
    monkeypatch.setattr(archiver, "HANDLER", elsewhere / "handler")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    mask = os.umask(0o077)
    try:
        second = archive(elsewhere / "other-name", tmp_path / "b.mar", elsewhere / MODEL_CONFIG.name)
    finally:
        os.umask(mask)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(second) as file:
        assert {(entry.date_time, entry.external_attr >> 16) for entry in file.infolist()} == {(EPOCH, 0o644)}
        assert file.namelist() == sorted(file.namelist())


def test_a_release_with_other_weights_is_not_packed(tmp_path):
    broken = make_release(tmp_path / "face-1.0")
    broken.weights_path.write_bytes(b"something else")
    with pytest.raises(ReleaseError, match="not the file"):
        archive(broken.folder)
    assert not list(tmp_path.glob("*.mar"))

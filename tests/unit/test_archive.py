"""What is in a .mar, and that the same inputs give the same bytes."""

import json
import zipfile

import pytest

from handler.release import ReleaseError
from tests.releases import WEIGHTS, make_release
from training.archive import HANDLER, archive


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


def test_the_same_inputs_give_the_same_bytes(release, tmp_path):
    first, second = archive(release.folder, tmp_path / "a.mar"), archive(release.folder, tmp_path / "b.mar")
    assert first.read_bytes() == second.read_bytes()


def test_a_release_with_other_weights_is_not_packed(tmp_path):
    broken = make_release(tmp_path / "face-1.0")
    broken.weights_path.write_bytes(b"something else")
    with pytest.raises(ReleaseError, match="not the file"):
        archive(broken.folder)
    assert not list(tmp_path.glob("*.mar"))

"""Which archives a server is started on."""

import zipfile

import pytest

from config.verify import WrongRelease, verify
from tests.releases import WEIGHTS, make_release
from training.archive import archive


@pytest.fixture(scope="module")
def mar(tmp_path_factory):
    return archive(make_release(tmp_path_factory.mktemp("store") / "face-1.0").folder)


def copy(mar, out, change):
    """The archive with each file as `change(name, data)` gives it; None leaves it out."""
    with zipfile.ZipFile(mar) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if (data := change(name, source.read(name))) is not None:
                target.writestr(name, data)
    return out


def test_an_archive_as_it_was_packed_passes(mar):
    verify(mar)


def test_another_file_is_told(mar, tmp_path):
    changed = copy(mar, tmp_path / "face.mar", lambda name, data: data + b"x" if name.endswith(WEIGHTS) else data)
    with pytest.raises(WrongRelease, match="is not the file"):
        verify(changed)


def test_a_missing_file_is_told(mar, tmp_path):
    changed = copy(mar, tmp_path / "face.mar", lambda name, data: None if name.endswith(WEIGHTS) else data)
    with pytest.raises(WrongRelease, match="is missing"):
        verify(changed)


def test_what_is_no_archive_of_ours_is_left_to_torchserve(mar, tmp_path):
    (tmp_path / "text.mar").write_text("text")
    verify(tmp_path / "text.mar")
    verify(tmp_path / "missing.mar")
    verify(copy(mar, tmp_path / "other.mar", lambda name, data: None if name.startswith("release/") else data))

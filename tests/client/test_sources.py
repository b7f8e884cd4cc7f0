"""From what the user names to images."""

import io
import os
from types import SimpleNamespace

import pytest

from client import sources
from client.errors import Unreadable
from client.sources import find


@pytest.fixture
def photos(tmp_path, monkeypatch):
    for name in ("b.jpg", "a.JPEG", "notes.txt", "a.JPEG.face.png", "sub/c.png", "sub/deep/d.webp", "other/e.gif"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "photos" / "sub" / "loop").symlink_to(tmp_path / "photos")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*named: str) -> list[str]:
    return [source.name for source in find(named)]


def test_a_folder_is_searched_for_images_but_not_for_heat_maps(photos):
    assert names("photos") == ["photos/a.JPEG", "photos/b.jpg", "photos/sub/c.png", "photos/sub/deep/d.webp"]
    assert [str(source.relative) for source in find(["photos"])] == ["a.JPEG", "b.jpg", "sub/c.png", "sub/deep/d.webp"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(photos):
    (source,) = find(["photos/notes.txt"])
    assert source.read() == b"notes.txt"
    assert str(source.relative) == "notes.txt"


def test_a_pattern_that_the_shell_left(photos):
    assert names("photos/**/*.png") == ["photos/sub/c.png"]
    assert names("photos/*.jpg", "photos/sub/*.png") == ["photos/b.jpg", "photos/sub/c.png"]
    assert names(str(photos / "photos" / "b.*")) == [str(photos / "photos" / "b.jpg")]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(photos):
    (photos / "[1].jpg").write_bytes(b"one")
    assert [source.read() for source in find(["[1].jpg"])] == [b"one"]


@pytest.mark.parametrize("name", ["photos/other", "photos/*.tiff", "nowhere.jpg"])
def test_what_names_no_image_is_a_failure_and_not_silence(photos, name):
    (source,) = find([name])
    assert source.name == name
    with pytest.raises(Unreadable):
        source.read()


def test_the_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"piped")))
    (source,) = find(["-"])
    assert (source.name, source.read()) == ("stdin", b"piped")


def test_the_standard_input_is_limited(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=open("/dev/zero", "rb")))  # noqa: SIM115 - closed below
    with pytest.raises(Unreadable, match="MiB"):
        next(find(["-"])).read()
    sources.sys.stdin.buffer.close()


@pytest.mark.parametrize(
    "url, name",
    [
        ("https://host/a/b.jpg?size=1", "b.jpg"),
        ("HTTP://host/", "image"),
        ("http://host/a%2F..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("http://host/%00", "image"),
        ("http://host/..", "image"),
        ("http://[", "image"),
    ],
)
def test_a_url_gives_a_file_name_that_stays_in_its_folder(url, name):
    (source,) = find([url])
    assert source.name == url
    assert str(source.relative) == name
    assert os.sep not in str(source.relative)

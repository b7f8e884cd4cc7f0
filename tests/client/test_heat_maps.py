"""Where heat maps go."""

import pytest

from client.heat_maps import HeatMaps, Unwritable
from client.sources import find


@pytest.fixture
def photos(tmp_path, monkeypatch):
    for name in ("a.jpg", "a.png", "sub/a.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.face.png"))


def test_beside_each_image_by_its_whole_name(photos):
    maps = HeatMaps()
    for source in find(["photos"]):
        maps.write(source, b"map of " + source.name.encode())
    assert written(photos / "photos") == ["a.jpg.face.png", "a.png.face.png", "sub/a.jpg.face.png"]
    assert (photos / "photos" / "a.png.face.png").read_bytes() == b"map of photos/a.png"


def test_below_a_folder_as_the_images_lie(photos):
    maps = HeatMaps(photos / "new" / "maps")
    for source in find(["photos"]):
        maps.write(source, b"map")
    assert written(photos / "new" / "maps") == ["a.jpg.face.png", "a.png.face.png", "sub/a.jpg.face.png"]


def test_two_of_one_name_are_both_kept_and_a_second_run_writes_over_the_first(photos):
    for _ in range(2):
        maps = HeatMaps(photos / "maps")
        for number, source in enumerate(find(["photos/a.jpg", "photos/sub/a.jpg"])):
            maps.write(source, f"{number}".encode())
        assert written(photos / "maps") == ["a.jpg.2.face.png", "a.jpg.face.png"]
        assert (photos / "maps" / "a.jpg.2.face.png").read_bytes() == b"1"


def test_the_standard_input_and_urls_write_into_the_current_folder(photos):
    maps = HeatMaps()
    for source in find(["-", "http://host/x/portrait.jpg"]):
        maps.write(source, b"map")
    assert written(photos) == ["portrait.jpg.face.png", "stdin.face.png"]


def test_a_folder_that_cannot_be_is_an_error_with_a_code(photos):
    (photos / "file").touch()
    with pytest.raises(Unwritable, match="cannot be written") as raised:
        HeatMaps(photos / "file").write(next(find(["photos/a.jpg"])), b"map")
    assert raised.value.code == "unwritable"

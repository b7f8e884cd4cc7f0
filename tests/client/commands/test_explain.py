"""`face explain`, and where its heat maps go."""

from PIL import Image

from tests.client.commands.process import lines


def test_heat_maps_are_written_beside_the_images(face, photos):
    done = face("explain", "photos")
    assert done.returncode == 0
    jpeg, room, webp = lines(done)
    assert jpeg["heat_map"] == "photos/a.jpg.face.png"
    assert (room["verdict"], room["heat_map"], room["explanation"]) == ("no_face", None, None)
    for name in ("a.jpg.face.png", "sub/a.webp.face.png"):
        with Image.open(photos / name) as picture:
            assert (picture.format, picture.size) == ("PNG", (512, 512))
    assert len(jpeg["explanation"]["grid"]) == 3
    again = face("explain", "photos")  # which does not take the maps for photos
    assert [line["source"] for line in lines(again)] == [line["source"] for line in (jpeg, room, webp)]


def test_or_below_a_folder(face, photos, tmp_path):
    assert face("explain", "photos", "--heatmaps", "maps").returncode == 0
    assert sorted(str(path.relative_to(tmp_path / "maps")) for path in (tmp_path / "maps").rglob("*.png")) == [
        "a.jpg.face.png",
        "sub/a.webp.face.png",
    ]
    assert not list(photos.rglob("*.face.png"))


def test_a_map_that_cannot_be_written_is_a_failure(face, photos, tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "sub").touch()
    done = face("explain", "photos", "--heatmaps", "maps")
    assert done.returncode == 1
    assert [line.get("error", {}).get("code") for line in lines(done)] == [None, None, "unwritable"]


def test_only_the_numbers_and_for_which_label(face, photos):
    ai, real = (lines(face("explain", "photos/a.jpg", "--no-draw", "--target", label))[0] for label in ("ai", "real"))
    assert (ai["explanation"]["target"], real["explanation"]["target"]) == ("ai", "real")
    assert ai["explanation"]["grid"] == [[-cell for cell in row] for row in real["explanation"]["grid"]]
    assert not list(photos.glob("*.face.png"))

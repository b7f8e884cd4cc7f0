import pytest
from PIL import Image

from training.photos import DataError, find_photos


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path)


def test_photos_lie_by_class_with_or_without_a_source_folder(tmp_path):
    for name in ("real/a.jpg", "real/phone/b.PNG", "ai/gan/c.webp", "ai/gan/deeper/d.jpeg"):
        put(tmp_path / name)
    (tmp_path / "real" / "notes.txt").write_text("not a photo")
    found = [(photo.path.as_posix(), photo.label, photo.source, photo.held_out) for photo in find_photos(tmp_path)]
    assert found == [
        ("real/a.jpg", "real", "real", False),
        ("real/phone/b.PNG", "real", "phone", False),
        ("ai/gan/c.webp", "ai", "gan", False),
        ("ai/gan/deeper/d.jpeg", "ai", "gan", False),
    ]


def test_held_out_sources_lie_under_ood(tmp_path):
    for name in ("pool/real/x/a.jpg", "pool/ai/y/b.jpg", "ood/ai/z/c.jpg", "whole/real/d.jpg"):
        put(tmp_path / name)
    assert {photo.source: photo.held_out for photo in find_photos(tmp_path)} == {"x": False, "y": False, "z": True}


@pytest.mark.parametrize("missing", ["real", "ai"])
def test_an_empty_class_is_named(tmp_path, missing):
    put(tmp_path / ("ai" if missing == "real" else "real") / "a.jpg")
    with pytest.raises(DataError, match=f"class '{missing}'"):
        find_photos(tmp_path)

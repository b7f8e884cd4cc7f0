"""The photos that are sent."""

import io

import pytest
from PIL import Image

from tests.bench import photos
from tests.pictures import SAMPLE


def test_one_photo_gives_different_jpegs_of_the_size():
    files = photos.make(photos.find(SAMPLE), 256)
    assert len(set(files)) == len(files) == photos.COUNT
    for file in files:
        with Image.open(io.BytesIO(file)) as image:
            assert (image.format, max(image.size)) == ("JPEG", 256)


def test_a_folder_gives_its_photos_as_they_are(tmp_path):
    for number, size in enumerate([(40, 20), (30, 60)]):
        Image.new("RGB", size, (80 * number, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "notes.txt").write_text("no photo")
    found = photos.find(tmp_path)
    assert found == photos.find(tmp_path)
    shapes = {Image.open(io.BytesIO(file)).size for file in photos.make(found, 100)[:2]}
    assert shapes == {(100, 50), (50, 100)}


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        photos.find(tmp_path)

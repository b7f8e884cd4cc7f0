import numpy as np
from PIL import Image

from tests.faces import write_prepared
from training.crop_cache import FOLDER, cached_crops
from training.manifest import read_crop, read_manifest


def test_it_holds_the_crops_of_its_rows_and_is_written_once(tmp_path):
    write_prepared(tmp_path)
    rows = read_manifest(tmp_path, "train")
    crops = cached_crops(tmp_path, rows)
    assert crops.shape == (len(rows), 64, 64, 3)
    assert all((crop == read_crop(tmp_path, row)).all() for crop, row in zip(crops, rows, strict=True))
    Image.new("RGB", (64, 64)).save(tmp_path / rows[0].crop)
    assert np.array_equal(cached_crops(tmp_path, rows), crops)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_other_rows_and_other_data_have_a_cache_of_their_own(tmp_path):
    for seed in (0, 1):
        write_prepared(tmp_path / str(seed), seed=seed)
    train, val = (read_manifest(tmp_path / "0", split) for split in ("train", "val"))
    assert len(cached_crops(tmp_path / "0", val)) == len(val) != len(cached_crops(tmp_path / "0", train))
    assert (cached_crops(tmp_path / "1", train) != cached_crops(tmp_path / "0", train)).any()

import pytest

from tests.faces import write_prepared
from training.folds import write_fold
from training.manifest import read_crop, read_manifest
from training.photos import DataError


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prepared")
    write_prepared(folder, counts={"train": 4, "val": 2, "ood": 2})
    return folder


def test_held_out_sources_are_in_no_split_but_ood(data, tmp_path):
    write_fold(data, ["ai_1", "real_0"], tmp_path / "fold")
    rows = read_manifest(tmp_path / "fold")
    before = {row.id: row for row in read_manifest(data)}
    assert {row.source for row in rows if row.split == "ood"} == {"ai_1", "real_0"}
    assert {row.source for row in rows if row.split != "ood"} == {"ai_0", "real_1"}
    assert {row.id for row in rows} == {name for name, row in before.items() if row.split != "ood"}
    assert (read_crop(tmp_path / "fold", rows[0]) == read_crop(data, before[rows[0].id])).all()
    write_fold(data, ["ai_0", "real_0"], tmp_path / "fold")  # another view may take its place


@pytest.mark.parametrize(("held_out", "message"), [(["nowhere"], "no source nowhere"), (["ai_0", "ai_1"], "class")])
def test_a_fold_without_two_sides_is_refused(data, tmp_path, held_out, message):
    with pytest.raises(DataError, match=message):
        write_fold(data, held_out, tmp_path / "fold")

import numpy as np
import pytest

from handler.calibration import Calibration
from handler.gradcam import margin_map
from tests.faces import write_prepared
from tests.runs import write_run
from training import bootstrap, explanation_quality
from training.explanation_quality import Faces, enlarged, paste, rank, rank_agreement, shuffle_weights
from training.scorer import Scored, Scorer
from training.trained import Trained

SIZE = 32
CELLS = 4
CALIBRATION = Calibration(1, 0.5, 0.5)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 50)


class RedJudge:
    """A scorer that finds ai where a crop is red, cell by cell, and whose map says so, or says nothing of it."""

    def __init__(self, honest: bool):
        self.honest = honest

    def score(self, crops, total, what):
        cells = np.asarray(crops, float).reshape(total, CELLS, SIZE // CELLS, CELLS, SIZE // CELLS, 3).mean(axis=(2, 4))
        evidence = (cells[..., 0] - cells[..., 2]) / 10
        margin = evidence.mean(axis=(1, 2))
        maps = evidence if self.honest else -evidence
        return Scored(np.column_stack([np.zeros(total), margin]), maps, np.zeros((total, 1)))


def faces(count: int = 12) -> Faces:
    """Reals are blue all over; of AIs one quarter, at a random corner, is as red as makes them ai."""
    random = np.random.default_rng(0)
    crops = np.zeros((2 * count, SIZE, SIZE, 3), np.uint8)
    crops[:count] = (90, 90, 110)
    crops[count:] = (100, 90, 100)
    for crop in crops[count:]:
        top, left = random.integers(0, 2, 2) * SIZE // 2
        crop[top : top + SIZE // 2, left : left + SIZE // 2] = (255, 90, 0)
    return Faces(crops, np.repeat([0, 1], count))


def test_a_map_of_what_the_model_goes_by_beats_chance_and_its_opposite_does_not():
    honest, lying = (
        explanation_quality.insertion_deletion(judge, faces(), judge.score(faces().crops, 24, "").maps, CALIBRATION)
        for judge in (RedJudge(True), RedJudge(False))
    )
    assert honest["grad_cam_ai"]["low"] > honest["random"]["high"]
    assert lying["grad_cam_ai"]["value"] == pytest.approx(-honest["grad_cam_ai"]["value"], abs=0.1)


def test_patches_are_pointed_at():
    everywhere = faces()
    everywhere.crops[everywhere.targets == 1] = (255, 90, 0)
    assert explanation_quality.pointing(RedJudge(True), everywhere)["hits"]["value"] > 0.95
    assert explanation_quality.pointing(RedJudge(False), everywhere)["hits"]["value"] < 0.5


def test_a_paste_is_the_patch_inside_and_the_face_outside():
    into, of = np.zeros((SIZE, SIZE, 3), np.uint8), np.full((SIZE, SIZE, 3), 200, np.uint8)
    pasted = paste(into, of, np.array([8, 16]), 16)
    assert (pasted[14, 22] == 200).all()
    assert not pasted[:7].any() and not pasted[:, :15].any() and not pasted[25:].any()


def test_ranks_cover_all_pixels_with_the_largest_first():
    ranks = rank(np.array([[3.0, 1.0], [2.0, 0.0]]))
    assert ranks.tolist() == [[0, 0.5], [0.25, 0.75]]
    assert enlarged(np.eye(4), 16).shape == (16, 16)


def test_agreement_is_one_with_itself_and_minus_one_with_its_opposite():
    maps = np.random.default_rng(0).random((6, 4, 4))
    assert rank_agreement(maps, [maps])["value"] == pytest.approx(1)
    assert rank_agreement(maps, [maps, -maps])["value"] == pytest.approx(0)


def test_shuffled_weights_are_the_same_numbers_in_another_network(tmp_path):
    write_prepared(tmp_path / "data", counts={"train": 2})
    write_run(tmp_path / "run", tmp_path / "data")
    trained = Trained.load(tmp_path / "run")
    original, shuffled = Scorer(trained), shuffle_weights(Scorer(trained), 0)
    crops = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    for one, other in zip(
        original.runtime.features.model.parameters(), shuffled.runtime.features.model.parameters(), strict=True
    ):
        assert one.shape == other.shape
        assert one.flatten().sort().values.equal(other.flatten().sort().values)
    before, after = original.score(crops, 2, ""), shuffled.score(crops, 2, "")
    assert not np.allclose(before.maps, after.maps)
    features = shuffled.runtime.infer(crops).features
    assert np.allclose(after.maps[0], margin_map(features[0], shuffled.runtime.head_weight))

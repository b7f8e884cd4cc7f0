import numpy as np
import pytest

from training import bootstrap, risk
from training.scorer import Scored


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 50)


def test_the_area_by_hand():
    wrong = np.array([0.0, 1.0, 0.0, 1.0])
    sure = np.array([4.0, 3.0, 2.0, 1.0])
    # covered: 1, 2, 3, 4 faces; wrong among them: 0, 1/2, 1/3, 1/2
    assert risk.area(wrong, sure, np.ones(4)) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert risk.area(wrong, -sure, np.ones(4)) == pytest.approx((1 + 1 / 2 + 2 / 3 + 1 / 2) / 4)


def test_a_weight_of_two_is_two_faces():
    wrong, sure = np.array([0.0, 1.0, 1.0]), np.array([3.0, 2.0, 2.0])
    coverage, found = risk.risk_coverage(wrong[:2], sure[:2], np.array([1.0, 2.0]))
    assert (coverage[-1], found[-1]) == (1, pytest.approx(2 / 3))
    assert found[-1] == pytest.approx(risk.risk_coverage(wrong, sure, np.ones(3))[1][-1])


def test_confidences_by_hand():
    scored = Scored(np.array([[0.0, 2.0], [3.0, 3.0]]), np.zeros((2, 1, 1)), np.array([[1.0, 0.0], [0.0, 2.0]]))
    found = risk.confidences(np.array([0.9, 0.5]), scored, 1.0, np.array([[5.0, 0.0]]))
    assert found["softmax"] == pytest.approx([np.log(9), 0], abs=1e-9)
    assert found["energy"] == pytest.approx([np.log(1 + np.e**2), 3 + np.log(2)])
    assert found["knn"] == pytest.approx([1, 0])  # the cosine with the one neighbour
    assert risk.confidences(np.array([0.9, 0.5]), scored, 1.0, None).keys() == {"softmax", "energy"}


def test_a_rule_wins_only_where_it_is_surely_better():
    random = np.random.default_rng(0)
    targets = np.repeat([0, 1], 200)
    wrong = (random.random(400) < 0.2).astype(float)
    noise = random.random(400)
    clearly = risk.compare(targets, wrong, {"softmax": noise, "knn": noise - 2 * wrong}, np.ones(400))
    assert risk.choose(clearly) == "knn"
    alike = risk.compare(targets, wrong, {"softmax": noise, "knn": random.permutation(noise)}, np.ones(400))
    assert risk.choose(alike) == "softmax"
    assert alike["softmax"]["more_than_shipped"] == {"value": 0, "low": 0, "high": 0}


def test_errors_at_coverage_by_hand():
    targets = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    scores = np.array([0.1, 0.1, 0.1, 0.1, 0.6, 0.9, 0.9, 0.9, 0.9, 0.4])
    sure = np.abs(scores - 0.5)
    found = risk.selective(targets, scores, sure)
    # the two least sure are the two that are wrong, one of a class
    assert found["error"]["all"]["value"] == pytest.approx(0.2)
    assert found["error_at_coverage"]["all"]["value"] == 0
    assert found["coverage"]["ai"]["value"] == pytest.approx(0.8)
    assert found["ratio"]["value"] == 0

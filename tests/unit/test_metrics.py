import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from handler.calibration import Calibration
from training.metrics import expected_calibration_error, figures, precision_at, reliability

CALIBRATION = Calibration(temperature=1.0, ai_at_least=0.8, real_at_most=0.3)
TARGETS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
SCORES = np.array([0.1, 0.2, 0.6, 0.9, 0.25, 0.7, 0.8, 0.95])


def test_figures_worked_out_by_hand():
    found = figures(TARGETS, SCORES, np.ones(8), CALIBRATION)
    # at 0.5: two reals right, three AIs right
    assert found["accuracy"] == pytest.approx(5 / 8)
    assert found["balanced_accuracy"] == pytest.approx((2 / 4 + 3 / 4) / 2)
    assert found["f1"] == pytest.approx(2 * 3 / (3 + 2 + 4))
    # pairs of an AI above a real: 0.25 beats two, 0.7 and 0.8 beat three each, 0.95 beats four
    assert found["auc"] == pytest.approx((2 + 3 + 3 + 4) / 16)
    # no real may be called ai at 5 % of four: the threshold is above 0.9
    assert found["tpr_at_fpr_5"] == pytest.approx(1 / 4)
    # ai from 0.8 on, real up to 0.3
    assert found["ai_called_ai"] == pytest.approx(2 / 4)
    assert found["ai_called_real"] == pytest.approx(1 / 4)
    assert found["real_called_ai"] == pytest.approx(1 / 4)
    assert found["real_called_real"] == pytest.approx(2 / 4)


def test_figures_agree_with_scikit_learn_under_weights():
    random = np.random.default_rng(0)
    targets, weights = random.integers(0, 2, 200), random.uniform(0.1, 3, 200)
    scores = np.clip(0.3 * targets + 0.7 * random.random(200), 0, 1).round(2)  # with ties
    found = figures(targets, scores, weights, CALIBRATION)
    given = {"sample_weight": weights}
    assert found["accuracy"] == pytest.approx(accuracy_score(targets, scores >= 0.5, **given))
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(targets, scores >= 0.5, **given))
    assert found["f1"] == pytest.approx(f1_score(targets, scores >= 0.5, **given))
    assert found["auc"] == pytest.approx(roc_auc_score(targets, scores, **given))
    assert found["nll"] == pytest.approx(log_loss(targets, scores, **given))
    assert found["brier"] == pytest.approx(brier_score_loss(targets, scores, **given))


def test_a_weight_of_two_is_the_face_twice():
    twice = np.array([1, 1, 2, 1, 1, 2, 1, 1])
    repeated = figures(np.repeat(TARGETS, twice), np.repeat(SCORES, twice), np.ones(10), CALIBRATION)
    weighted = figures(TARGETS, SCORES, twice.astype(float), CALIBRATION)
    del repeated["ece"], weighted["ece"]  # a face is in one bin, its copies can be in two
    assert weighted == pytest.approx(repeated)


def test_a_score_on_both_thresholds_is_ai_as_the_service_says():
    at_once = Calibration(temperature=1.0, ai_at_least=0.5, real_at_most=0.5)
    found = figures(np.array([0, 1]), np.array([0.5, 0.5]), np.ones(2), at_once)
    assert (found["ai_called_ai"], found["ai_called_real"]) == (1, 0)
    assert at_once.verdict(0.5) == "ai"


def test_calibration_error_of_bins_of_equal_mass():
    # 30 faces make 15 bins of two: 0.2 with one AI of two each, 0.9 with all AI
    scores = np.repeat([0.2, 0.9], [20, 10])
    targets = np.concatenate([np.tile([0, 1], 10), np.ones(10, int)])
    mass, score, share = reliability(targets, scores, np.ones(30))
    assert mass == pytest.approx(np.full(15, 1 / 15))
    assert score == pytest.approx([0.2] * 10 + [0.9] * 5)
    assert share == pytest.approx([0.5] * 10 + [1.0] * 5)
    assert expected_calibration_error(targets, scores, np.ones(30)) == pytest.approx(20 / 30 * 0.3 + 10 / 30 * 0.1)


def test_precision_at_a_low_prevalence():
    assert precision_at(0.01, tpr=0.88, fpr=0.15) == pytest.approx(0.0088 / (0.0088 + 0.1485))
    assert precision_at(0.01, tpr=0.0, fpr=0.0) == 0

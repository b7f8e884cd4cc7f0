import math

import numpy as np
import pytest

from handler.calibration import Calibration


def test_the_score_is_the_softmax_of_logits_over_t():
    # margin 2 at T = 2: 1 / (1 + e^-1)
    score = Calibration(2.0, 0.7, 0.3).score_ai(np.array([[1.0, 3.0], [3.0, 1.0], [0.0, 0.0]], np.float32))
    assert score == pytest.approx([1 / (1 + math.exp(-1)), 1 - 1 / (1 + math.exp(-1)), 0.5])


def test_a_bias_is_added_to_the_scaled_margin():
    # margin 2 at T = 2 and bias -1: 1 / (1 + e^0)
    assert Calibration(2.0, 0.7, 0.3, -1.0).score_ai(np.array([[1.0, 3.0]])) == pytest.approx([0.5])


def test_extreme_logits_do_not_overflow():
    assert Calibration(1.0, 0.5, 0.5).score_ai(np.array([[0.0, 1e5], [1e5, 0.0]])).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(("score", "verdict"), [(0.7, "ai"), (0.69, "uncertain"), (0.31, "uncertain"), (0.3, "real")])
def test_thresholds_include_their_value(score, verdict):
    assert Calibration(1.0, 0.7, 0.3).verdict(score) == verdict


@pytest.mark.parametrize("values", [(0, 0.7, 0.3), (-1, 0.7, 0.3), (1, 0.3, 0.7), (1, 1.1, 0)])
def test_an_impossible_calibration_is_refused(values):
    with pytest.raises(ValueError, match="must be"):
        Calibration(*values)

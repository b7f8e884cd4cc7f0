import numpy as np
import pytest

from training.temperature import fit_temperature, thresholds, upper_bound


def margins_to_logits(margins):
    return np.stack([-margins / 2, margins / 2], axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_found(temperature):
    random = np.random.default_rng(0)
    margins = random.normal(0, 2, 20_000)
    targets = (random.random(20_000) < 1 / (1 + np.exp(-margins))).astype(int)
    # the sampling error of a temperature on 20,000 faces is about one per cent
    found = fit_temperature(targets, margins_to_logits(margins * temperature), np.ones(20_000))
    assert found == pytest.approx(temperature, rel=0.03)


def test_weights_choose_whom_the_temperature_is_for():
    margins = np.array([2.0, 2.0, 2.0, -2.0])
    targets = np.array([1, 1, 0, 0])  # the third is wrong: with it p = 2/3 on the positive side
    weights = np.array([1.0, 1.0, 1.0, 0.0])
    assert fit_temperature(targets, margins_to_logits(margins), weights) == pytest.approx(2 / np.log(2), rel=1e-4)


def test_upper_bound_lies_half_way():
    scores = np.array([0.1, 0.2, 0.4, 0.8])
    assert upper_bound(scores, np.ones(4), 0.25) == pytest.approx(0.6)  # one of four may reach it
    assert upper_bound(scores, np.ones(4), 0.2) == pytest.approx(0.9)  # none may
    assert upper_bound(scores, np.array([1, 1, 1, 3.0]), 0.25) == pytest.approx(0.9)  # the one weighs a half


def test_equal_scores_fall_on_the_same_side():
    assert upper_bound(np.array([0.1, 0.6, 0.6, 0.6]), np.ones(4), 0.5) == pytest.approx(0.8)


@pytest.mark.parametrize("apart", [0.5, 6.0])
def test_thresholds_keep_both_rates_and_their_order(apart):
    random = np.random.default_rng(0)
    targets = np.repeat([0, 1], 1000)
    scores = 1 / (1 + np.exp(-random.normal(np.where(targets, apart, -apart), 1.0)))
    ai_at_least, real_at_most = thresholds(targets, scores, np.ones(2000), false_ai_rate=0.05, false_real_rate=0.02)
    assert real_at_most <= ai_at_least
    assert np.mean(scores[targets == 0] >= ai_at_least) <= 0.05
    assert np.mean(scores[targets == 1] <= real_at_most) <= 0.02
    if apart < 1:  # where the classes overlap, the rates are used up
        assert np.mean(scores[targets == 0] >= ai_at_least) == pytest.approx(0.05)
        assert np.mean(scores[targets == 1] <= real_at_most) == pytest.approx(0.02)

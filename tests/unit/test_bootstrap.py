import numpy as np
import pytest

from training.bootstrap import intervals


def share_and_mean(targets, scores, weights):
    return {"share": np.average(targets, weights=weights), "mean": np.average(scores, weights=weights)}


def test_interval_of_a_mean_is_that_of_the_normal_distribution():
    random = np.random.default_rng(0)
    scores = random.normal(5, 2, 400)
    mean = intervals(share_and_mean, np.tile([0, 1], 200), scores, np.ones(400))["mean"]
    half = 1.96 * scores.std() / 20  # standard error: deviation / sqrt(400)
    assert mean["value"] == pytest.approx(scores.mean())
    # 1000 resamples place an end of the interval within about a tenth of its half width
    assert mean["low"] == pytest.approx(scores.mean() - half, abs=0.2 * half)
    assert mean["high"] == pytest.approx(scores.mean() + half, abs=0.2 * half)


def test_classes_keep_their_sizes():
    share = intervals(share_and_mean, np.array([0, 0, 0, 1]), np.arange(4.0), np.ones(4))["share"]
    assert share == {"value": 0.25, "low": 0.25, "high": 0.25}


def test_copies_of_a_face_are_drawn_together():
    random = np.random.default_rng(1)
    targets, scores = np.tile([0, 1], 50), random.normal(size=100)
    once = intervals(share_and_mean, targets, scores, np.ones(100))
    units = np.tile(np.arange(100), 5)
    five = intervals(share_and_mean, np.tile(targets, 5), np.tile(scores, 5), np.ones(500), units=units)
    assert five["mean"] == pytest.approx(once["mean"])  # five copies know no more than one


def test_it_is_the_same_every_time():
    arguments = share_and_mean, np.tile([0, 1], 10), np.arange(20.0), np.ones(20)
    assert intervals(*arguments) == intervals(*arguments)

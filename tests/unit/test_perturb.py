import numpy as np
import pytest

from training.perturb import Perturbation, PerturbationRange

RANGES = PerturbationRange(probability=0.5, blur=1.0, scale=0.5, quality=(40, 95))


@pytest.fixture
def noise():
    grey = np.random.default_rng(0).integers(0, 256, (64, 64, 1), np.uint8)  # JPEG halves colour at any quality
    return np.repeat(grey, 3, axis=2)


def test_no_perturbation_changes_nothing(noise):
    assert (Perturbation()(noise) == noise).all()


@pytest.mark.parametrize("perturbation", [Perturbation(blur=1.0), Perturbation(scale=0.5)])
def test_blur_and_reduction_keep_the_shape_and_lose_detail(noise, perturbation):
    found = perturbation(noise)
    assert found.shape == noise.shape and found.dtype == np.uint8
    assert found.std() < noise.std()
    assert found.mean() == pytest.approx(noise.mean(), abs=2)  # the light stays


def test_lower_quality_is_further_away(noise):
    far, near = (np.abs(Perturbation(quality=quality)(noise).astype(int) - noise).mean() for quality in (30, 95))
    assert far > 2 * near


def test_draws_follow_from_their_seed_and_stay_in_range():
    draws = [RANGES.draw(0, view, index) for view in range(2) for index in range(200)]
    assert draws == [RANGES.draw(0, view, index) for view in range(2) for index in range(200)]
    assert all(0 <= one.blur <= 1 and 0.5 <= one.scale <= 1 for one in draws)
    assert {one.quality is None or 40 <= one.quality <= 95 for one in draws} == {True}
    untouched = sum(one == Perturbation() for one in draws)
    assert 25 <= untouched <= 75  # an eighth of 400 is 50, deviation 6.6

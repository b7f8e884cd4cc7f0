import numpy as np
import pytest

from training.composite import Composer, composite, patch, recoloured

SIZE = 32
# one grey a crop, so that a composite tells which two it is made of
REAL_A, REAL_B, AI_A, AI_B = 0, 60, 160, 250
TARGETS = np.array([0, 0, 1, 1])
CROPS = np.stack([np.full((SIZE, SIZE, 3), grey, np.uint8) for grey in (REAL_A, REAL_B, AI_A, AI_B)])


def drawn(number: int, share: float = 1.0, count: int = 60) -> list[np.ndarray]:
    composer = Composer(share, TARGETS, np.full(4, 0.25))
    return [composer(CROPS, number, np.random.default_rng(seed)) for seed in range(count)]


def uncovered(crop: np.ndarray) -> int:
    """The grey that the composite is laid on: that of a corner which no part reaches."""
    greys, counts = np.unique(crop[[0, 0, -1, -1], [0, -1, 0, -1], 0], return_counts=True)
    return int(greys[counts.argmax()])


def test_a_real_crop_is_only_ever_mixed_with_reals():
    for crop in drawn(0):
        assert crop.max() <= REAL_B
        assert uncovered(crop) == REAL_A


def test_an_ai_crop_leaves_something_of_it_in_every_composite():
    grounds = [uncovered(crop) for crop in drawn(2)]
    given = sum(ground <= REAL_B for ground in grounds)  # its part lies on a real
    assert 15 < given < 45  # half of the time
    assert all(ground == AI_A for ground in grounds if ground > REAL_B)
    plain = [crop for crop, ground in zip(drawn(2), grounds, strict=True) if ground <= REAL_B and crop.max() == AI_A]
    assert plain  # where the part keeps its own colours, they are there


def test_a_share_of_the_crops_stays_whole():
    whole = sum((crop == REAL_A).all() for crop in drawn(0, share=0.5, count=400))
    # the half that is no composite, and a quarter of the rest: its partner is itself, or has taken on its colours
    assert 0.5 * 400 < whole < 0.99 * 400
    assert all((crop == REAL_A).all() for crop in drawn(0, share=0.0))


def test_partners_come_by_their_weight():
    composer = Composer(1.0, np.array([0, 0, 0]), np.array([0.0, 1.0, 0.0]))
    greys = np.stack([np.full((SIZE, SIZE, 3), grey, np.uint8) for grey in (0, 100, 200)])
    assert max(composer(greys, 0, np.random.default_rng(seed)).max() for seed in range(40)) == 100


@pytest.mark.parametrize("seed", range(8))
def test_a_part_is_whole_in_its_middle_and_ends_within_the_crop(seed):
    share = patch(SIZE, np.random.default_rng(seed))[..., 0]
    assert share.max() == 1
    assert share.min() == 0
    assert 0.05 < share.mean() < 0.6
    rows, columns = np.flatnonzero(share.any(1)), np.flatnonzero(share.any(0))
    assert 0.3 * SIZE < np.ptp(rows) + 1 <= 0.75 * SIZE
    assert 0.3 * SIZE < np.ptp(columns) + 1 <= 0.75 * SIZE


def test_outside_of_the_part_nothing_changes():
    random = np.random.default_rng(0)
    base, donor = random.integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)
    share = patch(SIZE, np.random.default_rng(1))[..., 0]
    mixed = composite(base, donor, np.random.default_rng(1))
    assert (mixed[share == 0] == base[share == 0]).all()
    assert (mixed[share == 1] != base[share == 1]).any()


def test_a_part_takes_on_mean_and_spread_of_what_it_covers():
    # 10 and 30 have mean 20 and spread 10 (+ 1); 100 and 140 have 120 and 20 (+ 1); the ratio is 21 / 11
    dark, light = np.array([10.0, 30.0]), np.array([100.0, 140.0])
    pixels, like = (np.broadcast_to(values[:, None, None], (2, 2, 3)).astype(np.float32) for values in (dark, light))
    changed = recoloured(pixels, like, np.ones((2, 2, 1), np.float32))
    assert changed[:, 0, 0] == pytest.approx([120 - 10 * 21 / 11, 120 + 10 * 21 / 11])

from collections import Counter

import numpy as np
import pytest

from tests.faces import write_prepared
from training.dataset import BalancedSampler, FaceDataset, low_discrepancy_draw, source_weights
from training.manifest import read_manifest


@pytest.fixture
def rows(tmp_path):
    write_prepared(tmp_path, counts={"train": 20})
    return read_manifest(tmp_path, "train")


def unbalanced(rows):
    """30 rows: 20 ai, 10 real, of which 8 of one source."""
    reals = [row for row in rows if row.label == "real"]
    keep = [row for row in reals if row.source == "real_0"][:8] + [row for row in reals if row.source == "real_1"][:2]
    return [row for row in rows if row.label == "ai"] + keep


def share(rows, weights, **wanted):
    chosen = [weight for row, weight in zip(rows, weights, strict=True) if all(getattr(row, k) == v for k, v in wanted.items())]
    return sum(chosen)


@pytest.mark.parametrize(("power", "small_source"), [(1, 0.2), (0, 0.5), (0.5, 2**0.5 / (2**0.5 + 8**0.5))])
def test_classes_are_even_and_sources_follow_their_power(rows, power, small_source):
    rows = unbalanced(rows)
    weights = source_weights(rows, power, {})
    assert share(rows, weights, label="ai") == pytest.approx(0.5)
    assert share(rows, weights, label="real") == pytest.approx(0.5)
    assert share(rows, weights, source="real_1") == pytest.approx(small_source / 2)


def test_a_hard_source_gets_its_share_of_the_class(rows):
    weights = source_weights(unbalanced(rows), 1, {"real_1": 0.75})
    assert share(unbalanced(rows), weights, source="real_1") == pytest.approx(0.75 / 2)


def test_each_row_is_drawn_its_expected_number_of_times():
    drawn = Counter(low_discrepancy_draw(np.array([1.0, 1, 2, 4]), 16, np.random.default_rng(0)).tolist())
    assert drawn == {0: 2, 1: 2, 2: 4, 3: 8}


def test_an_epoch_is_reproducible_and_epochs_differ(rows):
    first, second = (BalancedSampler(rows, source_power=0.5, seed=3) for _ in range(2))
    assert list(first) == list(second)
    second.epoch = 1
    assert list(first) != list(second)


def test_processes_share_an_epoch_between_them(rows):
    whole = list(BalancedSampler(rows, source_power=0.5, seed=3))
    parts = [list(BalancedSampler(rows, source_power=0.5, seed=3, rank=rank, world=2)) for rank in (0, 1)]
    assert sorted(parts[0] + parts[1]) == sorted(whole)


def test_a_crop_comes_as_channels_first_with_its_target(tmp_path, rows):
    image, target = FaceDataset(tmp_path, rows)[0]
    assert tuple(image.shape) == (3, 64, 64)
    assert target == 0
    assert image[2].float().mean() > image[0].float().mean()  # a real is blue in the drawn set

from collections import Counter

import pytest

from training.splits import assign_splits

FRACTIONS = {"train": 0.7, "val": 0.1, "calibration": 0.1, "test": 0.1}


def test_every_source_is_dealt_by_the_fractions():
    sources = ["a"] * 100 + ["b"] * 40
    splits = assign_splits(sources, [str(number) for number in range(140)], FRACTIONS, seed=0)
    assert Counter(splits[:100]) == {"train": 70, "val": 10, "calibration": 10, "test": 10}
    assert Counter(splits[100:]) == {"train": 28, "val": 4, "calibration": 4, "test": 4}


def test_a_face_keeps_its_split_whatever_the_order_of_the_files():
    keys = [str(number) for number in range(50)]
    forward = dict(zip(keys, assign_splits(["a"] * 50, keys, FRACTIONS, seed=0), strict=True))
    backward = dict(zip(keys[::-1], assign_splits(["a"] * 50, keys[::-1], FRACTIONS, seed=0), strict=True))
    assert forward == backward
    assert forward != dict(zip(keys, assign_splits(["a"] * 50, keys, FRACTIONS, seed=1), strict=True))


def test_a_tiny_source_trains():
    assert assign_splits(["a"], ["x"], FRACTIONS, seed=0) == ["train"]


def test_fractions_must_sum_to_one():
    with pytest.raises(ValueError, match="sum to 1"):
        assign_splits(["a"], ["x"], {"train": 0.5}, seed=0)

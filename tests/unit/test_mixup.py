import numpy as np
import torch

from training.mixup import blended

CROPS = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_every_crop_gets_a_share_of_another_one():
    mixed, other, share = blended(CROPS, np.random.default_rng(3), 0.4)
    assert torch.allclose(mixed, CROPS * (1 - share) + CROPS[other] * share, atol=1e-3)
    assert sorted(other.tolist()) == [0, 1, 2, 3]
    assert 0 < share < 1


def test_without_mixup_crops_stay_as_they_are():
    mixed, _, share = blended(CROPS, np.random.default_rng(0), 0)
    assert torch.equal(mixed, CROPS.float())
    assert share == 0

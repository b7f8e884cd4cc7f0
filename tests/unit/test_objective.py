import numpy as np
import pytest
import torch

from handler.face_model import FaceModel
from training.objective import CellLogits, blended, loss

NOTHING = {"other": torch.tensor([1, 0]), "share": torch.zeros(2, 1, 64, 64)}


def entropy(logits: torch.Tensor, wanted: list[float]) -> float:
    return -(torch.tensor(wanted) * logits.log_softmax(0)).sum().item()


def test_the_mean_of_the_cells_is_the_crop():
    torch.manual_seed(0)
    model, images = FaceModel().eval(), torch.randn(2, 3, 96, 64)
    with torch.no_grad():
        cells = CellLogits(model)(images)
        assert cells.shape == (2, 2, 3, 2)
        assert torch.allclose(cells.mean((2, 3)), model(images), atol=1e-5)


def test_without_blending_it_is_the_cross_entropy_of_the_crops():
    cells = torch.randn(2, 2, 2, 2, generator=torch.Generator().manual_seed(1))
    found = loss(cells, torch.tensor([0, 1]), **NOTHING, cell_weight=0, smoothing=0.1)
    crops = cells.mean((2, 3))
    assert found.item() == pytest.approx((entropy(crops[0], [0.95, 0.05]) + entropy(crops[1], [0.05, 0.95])) / 2, rel=1e-5)


def test_a_cell_is_asked_for_the_class_of_its_own_pixels():
    share = torch.zeros(2, 1, 64, 64)
    share[0, :, :, 32:] = 1  # the right half of the real crop is the ai one's
    share[0, :, :32, 32:48] = 0  # but for half of its upper cell
    cells = torch.randn(2, 2, 2, 2, generator=torch.Generator().manual_seed(2))
    found = loss(cells, torch.tensor([0, 1]), torch.tensor([1, 0]), share, cell_weight=1, smoothing=0)
    wanted = [[[1, 0], [0.5, 0.5]], [[1, 0], [0, 1]]], [[[0, 1], [0, 1]], [[0, 1], [0, 1]]]
    by_hand = [entropy(cells[n, :, y, x], [float(v) for v in wanted[n][y][x]]) for n in (0, 1) for y in (0, 1) for x in (0, 1)]
    assert found.item() == pytest.approx(np.mean(by_hand), rel=1e-5)


@pytest.mark.parametrize("way", [{"mixup": 0.0, "cutmix": 1.0}, {"mixup": 0.4, "cutmix": 0.0}])
def test_every_pixel_is_its_own_and_the_others_share(way):
    crops = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    mixed, other, share = blended(crops, np.random.default_rng(3), **way)
    assert torch.allclose(mixed, crops * (1 - share) + crops[other] * share)
    assert 0 < share.mean() < 1
    if way["cutmix"]:
        assert set(share.unique().tolist()) == {0, 1}
        assert share.mean((1, 2, 3)).min() > 0.3**2 - 0.02  # a rectangle's sides are cut to whole pixels
        assert share.mean((1, 2, 3)).max() < 0.8**2


def test_without_a_way_crops_stay_as_they_are():
    crops = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    mixed, _, share = blended(crops, np.random.default_rng(0), mixup=0, cutmix=0)
    assert torch.equal(mixed, crops.float())
    assert not share.any()

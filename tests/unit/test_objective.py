import numpy as np
import pytest
import torch

from handler.face_model import FaceModel
from training.objective import CellLogits, blended, loss

NOTHING = {"other": torch.tensor([1, 0]), "share": 0.0}


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


def test_cells_are_asked_for_the_classes_of_both_crops():
    cells = torch.randn(2, 2, 2, 2, generator=torch.Generator().manual_seed(2))
    found = loss(cells, torch.tensor([0, 1]), torch.tensor([1, 0]), 0.25, cell_weight=1, smoothing=0)
    wanted = [0.75, 0.25], [0.25, 0.75]
    by_hand = [entropy(cells[n, :, y, x], wanted[n]) for n in (0, 1) for y in (0, 1) for x in (0, 1)]
    assert found.item() == pytest.approx(np.mean(by_hand), rel=1e-5)


def test_the_weight_of_the_cells_is_a_share():
    cells = torch.randn(2, 2, 2, 2, generator=torch.Generator().manual_seed(3))
    whole, both, alone = (
        loss(cells, torch.tensor([0, 1]), **NOTHING, cell_weight=weight, smoothing=0).item() for weight in (0, 0.25, 1)
    )
    assert both == pytest.approx(0.75 * whole + 0.25 * alone, rel=1e-5)


def test_every_crop_gets_a_share_of_another_one():
    crops = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    mixed, other, share = blended(crops, np.random.default_rng(3), 0.4)
    assert torch.allclose(mixed, crops * (1 - share) + crops[other] * share, atol=1e-3)
    assert sorted(other.tolist()) == [0, 1, 2, 3]
    assert 0 < share < 1


def test_without_blending_crops_stay_as_they_are():
    crops = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
    mixed, _, share = blended(crops, np.random.default_rng(0), 0)
    assert torch.equal(mixed, crops.float())
    assert share == 0

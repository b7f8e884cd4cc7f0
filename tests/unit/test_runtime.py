import numpy as np
import pytest
import torch
from torchvision.models import resnet18
from torchvision.transforms.functional import normalize

from handler.face_model import FaceModel
from handler.runtime import TorchRuntime
from tests.releases import make_release


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    release = make_release(tmp_path_factory.mktemp("release") / "r")
    return TorchRuntime(release.weights_path, **vars(release.normalise))


def crops(count: int, side: int = 96) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)


def test_the_network_is_torchvisions():
    ours, theirs = FaceModel().eval(), resnet18(num_classes=2).eval()
    ours.backbone.load_state_dict(theirs.state_dict())
    images = torch.randn(2, 3, 64, 96)
    assert torch.allclose(ours(images), theirs(images), atol=1e-6)


def test_crops_are_normalised_as_stated(runtime):
    images = torch.from_numpy(crops(2)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        expected = runtime.model(normalize(images, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    assert np.abs(runtime.infer(crops(2)).logits - expected.numpy()).max() < 1e-4  # float32 sums in another order


def test_a_batch_is_its_members(runtime):
    together = runtime.infer(crops(3)).logits
    alone = np.concatenate([runtime.infer(crop[None]).logits for crop in crops(3)])
    assert np.abs(together - alone).max() < 1e-4  # convolutions are blocked by batch size


@pytest.mark.parametrize(("side", "cells"), [(96, 3), (160, 5), (224, 7)])
def test_the_map_grows_with_the_crop(runtime, side, cells):
    assert runtime.infer(crops(1, side)).features.shape == (1, 512, cells, cells)

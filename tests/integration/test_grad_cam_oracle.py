"""Captum's LayerGradCam on the whole network against the closed form that is served."""

from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam

from handler.gradcam import margin_map
from handler.release import Release
from handler.runtime import torch_runtime
from tests.releases import make_release

SHIPPED = Path(__file__).parents[2] / "model_store" / "face-1.1"


@pytest.fixture(params=["layer4", "hypercolumns", "shipped"])
def release(request, tmp_path):
    if request.param == "shipped":
        return Release.load(SHIPPED)
    return make_release(tmp_path / "r", hypercolumns=request.param == "hypercolumns")


def test_the_served_map_is_captums_and_adds_up_to_the_margin(release):
    runtime = torch_runtime(release.weights_path, **vars(release.normalise))
    side = release.crop.size
    crop = np.random.default_rng(0).integers(0, 256, (1, side, side, 3), np.uint8)
    inference = runtime.infer(crop)
    evidence = margin_map(inference.features[0], runtime.head_weight)

    margin = float(inference.logits[0, 1] - inference.logits[0, 0])
    bias = float(runtime.head_bias[1] - runtime.head_bias[0])
    assert evidence.mean() + bias == pytest.approx(margin, abs=1e-4)

    network = runtime.features
    model = network.model

    def margin_of(images):
        logits = model(images)  # once: captum keeps the layer's output of the last pass
        return logits[:, 1] - logits[:, 0]

    explain = LayerGradCam(margin_of, model.hypercolumns or model.backbone.layer4)
    images = (torch.from_numpy(crop).permute(0, 3, 1, 2) * network.scale + network.shift).requires_grad_()
    oracle = explain.attribute(images)[0, 0].detach().numpy()
    assert np.abs(evidence / evidence.size - oracle).max() < 1e-4

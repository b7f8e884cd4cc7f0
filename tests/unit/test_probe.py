import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from handler.face_model import FaceModel
from training.probe import INVERSE_PENALTY, probe_head


@pytest.mark.parametrize(("hypercolumns", "width"), [(False, 512), (True, 896)])
def test_the_head_is_a_logistic_regression_on_the_features(hypercolumns, width):
    random = np.random.default_rng(0)
    targets = np.repeat([0, 1], 40)
    pooled = random.normal(size=(80, width)) * random.uniform(0.5, 2, width) + 0.5 * targets[:, None] + 3
    apart = torch.tensor([-0.5, 0.5]).view(1, 1, 1, 2)  # two cells, whose mean is the feature
    maps = torch.from_numpy(pooled).float()[:, :, None, None] + apart
    model = FaceModel(hypercolumns)
    # "crops" that are the numbers of their feature maps
    batches = [(torch.arange(80)[part], torch.from_numpy(targets)[part]) for part in (slice(0, 50), slice(50, 80))]
    probe_head(model, lambda crops: maps[crops], batches)

    seen = model.hypercolumns.norm.eval()(maps) if hypercolumns else maps
    with torch.no_grad():
        logits = model.head(seen).numpy()
    standard = (pooled - pooled.mean(0)) / pooled.std(0)
    wanted = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000).fit(standard, targets).decision_function(standard)
    assert np.allclose(logits[:, 1] - logits[:, 0], wanted, atol=1e-3)  # of float32
    assert np.allclose(logits.sum(1), 0, atol=1e-3)  # both logits share the margin
    if hypercolumns:  # each channel has mean 0 and variance 1 over all cells
        assert seen.mean((0, 2, 3)).abs().max() < 1e-4
        assert (seen.var((0, 2, 3), correction=0) - 1).abs().max() < 1e-3

import numpy as np
import pytest
from safetensors.numpy import load_file

from handler.openvino_network import NORMS, Folded, OpenVinoNetwork, folded, resnet18
from tests.releases import make_release
from training.equalise import equalised, factors, groups
from training.int8 import but_for, compare, refuse_beyond
from training.photos import DataError
from training.rounding import LEVELS, round_kernel, rounded

SCALES = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


@pytest.fixture(scope="module", params=[False, True], ids=["layer4", "hypercolumns"])
def network(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release") / "r"
    return folded(load_file(make_release(folder, hypercolumns=request.param).weights_path))


@pytest.fixture(scope="module")
def on_grid(network):
    return rounded(network, crops(), **SCALES)


def crops(count: int = 8, side: int = 64) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)


def features(network: Folded) -> np.ndarray:
    return OpenVinoNetwork(resnet18(network, **SCALES), 64, threads=1)(crops())


def test_every_convolution_but_the_first_is_in_one_group_as_a_reader_or_reads_what_stays():
    readers = [name for group in groups() for name in group.readers]
    assert len(readers) == len(set(readers))
    assert set(NORMS) - set(readers) == {
        "conv1",
        "layer4.1.conv1",
    }  # they read the crop, and the sum that becomes the feature map


def test_equalising_changes_the_ranges_and_not_the_network(network):
    changed = equalised(network, crops(), **SCALES)
    assert np.abs(features(changed) - features(network)).max() < 1e-4 * np.abs(features(network)).max()
    kernels = (one.convolutions["layer1.0.conv1"].kernel for one in (changed, network))
    assert not np.allclose(*kernels)


def test_a_factor_takes_out_its_part_of_a_range_on_a_logarithmic_scale():
    # geometric mean 4: the ratios to it, to the power of 0.7
    assert factors(np.array([1.0, 4.0, 16.0])) == pytest.approx([0.3789, 1.0, 2.639], abs=1e-3)
    assert np.isfinite(factors(np.array([0.0, 1.0]))).all()


def test_a_rounded_kernel_is_on_its_grid():
    kernel = np.random.default_rng(1).normal(size=(4, 3, 3, 3)).astype(np.float32)
    found = round_kernel(kernel, np.eye(27))
    steps = found.reshape(4, -1) / (np.abs(kernel).reshape(4, -1).max(axis=1, keepdims=True) / LEVELS)
    assert np.abs(steps - steps.round()).max() < 1e-3
    assert np.abs(found - kernel).max() <= np.abs(kernel).max() / LEVELS / 2 * 1.001  # independent inputs: the nearest value


def test_rounding_makes_up_for_its_errors_where_inputs_go_together():
    random = np.random.default_rng(2)
    patches = random.normal(size=(500, 4)) @ random.normal(size=(4, 27))  # 27 inputs with 4 degrees of freedom
    kernel = random.normal(size=(8, 3, 3, 3)).astype(np.float32)
    step = np.abs(kernel).reshape(8, -1).max(axis=1)[:, None] / LEVELS
    nearest = np.round(kernel.reshape(8, -1) / step) * step
    compensated = round_kernel(kernel, patches.T @ patches).reshape(8, -1)
    errors = [np.square(patches @ (found - kernel.reshape(8, -1)).T).mean() for found in (nearest, compensated)]
    assert errors[1] < errors[0] / 4


def test_an_input_that_is_always_zero_does_not_stop_it():
    assert np.isfinite(round_kernel(np.ones((2, 1, 3, 3), np.float32), np.zeros((9, 9)))).all()


def test_the_rounded_network_is_nearly_the_same(network, on_grid):
    assert np.corrcoef(features(network).ravel(), features(on_grid).ravel())[0, 1] > 0.999


def test_what_stays_in_float_is_not_rounded(network, on_grid):
    exact, found = network.convolutions, but_for(["conv1"], on_grid, network).convolutions
    assert {name for name in exact if not np.array_equal(exact[name].kernel, found[name].kernel)} == set(NORMS) - {"conv1"}


def test_agreement_by_hand():
    found = compare(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.6, 0.9]), np.array([0.1, 0.55, 0.5, 0.9]))
    assert found["label_flips"] == 0.25  # 0.4 became 0.55
    assert found["auc_drop"] == 0.25  # one of four pairs is the wrong way round
    assert found["score_change_p99"] == pytest.approx(0.1485)  # between 0.1 and 0.15, at 0.97 of the way


def test_what_is_out_of_bounds_is_named():
    refuse_beyond({"label_flips": 0.1}, {"label_flips": 0.1})
    with pytest.raises(DataError, match=r"label_flips 0\.2000 > 0\.1"):
        refuse_beyond({"label_flips": 0.1}, {"label_flips": 0.2})
    with pytest.raises(DataError, match="needs bounds"):
        refuse_beyond({}, {"label_flips": 0.2})

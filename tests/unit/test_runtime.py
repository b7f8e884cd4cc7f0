import numpy as np
import pytest
import torch
from torchvision.models import resnet18
from torchvision.transforms.functional import normalize

from handler.face_model import FaceModel
from handler.release import ReleaseError
from handler.runtime import has_vnni, load_runtime
from tests.releases import make_release


@pytest.fixture(scope="module", params=[False, True], ids=["layer4", "hypercolumns"])
def release(request, tmp_path_factory):
    return make_release(tmp_path_factory.mktemp("release") / "r", hypercolumns=request.param)


@pytest.fixture(scope="module", params=["openvino", "torch"])
def runtime(request, release):
    return load_runtime(release, choice=request.param)


def crops(count: int, side: int = 96) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)


def test_the_network_is_torchvisions():
    ours, theirs = FaceModel().eval(), resnet18(num_classes=2).eval()
    ours.backbone.load_state_dict(theirs.state_dict())
    images = torch.randn(2, 3, 64, 96)
    assert torch.allclose(ours(images), theirs(images), atol=1e-6)


def test_crops_are_normalised_as_stated(release):
    network = load_runtime(release, choice="torch").features
    images = torch.from_numpy(crops(2)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        expected = network.model(normalize(images, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    for choice in ("openvino", "torch"):
        logits = load_runtime(release, choice=choice).infer(crops(2)).logits
        assert np.abs(logits - expected.numpy()).max() < 1e-4  # float32 sums in another order


def test_a_hypercolumn_is_the_averages_of_its_layers_over_a_cell_of_the_last_one():
    torch.manual_seed(0)
    model, images = FaceModel(hypercolumns=True).eval(), torch.randn(1, 3, 96, 64)
    model.hypercolumns.norm.running_mean[0] = 0.25
    model.hypercolumns.norm.running_var[0] = 4.0
    net = model.backbone
    with torch.no_grad():
        features = model.features(images)
        two = net.layer2(net.layer1(net.maxpool(net.relu(net.bn1(net.conv1(images))))))
    assert features.shape == (1, 896, 3, 2)
    # a cell of layer4 is 4 x 4 of layer2: 32 px of the image beside 8
    cell = two[0, :, 4:8, 0:4].mean(dim=(1, 2))
    assert torch.allclose(features[0, 1:128, 1, 0], cell[1:], atol=1e-4)
    assert features[0, 0, 1, 0].item() == pytest.approx((cell[0].item() - 0.25) / 2, abs=1e-4)


def test_a_batch_is_its_members(runtime):
    together = runtime.infer(crops(3)).logits
    alone = np.concatenate([runtime.infer(crop[None]).logits for crop in crops(3)])
    assert np.abs(together - alone).max() < 1e-4  # convolutions are blocked by batch size


def test_the_map_has_a_cell_for_32_pixels(runtime):
    features = runtime.infer(crops(1)).features
    assert features.shape == (1, runtime.head_weight.shape[1], 3, 3)
    assert features.shape[1] in (512, 128 + 256 + 512)


def test_an_answer_is_not_overwritten_by_the_next(runtime):
    first = runtime.infer(crops(2))
    kept = first.features.copy()
    runtime.infer(255 - crops(2))
    assert (first.features == kept).all()


def test_what_runs_is_told(release):
    assert (load_runtime(release).name, load_runtime(release).note) == ("openvino-fp32", "the release has no int8 network")
    assert load_runtime(release, choice="torch").name == "torch-fp32"
    with pytest.raises(ReleaseError, match="there is no runtime 'tensorrt'"):
        load_runtime(release, choice="tensorrt")


@pytest.mark.parametrize(
    ("flags", "expected"), [("fpu avx2 avx512_vnni", True), ("fpu avx_vnni", True), ("fpu avx2 avx512f", False)]
)
def test_vnni_is_read_off_the_processors_flags(tmp_path, monkeypatch, flags, expected):
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n")
    assert has_vnni(tmp_path / "cpuinfo") is expected
    assert not has_vnni(tmp_path / "absent")

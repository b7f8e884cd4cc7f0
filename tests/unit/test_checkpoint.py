import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet18

from handler.face_model import FaceModel
from training.checkpoint import initial_weights, replace, save_weights


def state_of(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_a_torchvision_state_dict_fills_the_backbone_and_leaves_the_head(tmp_path):
    donor = resnet18(num_classes=1000).half()
    torch.save(donor.state_dict(), tmp_path / "imagenet.pth")
    model = FaceModel()
    head = state_of(model.backbone.fc)
    initial_weights(model, str(tmp_path / "imagenet.pth"))
    assert torch.equal(model.backbone.conv1.weight, donor.conv1.weight.float())
    assert all(torch.equal(head[name], value) for name, value in model.backbone.fc.state_dict().items())


def test_a_run_is_taken_up_whole(tmp_path):
    donor, model = FaceModel(), FaceModel()
    save_weights(donor, tmp_path / "model.safetensors")
    initial_weights(model, str(tmp_path / "model.safetensors"))
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in donor.state_dict().items())


def test_what_is_no_resnet_is_refused(tmp_path):
    torch.save({"weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(RuntimeError, match="no ResNet-18"):
        initial_weights(FaceModel(), str(tmp_path / "other.pth"))
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(RuntimeError, match="Missing key"):
        initial_weights(FaceModel(), str(tmp_path / "other.safetensors"))
    with pytest.raises(FileNotFoundError, match="--init"):
        initial_weights(FaceModel(), str(tmp_path / "nowhere.pth"))


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "last.pt"
    path.write_text("old")

    def break_off(part):
        part.write_text("ne")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(path, break_off)
    assert path.read_text() == "old"

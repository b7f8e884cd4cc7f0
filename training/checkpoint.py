"""A run folder: what a training writes, and what it needs to go on.

settings.yaml       the resolved settings
preparation.json    the preprocessing of the data, copied from the prepared folder
data.json           hash and counts of the data
history.csv         one line an epoch
model.safetensors   the best weights so far, by the validation split
last.pt             everything that --resume needs
tensorboard/        the same curves for TensorBoard
"""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from handler.face_model import FaceModel

BEST = "model.safetensors"
LAST = "last.pt"
RUN_SETTINGS = "settings.yaml"


def initial_weights(model: FaceModel, init: str) -> None:
    """Fills the backbone in place, and leaves the head as it was drawn unless `init` is a `FaceModel`'s own weights.

    Args:
        init: `imagenet` for torchvision's IMAGENET1K_V1 (downloaded once), `random`, or the path of a ResNet-18 state dict
            (.pth, any float type) or of a run's .safetensors.

    Raises:
        FileNotFoundError: the path is no file.
        RuntimeError: the file is no ResNet-18.
    """
    if init == "random":
        return
    if init == "imagenet":
        from torchvision.models import ResNet18_Weights

        state = ResNet18_Weights.IMAGENET1K_V1.get_state_dict(progress=True)
    elif not Path(init).is_file():
        raise FileNotFoundError(f"{init} is no file: --init takes imagenet, random or the path of a state dict")
    elif init.endswith(".safetensors"):
        model.load_state_dict(load_file(init))
        return
    else:
        state = torch.load(init, map_location="cpu", weights_only=True)
    load_backbone(model, state)


def saved_model(path: Path) -> FaceModel:
    """The network of a run's or a release's .safetensors, with the head that it was saved with."""
    weights = load_file(path)
    model = FaceModel.of(weights)
    model.load_state_dict(weights)
    return model


def load_backbone(model: FaceModel, state: dict[str, Tensor]) -> None:
    """A torchvision ResNet-18 state dict but for its classifier, which has other classes."""
    body = {name: value.float() if value.is_floating_point() else value for name, value in state.items() if name[:3] != "fc."}
    missing, unexpected = model.backbone.load_state_dict(body, strict=False)
    if unexpected or set(missing) != {"fc.weight", "fc.bias"}:
        raise RuntimeError(f"this is no ResNet-18 state dict: missing {missing[:3]}, unexpected {unexpected[:3]}")


def save_weights(model: nn.Module, path: Path) -> None:
    """The state dict as safetensors, replacing the file in one step."""
    replace(path, lambda part: save_file({name: value.contiguous() for name, value in model.state_dict().items()}, part))


def save_last(state: dict[str, Any], folder: Path) -> None:
    replace(folder / LAST, lambda part: torch.save(state, part))


def load_last(folder: Path) -> dict[str, Any]:
    """What `save_last` wrote; weights only, nothing else is unpickled."""
    return torch.load(folder / LAST, map_location="cpu", weights_only=True)


def replace(path: Path, write) -> None:
    """Writes beside the file and renames, so that an interruption never leaves half a checkpoint."""
    part = path.with_suffix(path.suffix + ".part")
    write(part)
    part.replace(path)

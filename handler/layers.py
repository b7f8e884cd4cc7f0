"""The layers of the network by name, for every library that builds it; `face_model.py` says what they are."""

from collections.abc import Container

STRIDES = {"layer1": 1, "layer2": 2, "layer3": 2, "layer4": 2}  # of the first of two blocks
CHANNELS = {"layer1": 64, "layer2": 128, "layer3": 256, "layer4": 512}
HYPERCOLUMN = ("layer2", "layer3", "layer4")  # what a head with hypercolumns sees, in the order of the feature map
NORM = "hypercolumns.norm"  # its tensors in a state dict; a head that sees layer4 alone has none
BATCH_NORM_EPSILON = 1e-5  # torch's default


def has_hypercolumns(weights: Container[str]) -> bool:
    """Whether a state dict, or the names in it, is that of a network whose head sees hypercolumns."""
    return f"{NORM}.running_mean" in weights

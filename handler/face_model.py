"""The network: a ResNet-18, the hypercolumns of its layers at the cells of layer4, global average pooling, one linear layer.

He et al. 2015, "Deep residual learning for image recognition" (arXiv 1512.03385), figure 3 and table 1, with the names of
torchvision's implementation, so that its ImageNet weights fit. It is written out here because importing torchvision costs a
worker two seconds and 160 MB. The head is as simple as that on purpose: with it, Grad-CAM at the cells of layer4 is exact and
needs no backward pass (see `gradcam.py`).

A hypercolumn is what several layers say of one place (Hariharan et al. 2015, arXiv 1411.5752). What a generator leaves behind
is texture as much as shape, and by layer4 a network that was trained on few generators has forgotten most of it. With layer2
and layer3 in the head, sources left out of the training are told apart better (training/experiments.md), and heat maps are
more faithful.
"""

from collections.abc import Container

import torch
from torch import Tensor, nn
from torch.nn import functional

from handler.layers import CHANNELS, HYPERCOLUMN, STRIDES, has_hypercolumns

LABELS = ("real", "ai")  # the order of the logits
WIDTH = sum(CHANNELS[layer] for layer in HYPERCOLUMN)


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside an identity, or beside a 1 x 1 convolution where the shape changes."""

    def __init__(self, channels_in: int, channels: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride > 1:
            self.downsample = nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + identity)


class ResNet18(nn.Module):
    """The layers under torchvision's names; `FaceModel` says how they are used."""

    def __init__(self, classes: int):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        before = 64
        for name, channels in CHANNELS.items():
            blocks = BasicBlock(before, channels, STRIDES[name]), BasicBlock(channels, channels, 1)
            self.add_module(name, nn.Sequential(*blocks))
            before = channels
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, classes)
        # To train from nothing: He et al. 2015, "Delving deep into rectifiers" (arXiv 1502.01852)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class Hypercolumns(nn.Module):
    """Averages of each layer over the cells of the last one, side by side, each channel with mean 0 and variance 1.

    Normalised, the channels of all layers start alike for the optimizer, and a heat map tells what is unusual in a cell.
    """

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(WIDTH, affine=False)  # the linear layer does the scaling

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Maps `[n, channels, h_i, w_i]`, the last one `[n, 512, h, w]` -> `[n, 896, h, w]`."""
        cells = maps[-1].shape[2:]
        return self.norm(torch.cat([functional.adaptive_avg_pool2d(one, cells) for one in maps], dim=1))


class FaceModel(nn.Module):
    """ResNet-18 for faces.

    Input: float `[n, 3, h, w]`, normalised; any h, w >= 32, since the network is fully convolutional up to its pooling.

    Args:
        hypercolumns: whether the head sees the layers of `HYPERCOLUMN`, or layer4 alone.
    """

    def __init__(self, hypercolumns: bool = False):
        super().__init__()
        self.backbone = ResNet18(len(LABELS))
        self.hypercolumns = None
        if hypercolumns:
            self.hypercolumns = Hypercolumns()
            self.backbone.fc = nn.Linear(WIDTH, len(LABELS))

    @classmethod
    def of(cls, weights: Container[str]) -> "FaceModel":
        """A model, its weights still to be loaded, of the kind that a state dict was saved from."""
        return cls(has_hypercolumns(weights))

    def features(self, images: Tensor) -> Tensor:
        """The last feature map: `[n, 512 or 896, h / 32, w / 32]`, rounded up."""
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(images))))
        maps = {}
        for name in CHANNELS:
            maps[name] = x = net.get_submodule(name)(x)
        return self.hypercolumns([maps[name] for name in HYPERCOLUMN]) if self.hypercolumns else x

    def head(self, features: Tensor) -> Tensor:
        """Logits `[n, 2]`, ordered as `LABELS`, from a feature map."""
        return self.backbone.fc(torch.flatten(self.backbone.avgpool(features), 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))

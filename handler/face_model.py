"""The network: a ResNet-18 up to layer4, global average pooling, one linear layer of two logits.

He et al. 2015, "Deep residual learning for image recognition" (arXiv 1512.03385), figure 3 and table 1, with the names of
torchvision's implementation, so that its ImageNet weights fit. It is written out here because importing torchvision costs a
worker two seconds and 160 MB. The head is as simple as that on purpose: with it, Grad-CAM at layer4 is exact and needs no
backward pass (see `gradcam.py`).
"""

import torch
from torch import Tensor, nn

LABELS = ("real", "ai")  # the order of the logits


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
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256, 1))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, 2), BasicBlock(512, 512, 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, classes)
        # To train from nothing: He et al. 2015, "Delving deep into rectifiers" (arXiv 1502.01852)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


class FaceModel(nn.Module):
    """ResNet-18 for faces.

    Input: float `[n, 3, h, w]`, normalised; any h, w >= 32, since the network is fully convolutional up to its pooling.
    """

    def __init__(self):
        super().__init__()
        self.backbone = ResNet18(len(LABELS))

    def features(self, images: Tensor) -> Tensor:
        """The last feature map: `[n, 512, h / 32, w / 32]`, rounded up."""
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(images))))
        return net.layer4(net.layer3(net.layer2(net.layer1(x))))

    def head(self, features: Tensor) -> Tensor:
        """Logits `[n, 2]`, ordered as `LABELS`, from a feature map."""
        return self.backbone.fc(torch.flatten(self.backbone.avgpool(features), 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))

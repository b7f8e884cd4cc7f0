"""The network: a ResNet-18 up to layer4, global average pooling, one linear layer of two logits.

He et al. 2015, "Deep residual learning for image recognition" (arXiv 1512.03385), as torchvision builds it. The head is left as
simple as that on purpose: with it, Grad-CAM at layer4 is exact and needs no backward pass (see `gradcam.py`).
"""

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

LABELS = ("real", "ai")  # the order of the logits


class FaceModel(nn.Module):
    """ResNet-18 for faces.

    Parameter names are torchvision's own, so any torchvision ResNet-18 state dict fits but for its head.
    Input: float `[n, 3, h, w]`, normalised; any h, w >= 32, since the network is fully convolutional up to its pooling.
    """

    def __init__(self):
        super().__init__()
        self.backbone = resnet18(weights=None, num_classes=len(LABELS))

    def features(self, images: Tensor) -> Tensor:
        """The last feature map: `[n, 512, h / 32, w / 32]`."""
        net = self.backbone
        x = net.maxpool(net.relu(net.bn1(net.conv1(images))))
        return net.layer4(net.layer3(net.layer2(net.layer1(x))))

    def head(self, features: Tensor) -> Tensor:
        """Logits `[n, 2]`, ordered as `LABELS`, from a feature map."""
        return self.backbone.fc(torch.flatten(self.backbone.avgpool(features), 1))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))

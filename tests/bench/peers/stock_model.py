"""The model file of the stock TorchServe archive: exactly one class, made without arguments."""

from torchvision.models.resnet import BasicBlock, ResNet


class StockResNet18(ResNet):
    """torchvision's ResNet-18 for two classes."""

    def __init__(self):
        super().__init__(BasicBlock, [2, 2, 2, 2], num_classes=2)

"""The plain ResNet-18 that FastAPI and LitServe serve: torch eager, channels_last, fp32, torchvision's usual preprocessing."""

import io

import torch
from PIL import Image
from torchvision import transforms
from torchvision.models import resnet18

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, as TorchServe's stock handler has them
LABELS = ("real", "ai")


class Classifier:
    """Two classes and random weights: what it says means nothing, what it costs is what a trained one would."""

    def __init__(self):
        torch.set_num_threads(1)
        self.model = resnet18(num_classes=len(LABELS)).eval().to(memory_format=torch.channels_last)
        steps = [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
        self.preprocess = transforms.Compose(steps)
        self.infer([self.decode(white())])

    def decode(self, jpeg: bytes) -> torch.Tensor:
        """A JPEG file as a normalised tensor, `[3, 224, 224]`."""
        return self.preprocess(Image.open(io.BytesIO(jpeg)).convert("RGB"))

    @torch.inference_mode()
    def infer(self, images: list[torch.Tensor]) -> list[dict[str, float]]:
        """Scores by label, of a batch in one pass."""
        batch = torch.stack(images).contiguous(memory_format=torch.channels_last)
        return [dict(zip(LABELS, scores, strict=True)) for scores in self.model(batch).softmax(1).tolist()]


def white() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (256, 256), "white").save(file, "JPEG")
    return file.getvalue()

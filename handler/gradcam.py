"""Grad-CAM of the margin (logit of ai minus logit of real) at the cells of layer4, and its picture.

Selvaraju et al. 2017, "Grad-CAM" (arXiv 1610.02391). Where this departs from the paper:

- It explains the margin, not one class's logit: softmax does not see what both logits share.
- It keeps the sign. ReLU would hide the evidence for the other verdict.
- It needs no backward pass. With global average pooling and one linear layer on top, the gradient of a logit with respect to
  channel c is w_c / (h w) at every cell, so Grad-CAM is Zhou et al.'s CAM (2016, arXiv 1512.04150) by construction, and the map
  is complete: mean(map) + bias = margin. Captum's LayerGradCam on the whole network is the oracle in the tests; its map is ours
  divided by the number of cells.
- Where the head sees hypercolumns, the channels are theirs: a cell tells what layer2, layer3 and layer4 found in it.
"""

import numpy as np
from PIL import Image, ImageDraw

METHOD = "grad-cam"
LAYER = "layer4"  # whose cells the map has

AI_COLOUR = (214, 39, 40)  # red: evidence for ai
REAL_COLOUR = (31, 119, 180)  # blue: evidence for real
MAX_OPACITY = 0.65  # the face stays visible under the strongest evidence


def margin_map(features: np.ndarray, head_weight: np.ndarray) -> np.ndarray:
    """Evidence for `ai` (positive) and for `real` (negative), cell by cell, in logits.

    Args:
        features: the last feature map, `[channels, h, w]`.
        head_weight: the linear layer's weight, `[2, channels]`, rows ordered real, ai.

    Returns:
        float32 `[h, w]`, whose mean plus (bias of ai - bias of real) is the margin.
    """
    return np.tensordot(head_weight[1] - head_weight[0], features, axes=1)


def towards(target: str, evidence: np.ndarray) -> np.ndarray:
    """The same map with evidence for `target`, `ai` or `real`, as positive."""
    return evidence if target == "ai" else -evidence


def overlay(image: Image.Image, box: tuple[int, int, int, int], evidence: np.ndarray, *, full_scale: float) -> Image.Image:
    """Paints a margin map on a copy of the image it explains.

    Args:
        image: RGB.
        box: x, y, width, height of the model's input in pixels of `image`.
        evidence: a `margin_map`; red where it speaks for ai, blue where it speaks for real.
        full_scale: logits at which the colour is strongest. It is one number for all images: stretching each map to its own
            range would paint noise as loud as evidence.
    """
    left, top, width, height = box
    strength = Image.fromarray(np.clip(evidence / full_scale, -1, 1).astype(np.float32))
    strength = np.asarray(strength.resize((width, height), Image.Resampling.BICUBIC))
    painted = image.copy()
    for colour, towards_it in ((AI_COLOUR, strength), (REAL_COLOUR, -strength)):
        opacity = (np.clip(towards_it, 0, 1) * (255 * MAX_OPACITY)).round().astype(np.uint8)
        painted.paste(colour, (left, top), Image.fromarray(opacity))
    pen = max(1, round(max(painted.size) / 400))
    ImageDraw.Draw(painted).rectangle((left, top, left + width - 1, top + height - 1), outline="white", width=pen)
    return painted


def scaled(box: tuple[int, int, int, int], ratio: float) -> tuple[int, int, int, int]:
    """A box of an image in pixels of a copy that is `ratio` times as large; at least one pixel of it."""
    left, top, right, bottom = (round(edge * ratio) for edge in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
    return left, top, max(1, right - left), max(1, bottom - top)


def reduced(image: Image.Image, max_side: int) -> Image.Image:
    """The image with its long side at most `max_side` pixels."""
    ratio = max_side / max(image.size)
    if ratio >= 1:
        return image
    shape = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
    return image.resize(shape, Image.Resampling.BICUBIC, reducing_gap=3.0)

"""Grad-CAM of the margin (logit of ai minus logit of real) at layer4, and its picture.

Selvaraju et al. 2017, "Grad-CAM" (arXiv 1610.02391). Where this departs from the paper:

- It explains the margin, not one class's logit: softmax does not see what both logits share.
- It keeps the sign. ReLU would hide the evidence for the other verdict.
- It needs no backward pass. With global average pooling and one linear layer on top, the gradient of a logit with respect to
  channel c is w_c / (h w) at every cell, so Grad-CAM is Zhou et al.'s CAM (2016, arXiv 1512.04150) by construction, and the map
  is complete: mean(map) + bias = margin. Captum's LayerGradCam on the whole network is the oracle in the tests; its map is ours
  divided by the number of cells.
"""

import io

import numpy as np
from PIL import Image, ImageDraw

METHOD = "grad-cam"
LAYER = "layer4"

AI_COLOUR = np.array([214, 39, 40], np.float32)  # red: evidence for ai
REAL_COLOUR = np.array([31, 119, 180], np.float32)  # blue: evidence for real
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


def overlay(
    image: Image.Image, box: tuple[int, int, int, int], evidence: np.ndarray, *, full_scale: float, max_side: int
) -> Image.Image:
    """Paints a margin map on the upright image it explains.

    Args:
        image: RGB.
        box: x, y, width, height of the model's input in pixels of `image`.
        evidence: a `margin_map`; red where it speaks for ai, blue where it speaks for real.
        full_scale: logits at which the colour is strongest. It is one number for all images: stretching each map to its own
            range would paint noise as loud as evidence.
        max_side: the long side, in pixels, that the picture is reduced to.
    """
    canvas = reduced(image, max_side)
    ratio = canvas.width / image.width
    left, top = round(box[0] * ratio), round(box[1] * ratio)
    right = min(canvas.width, max(left + 1, round((box[0] + box[2]) * ratio)))
    bottom = min(canvas.height, max(top + 1, round((box[1] + box[3]) * ratio)))

    strength = Image.fromarray(np.clip(evidence / full_scale, -1, 1).astype(np.float32))
    strength = np.asarray(strength.resize((right - left, bottom - top), Image.Resampling.BICUBIC))[..., None]
    opacity = np.clip(np.abs(strength), 0, 1) * MAX_OPACITY
    colour = np.where(strength > 0, AI_COLOUR, REAL_COLOUR)
    face = np.asarray(canvas.crop((left, top, right, bottom)), np.float32)

    painted = canvas.copy()
    painted.paste(Image.fromarray((face * (1 - opacity) + colour * opacity).round().astype(np.uint8)), (left, top))
    pen = max(1, round(max(painted.size) / 400))
    ImageDraw.Draw(painted).rectangle((left, top, right - 1, bottom - 1), outline="white", width=pen)
    return painted


def reduced(image: Image.Image, max_side: int) -> Image.Image:
    """The image with its long side at most `max_side` pixels."""
    ratio = max_side / max(image.size)
    if ratio >= 1:
        return image
    shape = max(1, round(image.width * ratio)), max(1, round(image.height * ratio))
    return image.resize(shape, Image.Resampling.BICUBIC, reducing_gap=3.0)


def png(image: Image.Image) -> bytes:
    """The image as a PNG file; lightly compressed, because its encoding is most of what an overlay costs."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()

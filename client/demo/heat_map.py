"""The signed evidence of an explanation: as a picture to lay over the photo, and in words."""

import io

import numpy as np
from PIL import Image

from client.answers import HeatMap, Target

AI_COLOUR = (214, 39, 40)  # red: speaks for ai; both as on the overlays that the service draws
REAL_COLOUR = (31, 119, 180)  # blue: speaks for real
FAINT = 0.1  # of the full scale; weaker evidence is not worth a word
SIDE = 288  # pixels of the picture's long side; the browser enlarges it smoothly

ROWS, COLUMNS = ("upper", "middle", "lower"), ("left", "middle", "right")


def towards_ai(heat_map: HeatMap) -> np.ndarray:
    """The grid, float64 `[rows, columns]`, with evidence for ai as positive, whatever target was asked for."""
    grid = np.asarray(heat_map.grid, dtype=np.float64)
    return grid if heat_map.target == "ai" else -grid


def picture(heat_map: HeatMap, shown: Target = "predicted") -> bytes:
    """The map as a PNG with an alpha channel, to be laid over `heat_map.box` of the upright photo.

    Args:
        shown: `ai` or `real` for the evidence for that alone, `predicted` for both.
    """
    strength = Image.fromarray((towards_ai(heat_map) / heat_map.full_scale).clip(-1, 1).astype(np.float32))
    strength = np.asarray(strength.resize(fitted(heat_map.box), Image.Resampling.BICUBIC)).clip(-1, 1)
    if shown != "predicted":
        strength = strength.clip(*((0, 1) if shown == "ai" else (-1, 0)))
    pixels = np.where(strength[..., None] > 0, np.uint8(AI_COLOUR), np.uint8(REAL_COLOUR))
    alpha = (np.abs(strength) * 255).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.dstack([pixels, alpha])).save(file, "PNG")
    return file.getvalue()


def fitted(box: tuple[int, int, int, int]) -> tuple[int, int]:
    """Width and height in the proportions of the box, with `SIDE` as the longer one."""
    _, _, width, height = box
    ratio = SIDE / max(width, height)
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def in_words(heat_map: HeatMap) -> str:
    """Where the strongest evidence for either verdict lies, for those who do not see the map."""
    evidence = towards_ai(heat_map) / heat_map.full_scale
    for_ai, for_real = place_of_strongest(evidence), place_of_strongest(-evidence)
    return f"Evidence for AI: {for_ai}. Evidence for a photograph: {for_real}."


def place_of_strongest(evidence: np.ndarray) -> str:
    """Of evidence as a share of the full scale."""
    row, column = np.unravel_index(evidence.argmax(), evidence.shape)
    if evidence[row, column] < FAINT:
        return "hardly any"
    down = ROWS[int((row + 0.5) * 3 / evidence.shape[0])]
    across = COLUMNS[int((column + 0.5) * 3 / evidence.shape[1])]
    return "strongest in the middle of the face" if down == across else f"strongest at the {down} {across} of the face"

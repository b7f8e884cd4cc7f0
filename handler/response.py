"""The shapes of answers and errors: what clients parse, in one place."""

import base64
import json
from typing import Any

import numpy as np

from handler.errors import CodedError

JSON = "application/json"
PNG = "image/png"

REASONS = {
    "no_face": "No face was found in the image, so there is nothing to judge.",
    "small_face": "The face is too small in the image to decide: {size} px, at least {min_size} px are needed.",
    "between_thresholds": "The score lies between the thresholds for real and for ai.",
}


def reason(code: str, **details: Any) -> dict[str, str]:
    """Why an answer is no plain verdict: a code of `REASONS` and a sentence."""
    return {"code": code, "message": REASONS[code].format(**details)}


def scores(score_ai: float) -> list[dict[str, Any]]:
    """Both labels with their calibrated probability, the likelier first; they sum to 1."""
    pair = [{"label": "ai", "score": score_ai}, {"label": "real", "score": 1 - score_ai}]
    return sorted(pair, key=lambda entry: -entry["score"])


def face(box: tuple[int, int, int, int], confidence: float, count: int) -> dict[str, Any]:
    """The judged face: its box in pixels of the upright original, and how many faces the image shows."""
    return {"box": list(box), "confidence": round(confidence, 4), "count": count}


def explanation(
    *, method: str, layer: str, target: str, grid: np.ndarray, box: tuple[int, int, int, int], overlay_png: bytes
) -> dict[str, Any]:
    """The heat map: signed evidence for `target` by cell of `layer`, in logits, over `box`; and its picture."""
    return {
        "method": method,
        "layer": layer,
        "target": target,
        "grid": [[round(float(cell), 4) for cell in row] for row in grid],
        "box": list(box),
        "overlay": base64.b64encode(overlay_png).decode(),
    }


def error(failure: CodedError, request_id: str) -> dict[str, str]:
    """The body of every refusal."""
    return {"code": failure.code, "message": failure.message, "request_id": request_id}


def dumps(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

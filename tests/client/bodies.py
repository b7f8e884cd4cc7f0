"""Answers as the service words them."""

import base64
import json
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n a picture"
BOX = [162, 60, 125, 125]


def prediction(**changed: Any) -> dict[str, Any]:
    return {
        "request_id": "r1",
        "verdict": "real",
        "scores": [{"label": "real", "score": 0.75}, {"label": "ai", "score": 0.25}],
        "reasons": [],
        "face": {"box": [180, 70, 88, 104], "confidence": 0.94, "count": 1},
        "image": {"width": 512, "height": 400, "format": "JPEG"},
        "calibration": {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4},
        "model": {"name": "face", "version": "1.0", "sha256": "0" * 64},
    } | changed


def no_face() -> dict[str, Any]:
    reasons = [{"code": "no_face", "message": "No face was found."}]
    return prediction(verdict="no_face", scores=[], reasons=reasons, face=None)


def explanation(overlay: bytes | None = None, **changed: Any) -> dict[str, Any]:
    picture = base64.b64encode(overlay).decode() if overlay else None
    heat_map = {"method": "grad-cam", "layer": "layer4", "target": "real", "grid": [[0.5, -1], [2, 0.25]], "full_scale": 8.0}
    return prediction(explanation=heat_map | {"box": BOX, "overlay": picture}) | changed


def error(code: str = "bad_image") -> dict[str, str]:
    return {"code": code, "message": "It is damaged.", "request_id": "r1"}


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()

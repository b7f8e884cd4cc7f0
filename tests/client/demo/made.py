"""Answers of the service as the page gets them."""

from typing import Any

from client.answers import Explanation, HeatMap
from client.parsing import parse
from client.versions import Description
from tests.client.bodies import explanation, no_face

FULL_SCALE = 8.0  # logits, of the heat maps that are made here


def answer(verdict: str = "real", score_ai: float = 0.25, **changed: Any) -> Explanation:
    """An explanation with this verdict and score."""
    scores = [{"label": "ai", "score": score_ai}, {"label": "real", "score": 1 - score_ai}]
    body = explanation(verdict=verdict, scores=sorted(scores, key=lambda entry: -entry["score"]))
    return parse(Explanation, body | changed)


def answer_without_face() -> Explanation:
    return parse(Explanation, no_face() | {"explanation": None})


def heat_map(grid: list[list[float]], target: str = "ai", box: tuple[int, int, int, int] = (0, 0, 60, 60)) -> HeatMap:
    return HeatMap("grad-cam", "layer4", target, tuple(tuple(row) for row in grid), FULL_SCALE, box, None)


def description(metrics: dict[str, Any]) -> Description:
    body = {
        "model": {"name": "face", "version": "1.0", "sha256": "0" * 64},
        "created": "2026-01-01T00:00:00+00:00",
        "runtime": "openvino-int8",
        "labels": ["real", "ai"],
        "formats": ["JPEG"],
        "limits": {},
        "calibration": {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4},
        "data": {},
        "metrics": metrics,
    }
    return parse(Description, body)


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1}

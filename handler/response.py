"""The shapes of answers and errors: what clients parse, in one place."""

import base64
import json
from dataclasses import asdict
from typing import Any

from handler import gradcam
from handler.errors import STATUS, CodedError
from handler.face_crop import Face
from handler.image_input import FORMATS
from handler.job import VERDICTS, Job
from handler.release import Release

JSON = "application/json"
PNG = "image/png"

REASONS = {
    "no_face": "No face was found in the image, so there is nothing to judge.",
    "small_face": "The face is too small in the image to decide: {size} px, at least {min_size} px are needed.",
    "blurred": "The face is too blurred to decide: its sharpness is {sharpness:.1f}, at least {min_sharpness:.1f} is needed.",
    "compressed": "The photo is too compressed to decide: its mean step is {step:.0f} at the face, the most is {max_step:.0f}.",
    "between_thresholds": "The score lies between the thresholds for real and for ai.",
    "several_faces": "The image shows {count} faces; the largest was judged.",
}


def reason(code: str, **details: Any) -> dict[str, str]:
    """What a reader of a verdict should know: a code of `REASONS` and a sentence."""
    return {"code": code, "message": REASONS[code].format(**details)}


def verdict(job: Job, release: Release) -> dict[str, Any]:
    """The answer for one image."""
    return {
        "request_id": job.request_id,
        "verdict": job.verdict,
        "scores": [] if job.score_ai is None else scores(job.score_ai),
        "reasons": job.reasons,
        "face": face(job.face) if job.face else None,
        "image": {"width": job.photo.width, "height": job.photo.height, "format": job.photo.format},
        "calibration": calibration(release),
        "model": model(release),
    }


def calibration(release: Release) -> dict[str, float]:
    """How scores and verdicts came about; a bias only where the release has one."""
    values = asdict(release.calibration)
    return values if values["bias"] else {name: value for name, value in values.items() if name != "bias"}


def model(release: Release) -> dict[str, str]:
    """Which model gave the answer."""
    return {"name": release.name, "version": release.version, "sha256": release.weights.sha256}


def scores(score_ai: float) -> list[dict[str, Any]]:
    """Both labels with their calibrated probability, the likelier first; they sum to 1."""
    pair = [{"label": "ai", "score": score_ai}, {"label": "real", "score": round(1 - score_ai, 6)}]
    return sorted(pair, key=lambda entry: -entry["score"])


def face(found: Face) -> dict[str, Any]:
    """The judged face: its box in pixels of the upright original, and how many faces the image shows."""
    return {"box": list(found.box), "confidence": round(found.confidence, 4), "count": found.count}


def explanation(job: Job, full_scale: float) -> dict[str, Any] | None:
    """The heat map: signed evidence by cell of layer4, in logits, over the box that the model saw; None without a face.

    Positive is what speaks for the target; at `full_scale` a colour is strongest. `overlay` is the picture as base64, or None
    where it was not asked for.
    """
    if job.evidence is None:
        return None
    target = job.request.target
    if target == "predicted":
        target = "ai" if job.score_ai >= 0.5 else "real"
    return {
        "method": gradcam.METHOD,
        "layer": gradcam.LAYER,
        "target": target,
        "grid": [[round(float(cell), 4) for cell in row] for row in gradcam.towards(target, job.evidence)],
        "full_scale": full_scale,
        "box": list(job.crop.box),
        "overlay": job.overlay and base64.b64encode(job.overlay).decode(),
    }


def png_headers(verdict: str, score_ai: float | None) -> dict[str, str]:
    """What an answer that is a picture says of the face; no score where there is none."""
    headers = {"X-Face-Verdict": verdict}
    return headers if score_ai is None else headers | {"X-Face-Score-Ai": f"{score_ai:.6f}"}


def description(release: Release, runtime: str, note: str | None) -> dict[str, Any]:
    """The release in words that a program can read."""
    return {
        "model": model(release),
        "created": release.created,
        "runtime": runtime,
        "runtime_note": note,
        "int8": release.int8 and asdict(release.int8),
        "labels": release.labels,
        "verdicts": list(VERDICTS),
        "formats": list(FORMATS),
        "limits": asdict(release.limits),
        "detector": asdict(release.detector),
        "crop": asdict(release.crop),
        "calibration": calibration(release),
        "quality": asdict(release.quality),
        "data": release.data,
        "metrics": release.metrics,
        "errors": STATUS,
        "reasons": REASONS,
    }


def error(failure: CodedError, request_id: str) -> dict[str, str]:
    """The body of every refusal."""
    return {"code": failure.code, "message": failure.message, "request_id": request_id}


def dumps(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

"""Answers and errors -> rows."""

from dataclasses import replace
from pathlib import Path

from client.answers import Explanation, Prediction
from client.errors import FaceError, Refused
from client.output import Row

BOX = ("face_x", "face_y", "face_width", "face_height")
COLUMNS = ("source", "verdict", "score_ai", "reasons", "faces", *BOX, "image_width", "image_height", "model_version")
ERROR_COLUMNS = ("request_id", "error", "message")
PREDICTION_COLUMNS = (*COLUMNS, *ERROR_COLUMNS)
EXPLANATION_COLUMNS = (*COLUMNS, "target", "heat_map", *ERROR_COLUMNS)
SHOWN = ("source", "result", "score_ai", "face", "note")


def prediction_row(source: str, answer: Prediction) -> Row:
    """The service's own words, and what they were asked about."""
    face = answer.face
    cells = {
        "source": source,
        "verdict": answer.verdict,
        "score_ai": answer.score_ai,
        "reasons": " ".join(reason.code for reason in answer.reasons),
        "faces": face.count if face else 0,
        **(dict(zip(BOX, face.box, strict=True)) if face else {}),
        "image_width": answer.image.width,
        "image_height": answer.image.height,
        "model_version": answer.model.version,
        "request_id": answer.request_id,
    }
    shown = {
        "result": answer.verdict,
        "face": f"{face.box[2]} x {face.box[3]} px" if face else None,
        "note": " ".join(reason.message for reason in answer.reasons),
    }
    return Row({"source": source, **vars(answer)}, cells | shown)


def explanation_row(source: str, answer: Explanation, heat_map: Path | None) -> Row:
    """The same with the map; its picture is the file `heat_map`, and not in the row."""
    row = prediction_row(source, answer)
    path = str(heat_map) if heat_map else None
    details = dict(row.details) | {"heat_map": path}
    if answer.explanation:
        details["explanation"] = replace(answer.explanation, overlay=None)
    target = answer.explanation.target if answer.explanation else None
    return Row(details, dict(row.cells) | {"target": target, "heat_map": path})


def error_row(source: str, error: FaceError) -> Row:
    """Why there is no answer."""
    refusal = error.refusal if isinstance(error, Refused) else None
    told = {
        "code": error.code,
        "message": error.message,
        "status": refusal.status if refusal else None,
        "request_id": refusal.request_id if refusal else None,
    }
    cells = {"source": source, "error": error.code, "message": error.message, "request_id": told["request_id"]}
    return Row({"source": source, "error": told}, cells | {"result": error.code, "note": error.message}, failed=True)

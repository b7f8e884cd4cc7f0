import base64
import json

import numpy as np
import pytest

from handler import response
from handler.errors import STATUS, CodedError
from handler.face_crop import Crop
from handler.job import Job
from handler.request import FaceRequest


@pytest.mark.parametrize(("score", "first"), [(0.9, "ai"), (0.1, "real")])
def test_scores_descend_and_sum_to_one(score, first):
    scores = response.scores(score)
    assert scores[0]["label"] == first
    assert scores[0]["score"] >= scores[1]["score"]
    assert sum(entry["score"] for entry in scores) == pytest.approx(1, abs=1e-9)


def explained(score: float, target: str) -> dict:
    evidence = np.array([[1.0, -2.0], [0.5, 0.0]])
    job = Job(0, "one", FaceRequest([b""], explain=True, target=target), score_ai=score, evidence=evidence)
    job.crop = Crop(pixels=np.zeros((2, 2, 3), np.uint8), box=(1, 2, 3, 3))
    return response.explanation(job, 4.0)


def test_an_explanation_speaks_for_its_target():
    assert explained(0.9, "predicted")["target"] == "ai"
    assert explained(0.9, "predicted")["full_scale"] == 4.0
    assert explained(0.9, "predicted")["grid"] == [[1.0, -2.0], [0.5, 0.0]]
    real = explained(0.9, "real")
    assert real["target"] == "real"
    assert real["grid"] == [[-1.0, 2.0], [-0.5, 0.0]]
    assert real["overlay"] is None


def test_an_overlay_travels_as_base64():
    job = Job(
        0, "one", FaceRequest([b""], explain=True, target="ai"), score_ai=0.5, evidence=np.zeros((1, 1)), overlay=b"\x89PNG"
    )
    job.crop = Crop(pixels=np.zeros((2, 2, 3), np.uint8), box=(0, 0, 2, 2))
    assert base64.b64decode(response.explanation(job, 4.0)["overlay"]) == b"\x89PNG"


def test_without_a_face_there_is_nothing_to_explain():
    assert response.explanation(Job(0, "one"), 4.0) is None
    assert response.png_headers("no_face", None) == {"X-Face-Verdict": "no_face"}


@pytest.mark.parametrize("code", STATUS)
def test_an_error_names_code_and_request(code):
    body = json.loads(response.dumps(response.error(CodedError(code, 'Grün ist "es" nicht.'), "one")))
    assert body == {"code": code, "message": 'Grün ist "es" nicht.', "request_id": "one"}


def test_no_answer_holds_what_json_has_not():
    with pytest.raises(ValueError, match="JSON"):
        response.dumps({"score": float("nan")})

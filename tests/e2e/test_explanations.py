"""POST /explanations/face: the heat map as numbers and as a picture."""

import base64
import io

import pytest
from PIL import Image

from tests.pictures import no_face, portrait

PNG = {"Accept": "image/png"}


def picture(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_json_holds_the_prediction_and_the_map(explain, predict):
    body = explain(portrait()).json()
    explanation = body.pop("explanation")
    assert body | {"request_id": ""} == predict(portrait()).json() | {"request_id": ""}
    assert explanation.keys() == {"method", "layer", "target", "grid", "full_scale", "box", "overlay"}
    assert (explanation["method"], explanation["layer"]) == ("grad-cam", "layer4")
    assert [len(row) for row in explanation["grid"]] == [3, 3, 3]  # 96 px of input are 3 x 3 cells of layer4
    x, y, w, h = explanation["box"]
    assert w == h
    assert min(x, y) >= 0
    assert max(x + w, y + h) <= 512
    assert explanation["overlay"] is None


def test_json_holds_the_picture_on_request(explain):
    body = explain(portrait(), headers={"X-Explain-Overlay": "True"}).json()
    overlay = picture(base64.b64decode(body["explanation"]["overlay"]))
    assert (overlay.format, overlay.size) == ("PNG", (512, 512))
    assert overlay.tobytes() == picture(explain(portrait(), headers=PNG).content).tobytes()


def test_the_target_turns_the_sign_of_the_map(explain):
    ai, real, predicted = (
        explain(portrait(), headers={"X-Explain-Target": target}).json() for target in ("ai", "Real", "predicted")
    )
    flipped = [[-cell for cell in row] for row in real["explanation"]["grid"]]
    assert ai["explanation"]["grid"] == flipped
    assert (ai["explanation"]["target"], real["explanation"]["target"]) == ("ai", "real")
    assert predicted["explanation"]["target"] == predicted["scores"][0]["label"]


def test_accept_png_answers_with_the_picture_and_the_verdict_in_headers(explain, predict):
    answer = explain(portrait(), headers=PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert picture(answer.content).size == (512, 512)
    expected = predict(portrait()).json()
    assert answer.headers["X-Face-Verdict"] == expected["verdict"]
    ai = next(entry["score"] for entry in expected["scores"] if entry["label"] == "ai")
    assert float(answer.headers["X-Face-Score-Ai"]) == pytest.approx(ai, abs=1e-6)


def test_the_picture_is_reduced_to_the_releases_limit(explain):
    wide = picture(portrait()).resize((1600, 1600))
    file = io.BytesIO()
    wide.save(file, "JPEG")
    assert max(picture(explain(file.getvalue(), headers=PNG).content).size) == 512


def test_without_a_face_there_is_no_map(explain):
    assert explain(no_face()).json()["explanation"] is None
    answer = explain(no_face(), headers=PNG)
    assert answer.headers["X-Face-Verdict"] == "no_face"
    assert "X-Face-Score-Ai" not in answer.headers
    assert picture(answer.content).size == (320, 240)


def test_an_error_is_json_even_where_a_picture_was_asked_for(explain):
    answer = explain(b"no image", headers=PNG)
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_format"


@pytest.mark.parametrize("name", ["explain", "Explain", "EXPLAIN"])
def test_a_client_cannot_ask_for_a_map_on_the_predictions_path(predict, name):
    assert "explanation" not in predict(portrait(), headers={name: "True"}).json()

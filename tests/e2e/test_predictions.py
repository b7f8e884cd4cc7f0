"""POST /predictions/face: each form of the body, and the answer."""

import base64

import pytest

from tests.pictures import no_face, portrait, small_portrait, turned_portrait

KEYS = {"request_id", "verdict", "scores", "reasons", "face", "image", "calibration", "model"}


def test_the_answer_has_the_documented_shape(predict):
    answer = predict(portrait())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body.keys() == KEYS
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["image"] == {"width": 512, "height": 512, "format": "JPEG"}
    assert body["model"].keys() == {"name", "version", "sha256"}
    assert (body["model"]["name"], body["model"]["version"]) == ("face", "1.0")
    assert body["face"]["count"] == 1
    assert 0 < body["face"]["confidence"] <= 1
    x, y, w, h = body["face"]["box"]
    assert x < 224 < x + w  # the portrait's nose is at 224, 110
    assert y < 110 < y + h


def test_scores_sum_to_one_and_decide_the_verdict(predict):
    body = predict(portrait()).json()
    assert {entry["label"] for entry in body["scores"]} == {"ai", "real"}
    scores = [entry["score"] for entry in body["scores"]]
    assert sum(scores) == pytest.approx(1)
    assert scores == sorted(scores, reverse=True)
    ai = next(entry["score"] for entry in body["scores"] if entry["label"] == "ai")
    thresholds = body["calibration"]
    expected = "ai" if ai >= thresholds["ai_at_least"] else "real" if ai <= thresholds["real_at_most"] else "uncertain"
    assert body["verdict"] == expected
    assert bool(body["reasons"]) == (expected == "uncertain")


def test_every_form_of_the_body_gives_the_same_answer(predict):
    photo = portrait()
    text = base64.b64encode(photo).decode()
    wrapped = base64.encodebytes(photo).decode()
    forms = {
        "raw": predict(photo),
        "raw with its type": predict(photo, headers={"Content-Type": "image/jpeg"}),
        "raw with a wrong type": predict(photo, headers={"Content-Type": "application/json"}),
        "multipart": predict(files={"image": ("portrait.jpg", photo, "image/jpeg")}),
        "json": predict(json={"image": text}),
        "json with wrapped lines": predict(json={"image": wrapped}),
        "json without a type": predict(b'{"image": "%s"}' % text.encode()),
        "chunked": predict(iter([photo[:1000], photo[1000:]])),
    }
    assert {name: answer.status_code for name, answer in forms.items()} == dict.fromkeys(forms, 200)
    answers = [answer.json() | {"request_id": ""} for answer in forms.values()]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_other_formats_are_read(predict, image_format):
    body = predict(portrait(image_format)).json()
    assert body["image"]["format"] == image_format
    assert body["face"]


def test_a_photo_is_turned_upright_first(predict):
    body, upright = predict(turned_portrait()).json(), predict(portrait()).json()
    assert body["image"]["width"] == upright["image"]["width"]
    assert body["face"]["box"] == pytest.approx(upright["face"]["box"], abs=6)  # px: it was compressed once more


def test_no_face_is_an_answer_not_an_error(predict):
    answer = predict(no_face())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["verdict"], body["scores"], body["face"]) == ("no_face", [], None)
    assert [reason["code"] for reason in body["reasons"]] == ["no_face"]


def test_a_small_face_is_uncertain_and_says_why(predict):
    body = predict(small_portrait(170)).json()
    assert max(body["face"]["box"][2:]) < 40
    assert body["verdict"] == "uncertain"
    assert "small_face" in [reason["code"] for reason in body["reasons"]]

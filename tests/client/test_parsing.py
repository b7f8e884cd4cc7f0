"""JSON -> dataclasses, and what is refused."""

import pytest

from client.answers import Explanation, Prediction
from client.parsing import Mismatch, parse
from tests.client.bodies import BOX, PNG, explanation, no_face, prediction


def test_a_prediction_has_the_names_and_values_of_its_json():
    answer = parse(Prediction, prediction())
    assert (answer.verdict, answer.score_ai) == ("real", 0.25)
    assert (answer.scores[0].label, answer.scores[0].score) == ("real", 0.75)
    assert answer.face.box == (180, 70, 88, 104)
    assert (answer.image.width, answer.image.height) == (512, 400)
    assert answer.model.version == "1.0"


def test_without_a_face_there_is_no_score():
    answer = parse(Prediction, no_face())
    assert (answer.face, answer.scores, answer.score_ai) == (None, (), None)
    assert answer.reasons[0].code == "no_face"


def test_an_explanation_is_a_prediction_with_a_map():
    answer = parse(Explanation, explanation(PNG))
    assert isinstance(answer, Prediction)
    assert answer.explanation.grid == ((0.5, -1.0), (2.0, 0.25))
    assert answer.explanation.box == tuple(BOX)
    assert answer.explanation.overlay == PNG
    assert parse(Explanation, explanation()).explanation.overlay is None
    assert parse(Explanation, no_face() | {"explanation": None}).explanation is None


def test_what_a_later_service_adds_is_passed_over():
    assert parse(Prediction, prediction(more={"a": 1})) == parse(Prediction, prediction())


BAD = {
    "another verdict": prediction(verdict="maybe"),
    "a box of three": prediction(face={"box": [1, 2, 3], "confidence": 0.9, "count": 1}),
    "a box of words": prediction(face={"box": ["a", 2, 3, 4], "confidence": 0.9, "count": 1}),
    "a number as a word": prediction(image={"width": "512", "height": 1, "format": "JPEG"}),
    "a truth as a number": prediction(image={"width": True, "height": 1, "format": "JPEG"}),
    "null for what must be": prediction(model=None),
    "a missing key": {name: value for name, value in prediction().items() if name != "reasons"},
    "a list": [],
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_anything_else_is_refused(body):
    with pytest.raises(Mismatch):
        parse(Prediction, body)


def test_the_message_says_where():
    with pytest.raises(Mismatch, match=r"answer\.scores\[1\]\.score is 'high', not a number"):
        parse(Prediction, prediction(scores=[{"label": "real", "score": 1}, {"label": "ai", "score": "high"}]))
    with pytest.raises(Mismatch, match="base64"):
        parse(Explanation, explanation() | {"explanation": explanation()["explanation"] | {"overlay": "?!"}})

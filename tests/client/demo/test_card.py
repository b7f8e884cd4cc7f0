"""The cards as HTML: complete, and safe with what came from outside."""

from html.parser import HTMLParser

from client.answers import Refusal
from client.demo.card import details, failure_card, scale, verdict_card
from client.demo.judgement import Judgement
from client.errors import Refused
from tests.client.demo.made import answer, answer_without_face

HOSTILE = '<img src=x onerror="alert(1)">'


class Tags(HTMLParser):
    """Names of all elements, and the text."""

    def __init__(self, html: str):
        super().__init__()
        self.names: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)

    def handle_data(self, data):
        self.text += data


def test_the_verdict_stands_in_a_heading():
    html = verdict_card(answer("ai", 0.97), None, "a.jpg")
    assert "Very likely AI-generated</h2>" in html
    assert "a.jpg" in html


def test_what_came_from_outside_is_text():
    reasons = [{"code": "between_thresholds", "message": HOSTILE}]
    strange = answer("uncertain", 0.6, reasons=reasons, request_id=HOSTILE)
    refused = Refused(Refusal("bad_image", HOSTILE, 400, HOSTILE))
    for html in (
        verdict_card(strange, None, HOSTILE),
        details(Judgement(strange, None, 1.0)),
        failure_card(refused, HOSTILE),
    ):
        assert "img" not in Tags(html).names
        assert HOSTILE in Tags(html).text


def test_the_scale_says_in_words_what_it_draws():
    html = scale(answer("real", 0.19))
    assert 'role="img" aria-label="Score for AI: 19 of 100.' in html
    assert "left:19.0%" in html
    assert 'zone real" style="width:40.0%' in html
    assert 'zone ai" style="width:30.0%' in html


def test_no_scale_where_the_score_means_nothing():
    small = [{"code": "small_face", "message": "too small"}]
    assert scale(answer_without_face()) == scale(answer("uncertain", 0.9, reasons=small)) == ""


def test_other_faces_are_mentioned():
    several = {"box": [1, 2, 30, 40], "confidence": 0.9, "count": 3}
    assert "30 × 40 px; the largest of 3" in details(Judgement(answer(face=several), None, 1.0))
    assert "the largest of" not in details(Judgement(answer(), None, 1.0))


def test_the_details_name_model_latency_and_request():
    text = Tags(details(Judgement(answer(), None, 18.4))).text
    for fact in ("88 × 104 px", "512 × 400 px, JPEG", "face 1.0", "18 ms", "r1"):
        assert fact in text


def test_a_failure_says_what_helps_and_what_the_service_said():
    text = Tags(failure_card(Refused(Refusal("bad_image", "It is truncated.", 400, "r9")), "a.jpg")).text
    for part in ("a.jpg", "The picture is damaged", "It is truncated.", "r9"):
        assert part in text

"""What the page says of an answer: never more than the calibration supports."""

import pytest

from client.demo.verdict import caution, headline, meaning, of_100
from tests.client.demo.made import answer, answer_without_face, description, figure


@pytest.mark.parametrize(
    ("verdict", "score", "words"),
    [
        ("ai", 0.97, "Very likely AI-generated"),
        ("ai", 0.93, "Probably AI-generated"),
        ("ai", 0.71, "More likely AI-generated than not"),
        ("real", 0.001, "Probably a real photograph"),  # however sure: an unknown generator may pass as real
        ("real", 0.19, "Probably a real photograph"),
        ("real", 0.39, "More likely a real photograph than not"),
        ("uncertain", 0.6, "Uncertain"),
    ],
)
def test_the_headline_grows_surer_with_the_score(verdict, score, words):
    assert headline(answer(verdict, score)) == words


def test_the_meaning_is_a_frequency_of_the_verdict_s_own_label():
    assert "about 93 of 100 with this score are AI-generated." in meaning(answer("ai", 0.93))
    assert "about 81 of 100 with this score are real photographs." in meaning(answer("real", 0.19))


@pytest.mark.parametrize("score", [0.45, 0.55])
def test_an_uncertain_face_is_too_close_to_call(score):
    likelier = "AI-generated" if score > 0.5 else "real photographs"
    assert f"about 55 of 100 with this score are {likelier}: too close to call." in meaning(answer("uncertain", score))


@pytest.mark.parametrize("code", ["small_face", "blurred", "one of a later release"])
def test_a_picture_that_shows_too_little_is_given_no_number(code):
    reasons = [{"code": code, "message": "why"}, {"code": "between_thresholds", "message": "also"}]
    assert not any(sign.isdigit() for sign in meaning(answer("uncertain", 0.6, reasons=reasons)))


def test_that_there_are_other_faces_does_not_silence_the_score():
    reasons = [{"code": "several_faces", "message": "why"}]
    assert "93 of 100" in meaning(answer("ai", 0.93, reasons=reasons))
    assert "60 of 100" in meaning(answer("uncertain", 0.6, reasons=reasons))


def test_without_a_face_nothing_is_said_of_ai():
    without = answer_without_face()
    assert headline(without) == "No face found"
    assert "AI" not in meaning(without) + caution(without, None)


@pytest.mark.parametrize(("share", "words"), [(0.9999, "over 99"), (0.99, "99"), (0.5, "50"), (0.01, "1"), (0.0001, "under 1")])
def test_no_number_is_a_certainty(share, words):
    assert of_100(share) == words


def test_the_caution_states_what_was_measured_on_unknown_sources():
    measured = description({"ood": {"ai_called_ai": figure(0.285), "real_called_ai": figure(0.066)}})
    words = caution(answer(), measured)
    assert "recognised 28 of 100 AI-generated faces" in words
    assert "took 7 of 100 real ones for AI" in words


@pytest.mark.parametrize("metrics", [{}, {"ood": 0.5}, {"ood": {"auc": 0.7}}, {"test": {"ai_called_ai": figure(0.9)}}])
def test_without_that_measurement_the_caution_stays_and_names_no_number(metrics):
    words = caution(answer(), description(metrics))
    assert "not calibrated" in words
    assert not any(sign.isdigit() for sign in words)
    assert words == caution(answer(), None)

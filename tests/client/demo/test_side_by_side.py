"""Two versions compared in words (named apart from the twin in tests/client, which it would hide)."""

from dataclasses import replace

from client.demo.comparison import in_words
from tests.client.demo.made import answer, answer_without_face


def test_agreement_with_difference_and_overlap():
    assert in_words(answer("real", 0.25), answer("real", 0.05)) == (
        "Both versions give the same verdict. Their scores differ by 20 of 100. Their heat maps overlap by 100 %."
    )


def test_disagreement_names_both_verdicts():
    newer = {"name": "face", "version": "2.0", "sha256": "1" * 64}
    words = in_words(answer("real", 0.25), answer("ai", 0.97, model=newer))
    assert words.startswith(
        "The versions disagree: 1.0 says “More likely a real photograph than not”, 2.0 says “Very likely AI-"
    )


def test_maps_that_were_made_for_different_targets_are_compared_by_their_meaning():
    real = answer()
    turned = replace(real.explanation, target="ai", grid=tuple(tuple(-cell for cell in row) for row in real.explanation.grid))
    assert in_words(real, replace(real, explanation=turned)).endswith("overlap by 100 %.")


def test_without_a_face_there_is_nothing_to_measure():
    assert in_words(answer_without_face(), answer_without_face()) == "Both versions give the same verdict."

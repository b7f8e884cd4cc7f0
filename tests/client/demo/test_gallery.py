"""The rows of the gallery."""

from client.answers import Refusal
from client.demo.gallery import row_id, told
from client.demo.judgement import Judgement
from client.demo.photo import Photo
from client.errors import Refused
from tests.client.demo.made import answer, answer_without_face

PHOTO = Photo("a.jpg", b"a")


def test_a_row_has_the_verdict_in_words_and_the_score_to_sort_by():
    row = told(PHOTO, Judgement(answer("ai", 0.97), None, 1.0))
    assert row == {"name": "a.jpg", "verdict": "Very likely AI-generated", "score": 0.97, "shown": "97", "note": ""}


def test_a_photo_without_a_score_says_why():
    room = told(PHOTO, Judgement(answer_without_face(), None, 1.0))
    refused = told(PHOTO, Judgement(None, Refused(Refusal("bad_image", "It is truncated.", 400, None)), 1.0))
    small = [{"code": "small_face", "message": "The face is too small."}]
    tiny = told(PHOTO, Judgement(answer("uncertain", 0.9, reasons=small), None, 1.0))
    assert [row["score"] for row in (room, refused, tiny)] == [None] * 3
    assert [row["note"] for row in (room, refused, tiny)] == [
        "No face was found.",
        "It is truncated.",
        "The face is too small.",
    ]


def test_one_file_given_twice_makes_two_rows():
    assert row_id(0, PHOTO) != row_id(1, PHOTO)

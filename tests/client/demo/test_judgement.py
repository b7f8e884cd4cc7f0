"""Asked once, remembered while the photo is in hand, and asked again after what may pass."""

import pytest

from client.demo.judgement import Judge, Memory
from client.demo.photo import Photo
from client.errors import Refused, Unreachable
from tests.client.bodies import encoded, error, explanation, prediction
from tests.client.stub import Reply

ONE, OTHER = Photo("one.jpg", b"one"), Photo("other.jpg", b"other")


@pytest.fixture
def memory() -> Memory:
    return Memory()


def test_the_same_question_is_asked_once(stub, face, memory):
    stub.replies(Reply(body=encoded(explanation())))
    first, second = (Judge(face, memory).explain(ONE, "ai") for _ in range(2))
    assert first is second
    assert len(stub.requests) == 1
    assert stub.requests[0].headers["x-explain-target"] == "ai"


def test_another_target_or_version_is_another_question(stub, face, memory):
    stub.replies(Reply(body=encoded(explanation())))
    Judge(face, memory).explain(ONE, "ai")
    Judge(face, memory).explain(ONE, "real")
    Judge(face, memory, "2.0").explain(ONE, "ai")
    assert [request.path for request in stub.requests] == ["/explanations/face"] * 2 + ["/explanations/face/2.0"]


def test_a_refusal_is_remembered_and_a_busy_service_is_not(stub, face, memory):
    stub.replies(
        Reply(400, encoded(error())), *[Reply(503, encoded(error("unavailable")))] * 3, Reply(body=encoded(explanation()))
    )
    judge = Judge(face, memory)
    assert isinstance(judge.explain(ONE, "ai").error, Refused)
    assert judge.explain(ONE, "ai").error.code == "bad_image"
    assert judge.explain(OTHER, "ai").error.code == "unavailable"
    assert judge.explain(OTHER, "ai").answer.verdict == "real"


def test_photos_that_are_taken_back_are_forgotten(stub, face, memory):
    stub.replies(Reply(body=encoded(explanation())))
    judge = Judge(face, memory)
    judge.explain(ONE, "ai")
    judge.explain(OTHER, "ai")
    memory.keep_only([OTHER])
    assert list(memory.kept) == [OTHER.digest]
    judge.explain(ONE, "ai")
    assert len(stub.requests) == 3


def test_many_photos_come_back_in_their_order_with_progress(stub, face, memory):
    stub.answer = lambda request: (
        Reply(400, encoded(error()))
        if request.body == b"other"
        else Reply(body=encoded(prediction(request_id=request.body.decode())))
    )
    photos = [ONE, OTHER, *(Photo(f"{number}.jpg", str(number).encode()) for number in range(10))]
    done = []
    judgements = Judge(face, memory).predict_all(photos, done.append)
    answered = [judgement.answer.request_id if judgement.answer else judgement.error.code for judgement in judgements]
    assert answered == ["one", "bad_image", *map(str, range(10))]
    assert done == list(range(1, 13))
    assert all(judgement.ms > 0 for judgement in judgements)


def test_a_service_out_of_reach_is_not_asked_for_every_photo(stub, face, memory):
    stub.answer = lambda request: Reply(drop=True)
    photos = [Photo(f"{number}.jpg", str(number).encode()) for number in range(100)]
    judgements = Judge(face, memory).predict_all(photos, lambda done: None)
    assert all(isinstance(judgement.error, Unreachable) for judgement in judgements)
    assert len(stub.requests) < 100

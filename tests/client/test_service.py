"""FaceClient: what is sent, and outcomes of many."""

import pytest

from client.errors import BadAnswer, Refused, Unreadable
from client.service import MAX_BYTES, FaceClient
from config.start import CONFIG
from tests.client.bodies import PNG, encoded, error, explanation, no_face, prediction
from tests.client.stub import Reply, Request


def test_a_prediction_is_a_raw_post_with_the_key(stub, face):
    stub.replies(Reply(body=encoded(prediction())))
    face.predict(b"image")
    face.predict(b"image", version="1.1")
    assert [(request.method, request.path) for request in stub.requests] == [
        ("POST", "/predictions/face"),
        ("POST", "/predictions/face/1.1"),
    ]
    assert stub.requests[0].body == b"image"
    assert stub.requests[0].headers["x-api-key"] == "secret"


def test_an_explanation_asks_for_its_picture_only_when_told_to(stub, face):
    stub.answer = lambda request: Reply(body=encoded(explanation(PNG if "x-explain-overlay" in request.headers else None)))
    assert face.explain(b"image", target="ai").explanation.overlay is None
    assert face.explain(b"image", overlay=True, version="2.0").explanation.overlay == PNG
    plain, drawn = stub.requests
    assert (plain.path, plain.headers["x-explain-target"]) == ("/explanations/face", "ai")
    assert (drawn.path, drawn.headers["x-explain-overlay"]) == ("/explanations/face/2.0", "true")


def test_a_picture_that_got_lost_on_the_way_is_reported(stub, face):
    stub.replies(Reply(body=encoded(explanation())))
    with pytest.raises(BadAnswer, match="X-Explain-Overlay"):
        face.explain(b"image", overlay=True)
    stub.replies(Reply(body=encoded(no_face() | {"explanation": None})))
    assert face.explain(b"image", overlay=True).explanation is None


def test_a_path_is_read(stub, face, tmp_path):
    stub.replies(Reply(body=encoded(prediction())))
    (tmp_path / "photo.jpg").write_bytes(b"bytes of a photo")
    face.predict(tmp_path / "photo.jpg")
    face.predict(str(tmp_path / "photo.jpg"))
    assert [request.body for request in stub.requests] == [b"bytes of a photo"] * 2


def test_what_cannot_be_read_or_is_too_large_is_not_sent(stub, face, tmp_path):
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for image in (tmp_path / "none.jpg", tmp_path, large, bytes(MAX_BYTES + 1)):
        with pytest.raises(Unreadable):
            face.predict(image)
    assert stub.requests == []


def test_the_limit_is_the_servers():
    assert f"max_request_size={MAX_BYTES}\n" in (CONFIG / "config.properties").read_text()


def answer_by_name(request: Request) -> Reply:
    name = request.body.decode()
    if name.startswith("bad"):
        return Reply(415, encoded(error("unsupported_format")))
    return Reply(body=encoded(prediction(request_id=name)), delay=0.1 if name == "image 0" else 0)


def test_many_come_in_order_with_errors_in_place(stub, face):
    stub.answer = answer_by_name
    names = [f"{'bad' if number % 5 == 3 else 'image'} {number}" for number in range(20)]
    outcomes = list(face.predict_many(names, read=str.encode, concurrency=4))
    assert [outcome.item for outcome in outcomes] == names
    for outcome in outcomes:
        if outcome.item.startswith("bad"):
            assert outcome.answer is None
            assert isinstance(outcome.error, Refused)
        else:
            assert (outcome.answer.request_id, outcome.error) == (outcome.item, None)
    assert 1 < stub.most_at_once <= 4


def test_many_may_come_as_they_are_ready(stub, face):
    stub.answer = answer_by_name
    outcomes = list(
        face.predict_many([f"image {number}" for number in range(8)], read=str.encode, concurrency=4, ordered=False)
    )
    assert {outcome.item for outcome in outcomes} == {f"image {number}" for number in range(8)}
    assert outcomes[0].item != "image 0"


def test_images_of_many_are_read_only_when_their_turn_comes(stub, face):
    stub.replies(Reply(body=encoded(explanation())))
    read = []

    def reading(item: int) -> bytes:
        read.append(item)
        return b"image"

    outcomes = face.explain_many(range(1000), read=reading, concurrency=2)
    next(outcomes)
    assert len(read) <= 5
    outcomes.close()


def test_health_is_what_the_server_says(stub):
    with FaceClient(stub.url) as face:
        stub.replies(Reply(body=encoded({"status": "Healthy"})))
        assert face.healthy()
        stub.replies(Reply(500, encoded({"status": "Unhealthy"})))
        assert not face.healthy()

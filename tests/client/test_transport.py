"""What is tried again, what is not, and what an error says."""

import socket
import time

import pytest

from client.backoff import Backoff
from client.errors import BadAnswer, Refused, TimedOut, Unreachable
from client.service import FaceClient
from client.transport import Transport
from tests.client.bodies import encoded, error, prediction
from tests.client.stub import Reply

GOOD = Reply(body=encoded(prediction()))
BUSY = Reply(503, encoded({"code": 503, "type": "ServiceUnavailableException", "message": "No worker is available."}))


def test_a_dropped_connection_and_a_503_are_tried_again(stub, face):
    stub.replies(Reply(drop=True), BUSY, GOOD)
    assert face.predict(b"image").verdict == "real"
    assert [request.body for request in stub.requests] == [b"image"] * 3


def test_after_all_attempts_the_last_refusal_stands(stub, face):
    stub.replies(BUSY)
    with pytest.raises(Refused) as raised:
        face.predict(b"image")
    assert len(stub.requests) == 3
    assert (raised.value.code, raised.value.refusal.status) == ("ServiceUnavailableException", 503)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 415, 422, 429, 500, 504])
def test_any_other_error_is_final(stub, face, status):
    stub.replies(Reply(status, encoded(error("some_code"))), GOOD)
    with pytest.raises(Refused) as raised:
        face.predict(b"image")
    assert len(stub.requests) == 1
    refusal = raised.value.refusal
    assert (refusal.code, refusal.message, refusal.status, refusal.request_id) == ("some_code", "It is damaged.", status, "r1")


def test_retry_after_is_waited_for(stub, face):
    stub.replies(Reply(503, headers={"Retry-After": "1"}), GOOD)
    started = time.monotonic()
    face.predict(b"image")
    assert time.monotonic() - started >= 1


def test_a_retry_after_beyond_patience_ends_it_at_once(stub, face):
    stub.replies(Reply(503, headers={"Retry-After": "3600"}), GOOD)
    with pytest.raises(Refused):
        face.predict(b"image")
    assert len(stub.requests) == 1


def test_a_slow_answer_is_not_asked_for_twice(stub):
    stub.replies(Reply(delay=1.0))
    with FaceClient(stub.url, timeout=0.1) as face, pytest.raises(TimedOut, match=r"0\.1 s"):
        face.predict(b"image")
    assert len(stub.requests) == 1


def test_nobody_there_is_said_in_words():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    transport = Transport(f"http://127.0.0.1:{port}", backoff=Backoff(attempts=2, first=0.001))
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} cannot be reached: .*Connection refused"):
        transport.request("GET", "/ping")


def test_an_error_of_torchserve_or_of_a_proxy_has_a_code_too(stub, face):
    stub.replies(Reply(404, encoded({"code": 404, "type": "ModelNotFoundException", "message": "Model not found: face"})))
    with pytest.raises(Refused) as raised:
        face.predict(b"image")
    assert (raised.value.code, raised.value.message) == ("ModelNotFoundException", "Model not found: face")
    stub.replies(Reply(413, b""))
    with pytest.raises(Refused) as raised:
        face.predict(b"image")
    assert raised.value.code == "http_413"
    assert "413" in raised.value.message
    stub.replies(Reply(502, b"<html>Bad Gateway</html>"))
    with pytest.raises(Refused) as raised:
        face.predict(b"image")
    assert raised.value.code == "http_502"


def test_a_redirect_is_not_followed(stub, face):
    stub.replies(Reply(307, headers={"Location": stub.url + "/elsewhere"}), GOOD)
    with pytest.raises(Refused) as raised:
        face.predict(b"image")
    assert raised.value.refusal.status == 307
    assert len(stub.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", encoded(prediction(verdict="maybe"))])
def test_another_servers_answer_is_no_answer(stub, face, body):
    stub.replies(Reply(body=body))
    with pytest.raises(BadAnswer):
        face.predict(b"image")


def test_a_key_that_is_no_header_is_said_in_words(stub):
    with FaceClient(stub.url, api_key="a key\nof two lines") as face, pytest.raises(BadAnswer, match="cannot be asked"):
        face.predict(b"image")
    assert not stub.requests


def test_requests_share_all_but_their_bodies(stub, face):
    stub.replies(GOOD)
    for body in (b"one", b"another", b"one"):
        face.predict(body)
    face.predict(b"image", version="1.1")
    seen = [(request.path.rpartition("/")[2], request.body, request.headers["content-length"]) for request in stub.requests]
    assert seen == [("face", b"one", "3"), ("face", b"another", "7"), ("face", b"one", "3"), ("1.1", b"image", "5")]
    assert {request.headers["x-api-key"] for request in stub.requests} == {"secret"}


@pytest.mark.parametrize("url", ["ftp://host", "host:8080", "", "http://", "http://[", "file:///etc/passwd"])
def test_only_http_urls_are_taken(url):
    with pytest.raises(ValueError, match=r"no http or https URL|Invalid IPv6 URL"):
        Transport(url)

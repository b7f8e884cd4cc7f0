"""Every error that the client can report has words that help."""

import pytest

from client.answers import Refusal
from client.demo.messages import message_of
from client.errors import BadAnswer, Refused, TimedOut, Unreachable, Unreadable


def refused(status: int, code: str = "") -> Refused:
    return Refused(Refusal(code or f"http_{status}", "The service's own words.", status, None))


@pytest.mark.parametrize(
    ("error", "title", "passing"),
    [
        (Unreachable("x"), "does not answer", True),
        (TimedOut("x"), "takes too long", True),
        (BadAnswer("x"), "Something else", False),
        (Unreadable("x"), "too large", False),
        (refused(400, "bad_image"), "damaged", False),
        (refused(400, "empty_body"), "empty", False),
        (refused(401, "unauthorized"), "key is refused", False),
        (refused(404, "ModelNotFoundException"), "not served", False),
        (refused(413, "image_too_large"), "too many pixels", False),
        (refused(413, "body_too_large"), "file is too large", False),
        (refused(415, "unsupported_format"), "Not a picture", False),
        (refused(429, "too_many_requests"), "Too many requests", True),
        (refused(503, "unavailable"), "busy", True),
        (refused(500, "internal"), "no verdict", True),
    ],
)
def test_each_error_has_its_words(error, title, passing):
    message = message_of(error)
    assert title in message.title
    assert message.advice
    assert message.passing is passing

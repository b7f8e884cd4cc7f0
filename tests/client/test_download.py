"""Fetching what the user points at, within limits."""

import pytest

from client.download import download
from client.errors import Unreadable
from tests.client.stub import Reply


def test_the_bytes_are_those_of_the_server(stub):
    stub.replies(Reply(body=b"picture"))
    assert download(stub.url + "/a.jpg", seconds=5) == b"picture"
    assert stub.requests[0].path == "/a.jpg"


def test_a_redirect_is_followed_but_not_for_ever(stub):
    stub.answer = lambda request: (
        Reply(body=b"picture") if request.path == "/there" else Reply(302, b"", {"Location": stub.url + "/there"})
    )
    assert download(stub.url + "/here", seconds=5) == b"picture"
    stub.answer = lambda request: Reply(302, b"", {"Location": stub.url + "/again"})
    with pytest.raises(Unreadable):
        download(stub.url, seconds=5)
    assert len(stub.requests) < 20


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_a_redirect_to_another_scheme_is_not_followed(stub, location):
    stub.replies(Reply(302, b"", {"Location": location}))
    with pytest.raises(Unreadable):
        download(stub.url, seconds=5)


def test_more_than_the_limit_is_not_read(stub):
    stub.replies(Reply(body=bytes(21 * 2**20)))
    with pytest.raises(Unreadable, match="20 MiB"):
        download(stub.url, seconds=20)


def test_an_error_a_silence_and_nobody_are_told_apart(stub):
    stub.replies(Reply(404))
    with pytest.raises(Unreadable, match="404"):
        download(stub.url, seconds=5)
    stub.replies(Reply(delay=1))
    with pytest.raises(Unreadable, match="timed out"):
        download(stub.url, seconds=0.1)
    with pytest.raises(Unreadable, match=r"refused|resolve|reach"):
        download("http://127.0.0.1:1/", seconds=1)


def test_a_slow_drip_ends_at_the_deadline(stub):
    stub.replies(Reply(body=bytes(400_000), drip=0.05))
    with pytest.raises(Unreadable, match=r"0\.3 s"):
        download(stub.url, seconds=0.3)


@pytest.mark.parametrize("url", ["http://", "http://[", "http://a..b/", "http://host:port/"])
def test_a_url_that_is_none_is_a_failure_like_others(url):
    with pytest.raises(Unreadable):
        download(url, seconds=1)

"""The page without a browser, in front of a gateway: what it sends, and how it does without a management API."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from client.demo import connection
from client.demo.__main__ import PAGE
from tests.client.bodies import encoded, error, explanation
from tests.client.stub import Reply, Request
from tests.pictures import portrait

KEY = "a1" * 16


@pytest.fixture
def gateway(stub, monkeypatch) -> Iterator:
    """A stub that lets predictions and explanations with a key through, and nothing else."""

    def answer(request: Request) -> Reply:
        if request.path == "/ping":
            return Reply(body=encoded({"status": "Healthy"}))
        if request.path.startswith("/models"):
            return Reply(404, encoded(error("not_found")))
        return (
            Reply(body=encoded(explanation()))
            if request.headers.get("x-api-key") == KEY
            else Reply(401, encoded(error("unauthorized")))
        )

    stub.answer = answer
    monkeypatch.setenv(connection.SERVICE, stub.url)
    monkeypatch.setenv(connection.MANAGEMENT, stub.url)
    connection.face_client.cache_clear()
    yield stub
    connection.face_client.cache_clear()


def html(page: AppTest) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def sample(page: AppTest) -> AppTest:
    return page.button[0].click().run()


def test_the_key_goes_along_and_the_verdict_comes_back(gateway, monkeypatch):
    monkeypatch.setenv(connection.KEY, KEY)
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "The service is ready." in html(page)
    sample(page)
    assert not page.exception
    assert "More likely a real photograph than not" in html(page)
    asked = [request for request in gateway.requests if request.method == "POST"]
    assert [(request.path, request.body) for request in asked] == [("/explanations/face", portrait())]
    assert not page.selectbox  # no choice of versions
    assert "may pass as real" in html(page)
    assert "SHA-256 <code>" in html(page)  # of the answer


def test_without_the_key_the_page_says_what_is_missing(gateway, monkeypatch):
    monkeypatch.delenv(connection.KEY, raising=False)
    page = sample(AppTest.from_file(str(PAGE), default_timeout=60).run())
    assert not page.exception
    assert "The key is refused" in html(page)

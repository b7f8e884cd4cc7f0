"""What the tests of the running service ask it by (`server` stands in tests/conftest.py)."""

from collections.abc import Iterator

import pytest
import requests

from config.server import MODEL


@pytest.fixture
def predict(server):
    """POST to the predictions of the default version: `predict(body, **options of requests)`."""
    return lambda body=None, **options: requests.post(
        f"{server.inference}/predictions/{MODEL}", data=body, timeout=60, **options
    )


@pytest.fixture
def explain(server):
    return lambda body=None, **options: requests.post(
        f"{server.inference}/explanations/{MODEL}", data=body, timeout=60, **options
    )


@pytest.fixture
def worker_lives(server) -> Iterator[None]:
    """Fails the test when it costs a worker its life."""
    before = [worker["pid"] for worker in server.workers()]
    yield
    assert [worker["pid"] for worker in server.workers()] == before
    assert server.workers_ready()

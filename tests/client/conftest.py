"""A stub of the service for the client's own behaviour, and the real one for what both do together."""

from collections.abc import Iterator

import pytest

from client.backoff import Backoff
from client.service import FaceClient
from tests.client.stub import Stub


@pytest.fixture
def stub() -> Iterator[Stub]:
    running = Stub()
    yield running
    running.stop()


@pytest.fixture
def face(stub) -> Iterator[FaceClient]:
    """A client of the stub that tries three times, with pauses too short to notice."""
    with FaceClient(stub.url, api_key="secret", timeout=5, backoff=Backoff(attempts=3, first=0.001)) as client:
        yield client

"""What the gateway asks TorchServe again: what a dying worker was working on, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.folders import Folder
from tests.gateway.running import Gateway, Upstream
from tests.ports import free_port


class Failing(Upstream):
    """Answers with the given statuses, one a request, and then with 200."""

    def __init__(self, port: int):
        self.statuses: list[int] = []
        super().__init__(port)

    @property
    def status(self) -> int:
        return self.statuses.pop(0) if self.statuses else 200

    @status.setter
    def status(self, _: int) -> None:
        """The constructor's 200 is what there is without statuses."""


@pytest.fixture(scope="module")
def folder(nginx) -> Iterator[Path]:
    with Folder() as path:
        yield path


@pytest.fixture(scope="module")
def gateway(folder) -> Iterator[tuple[Gateway, Failing]]:
    upstream = Failing(free_port())
    running = Gateway(folder, upstream.server_port)
    try:
        yield running, upstream
    finally:
        running.stop()
        upstream.shutdown()
        upstream.server_close()


@pytest.mark.parametrize(
    "statuses, answer, asked",
    [
        ([507], 200, 2),  # a worker was killed
        ([500], 200, 2),  # a worker ended otherwise, or was silent for too long
        ([507, 507], 503, 2),
        ([500, 500], 500, 2),
        ([503], 503, 1),
        ([413], 413, 1),
        ([400], 400, 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [100, 1_000_000], ids=["small", "from-disk"])
def test_a_dying_workers_requests_are_asked_once_more(gateway, statuses, answer, asked, size):
    running, upstream = gateway
    upstream.statuses, upstream.seen = list(statuses), []
    told = running.predict(bytes(size))
    assert told.status_code == answer
    assert [seen["length"] for seen in upstream.seen] == [size] * asked
    assert told.headers.get("Retry-After") == ("5" if answer == 503 else None)

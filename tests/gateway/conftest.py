"""A real nginx with the shipped settings in front of a stand-in for TorchServe."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.gateway.run import PATHS
from tests.gateway.running import Gateway, Upstream
from tests.ports import free_port


@pytest.fixture(scope="session", autouse=True)
def nginx() -> None:
    if not shutil.which("nginx", path=PATHS):
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream(free_port())
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every user may enter, as pytest's are not: started by root, nginx works as another user."""
    with tempfile.TemporaryDirectory(prefix="gateway-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def gateway(folder, upstream) -> Iterator[Gateway]:
    running = Gateway(folder, upstream.server_port)
    yield running
    running.stop()

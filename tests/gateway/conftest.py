"""A real nginx with the shipped settings in front of a stand-in for TorchServe, or of the real one."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config.gateway.run import PATHS
from config.server import Server
from tests.gateway.running import Gateway, Upstream
from tests.ports import free_port
from tests.releases import make_release
from training.archive import archive


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


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[tuple[Gateway, Server]]:
    """The real one, with a worker, and the gateway in front of it."""
    store = tmp_path_factory.mktemp("store")
    make_release(store / "face-1.0")
    archive(store / "face-1.0")
    with tempfile.TemporaryDirectory(prefix="face-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        port = free_port()
        server = Server(
            port=port,
            models=["face-1.0.mar"],
            model_store=store,
            run_dir=folder / "torchserve",
            log=store / "server.log",
            options=["--workers", "1", "--threads", "1"],
        )
        gateway = None
        try:
            gateway = Gateway(folder, port)
            assert requests.get(f"{gateway.internal}/ready", timeout=10).status_code >= 500  # the worker is still loading
            server.wait_until_ready(180)
            yield gateway, server
        finally:
            if gateway:
                gateway.stop()
            server.stop()

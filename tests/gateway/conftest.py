"""A real nginx with the shipped settings in front of a stand-in for TorchServe, or of the real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config.server import Server
from tests.folders import Folder
from tests.gateway.running import Gateway, Upstream
from tests.ports import free_port
from tests.releases import make_release
from training.archive import archive


@pytest.fixture(scope="session", autouse=True)
def needed(nginx) -> None:
    """Every test here starts one."""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream(free_port())
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with Folder() as folder:
        yield folder


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
    with Folder() as folder:
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

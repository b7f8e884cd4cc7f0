"""One real server for all roll-outs; each test finds it with version 1.0 alone."""

from collections.abc import Iterator

import pytest
import requests

from config.server import Server
from tests.client.archives import Store, make_store
from tests.client.rollouts.site import WORKERS, Face, register, versions
from tests.serving import serving


@pytest.fixture(scope="package")
def store(tmp_path_factory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="package")
def running(store) -> Iterator[Server]:
    with serving(store.folder, "face-1.0.mar", workers=WORKERS) as server:
        yield server


@pytest.fixture
def server(running, store) -> Server:
    """The server with 1.0 alone, whatever the last test has left."""
    store.signal.unlink(missing_ok=True)
    model = f"{running.management}/models/face"
    if "1.0" not in versions(running):
        register(running, store.mar("1.0"))
    requests.put(f"{model}/1.0/set-default", timeout=10).raise_for_status()
    for version in versions(running).keys() - {"1.0"}:
        requests.delete(f"{model}/{version}", timeout=60).raise_for_status()
    scale = {"min_worker": WORKERS, "max_worker": WORKERS, "synchronous": "true"}
    requests.put(f"{model}/1.0", params=scale, timeout=120).raise_for_status()
    running.wait_until_ready(60)
    return running


@pytest.fixture
def face(server, tmp_path) -> Face:
    return Face(server, tmp_path)

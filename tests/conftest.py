"""A real TorchServe for the whole session, with two versions of the model beside each other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from config.gateway.run import PATHS
from config.server import MODEL, Server
from tests.k8s import image
from tests.releases import make_release
from tests.serving import serving
from training import archive as archiver
from training.archive import archive

FIRST, SECOND = "1.0", "2.0"
SECOND_RUNTIME = "openvino, as archived in 2.0"


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """Version 1.0, the default, as it ships; version 2.0 has other weights, waits for batches, and has code of its own."""
    store = tmp_path_factory.mktemp("store")
    make_release(store / "face-1.0", FIRST)
    archive(store / "face-1.0")
    make_release(store / "face-2.0", SECOND, seed=1)
    archive_with_other_code(store)
    with serving(store, "face-1.0.mar", "face-2.0.mar") as running:
        requests.put(f"{running.management}/models/{MODEL}/{FIRST}/set-default", timeout=10).raise_for_status()
        yield running


def archive_with_other_code(store: Path) -> None:
    """Packs 2.0 with a handler that differs from the repo's in one word, and with a delay that makes real batches."""
    code = store / "code" / "handler"
    shutil.copytree(archiver.HANDLER, code)
    runtime = code / "runtime.py"
    changed = runtime.read_text().replace('"openvino-fp32", Open', f'"{SECOND_RUNTIME}", Open')
    assert changed != runtime.read_text()
    runtime.write_text(changed)
    settings = store / "code" / "model-config.yaml"
    patient = yaml.safe_load(archiver.MODEL_CONFIG.read_text()) | {"batchSize": 8, "maxBatchDelay": 500}
    settings.write_text(yaml.safe_dump(patient))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archiver, "HANDLER", code)
        archive(store / "face-2.0", model_config=settings)


@pytest.fixture(scope="session")
def nginx() -> None:
    """Is installed; without it there is no gateway."""
    if not shutil.which("nginx", path=PATHS):
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")


@pytest.fixture(scope="module")
def podman(tmp_path_factory) -> image.Podman:
    """Works here, and has the images of service and gateway."""
    if not shutil.which("podman"):
        pytest.skip(
            "podman is not installed (Debian: apt-get install podman runc netavark aardvark-dns conmon catatonit iptables)"
        )
    folder = tmp_path_factory.mktemp("podman")
    podman = image.Podman(folder)
    works = podman("info", check=False)
    if works.returncode != 0:
        pytest.skip(f"podman does not work here: {works.stderr.strip()}")
    base = image.make_base(podman)
    image.build_service(podman, base, folder)
    (folder / "gateway").mkdir()
    image.build_gateway(podman, base, folder / "gateway")
    return podman

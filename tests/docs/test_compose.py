"""compose.yaml: what it opens to whom, and all of it running, with stand-ins for images that no registry is there to give.

The page's own image is not built here: a web server stands in for it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
import yaml

from config.compose import run
from config.server import ROOT
from tests.k8s import image
from tests.k8s.image import PHOTO, answers
from tests.ports import free_port
from tests.waiting import wait_until

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
PROMETHEUS = "localhost/face-prometheus:test"
PAGE = "localhost/face-page:test"
STAND_INS = {
    PROMETHEUS: """FROM {base}
RUN apt-get update && apt-get install --yes --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /prometheus && chown 65534:65534 /prometheus
USER 65534:65534
""",
    PAGE: """FROM {base}
USER 65534:65534
ENTRYPOINT ["sh", "-c", "cd /app && trap exit TERM; python3 -m http.server 8501 & wait"]
""",
}
REACH = "import socket, sys; [socket.create_connection(('torchserve', int(p)), 3) for p in sys.argv[1:]]"


def test_nothing_is_published_beyond_this_machine():
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(published) == 3
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_no_container_may_more_than_it_needs():
    for name, service in SERVICES.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(mount.split(":")[2].startswith("ro") for mount in service.get("volumes", ()) if mount[0] == "."), name


def test_the_gateway_is_that_of_kubernetes():
    base = yaml.safe_load((ROOT / "k8s" / "base" / "kustomization.yaml").read_text())
    (nginx,) = (entry for entry in base["images"] if "nginx" in entry["name"])
    assert f"{nginx['newName']}:{nginx['newTag']}" in SERVICES["gateway"]["image"]


def test_keys_are_made_once(tmp_path):
    first = run.write_settings(tmp_path)
    assert first == run.write_settings(tmp_path)
    assert first.keys() == {"page", "you"}
    assert len(set(first.values())) == 2
    assert all(len(bytes.fromhex(key)) == 32 for key in first.values())


@pytest.fixture(scope="module")
def images(podman, tmp_path_factory) -> dict[str, str]:
    """The names of images that are here, as compose.yaml asks for them."""
    base = image.make_base(podman)
    for name, recipe in STAND_INS.items():
        folder = tmp_path_factory.mktemp("image")
        (folder / "Dockerfile").write_text(recipe.format(base=base))
        podman("build", "--pull=never", "--network", "host", "--tag", name, folder, timeout=600)
    return {"FACE_IMAGE": image.SERVICE, "GATEWAY_IMAGE": image.GATEWAY, "PAGE_IMAGE": PAGE, "PROMETHEUS_IMAGE": PROMETHEUS}


@pytest.fixture(scope="module")
def started(podman, images) -> Iterator[tuple[str, int, int, int]]:
    """`make up` with these images; yields what it printed, and the ports of gateway, page and Prometheus."""
    if run_compose("--help", environment={}).returncode != 0 or not has_podman_compose():
        pytest.skip("podman-compose is not installed (pip install podman-compose)")
    environment = podman.environment | images | {"COMPOSE_PROJECT_NAME": "face-test-compose"}
    ports = free_port(), free_port(), free_port()
    flags = [
        word
        for flag, port in zip(("--port", "--page-port", "--prometheus-port"), ports, strict=True)
        for word in (flag, str(port))
    ]
    try:
        up = run_compose("--no-build", *flags, environment=environment)
        assert up.returncode == 0, up.stdout + up.stderr
        yield up.stdout, *ports
    finally:
        down = run_compose("--down", environment=environment)
    assert down.returncode == 0, down.stderr
    assert "face-test-compose" not in podman("ps", "--all", "--format", "{{.Names}}").stdout
    podman("volume", "rm", "--force", "face-test-compose_samples", check=False)


def has_podman_compose() -> bool:
    try:
        return run.find_engine() != ["docker", "compose"]
    except run.ComposeError:
        return False


def run_compose(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "config.compose.run", *words]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=400, check=False
    )


def test_it_shows_a_verdict_and_where_everything_is(started):
    told, gateway, page, prometheus = started
    assert "astronaut.jpg -> " in told
    for port in (gateway, page, prometheus):
        assert f"http://127.0.0.1:{port}" in told
    assert answers(f"http://127.0.0.1:{page}", method="GET")


def test_the_gateway_is_the_way_in(started, podman):
    _, gateway, _, _ = started
    predict = f"http://127.0.0.1:{gateway}/predictions/face"
    assert requests.post(predict, data=PHOTO, timeout=30).status_code == 401
    key = run.write_settings(run.BUILD)["page"]
    assert requests.post(predict, data=PHOTO, headers={"X-Api-Key": key}, timeout=30).json()["face"]["count"] == 1
    assert requests.get(f"http://127.0.0.1:{gateway}/models", headers={"X-Api-Key": key}, timeout=30).status_code == 404
    page = next(
        name for name in podman("ps", "--format", "{{.Names}}").stdout.split() if "face-test-compose" in name and "page" in name
    )
    assert podman("exec", page, "python3", "-c", REACH, 8000, 9000, check=False).returncode == 0
    for port in (8080, 8081, 8082):
        assert podman("exec", page, "python3", "-c", REACH, port, check=False).returncode != 0, port


def test_prometheus_watches_it_by_the_rules(started):
    *_, port = started
    api = f"http://127.0.0.1:{port}/api/v1"

    def asked(path: str) -> dict:
        return requests.get(f"{api}/{path}", timeout=30).json()["data"]

    def scraped() -> bool:
        try:
            return bool(asked("query?query=face_verdicts_total")["result"])
        except requests.ConnectionError:
            return False

    wait_until(scraped, 60, lambda: json.dumps(asked("targets")))
    rules = yaml.safe_load((ROOT / "config" / "monitoring" / "rules.yaml").read_text())["spec"]
    loaded = [rule["name"] for group in asked("rules")["groups"] for rule in group["rules"]]
    assert sorted(loaded) == sorted(rule.get("alert") or rule["record"] for group in rules["groups"] for rule in group["rules"])

"""The image, run as the manifests say: not root, on a read-only file system, alone and as a pod. It takes minutes, to build."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests

from tests.k8s import image
from tests.k8s.image import PHOTO, answers
from tests.k8s.rendering import containers, of_kind, render
from tests.ports import free_port
from tests.waiting import wait_until

POD = "face-test-pod"
KEY = "0" * 32
RESTRICTED = ["--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp:rw,mode=1777,size=1g"]


def test_one_command_serves_and_stops(podman):
    port, name = free_port(), "face-test-alone"
    podman("run", "--detach", "--name", name, *RESTRICTED, "--cpus", 1, "--publish", f"127.0.0.1:{port}:8080", image.SERVICE)
    try:
        url = f"http://127.0.0.1:{port}/predictions/face"
        wait_until(lambda: answers(url, data=PHOTO), 120, lambda: podman("logs", name).stdout)
        assert requests.post(url, data=PHOTO, timeout=30).json()["verdict"] in ("ai", "real", "uncertain")
        assert podman("exec", name, "id", "--user").stdout.strip() == "10001"
        assert podman("exec", name, "readlink", "/proc/1/exe").stdout.strip().endswith("/java")
        assert podman("exec", name, "touch", "/app/x", check=False).returncode != 0
        assert podman("exec", name, "sh", "-c", "grep default_workers /tmp/face/config.properties").stdout.strip()[-1] == "1"
        # what the image must not bring: sources of training, data, histories
        assert podman("exec", name, "sh", "-c", "ls /app /app/model_store").stdout.split() == [
            "/app:", "config", "model_store", "/app/model_store:", "face.mar",
        ]  # fmt: skip
        started = time.monotonic()
        podman("stop", "--time", 30, name)
        assert time.monotonic() - started < 20
        assert podman("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip() == "143"  # by SIGTERM, not killed
    finally:
        podman("rm", "--force", "--time", 0, name)


@pytest.fixture
def pod(podman, tmp_path) -> Iterator[tuple[str, str, dict]]:
    """Both containers as the local overlay has them; yields the public and the internal address, and the containers."""
    manifests = render("local")
    template = of_kind(manifests, "Deployment")["face"]["spec"]["template"]
    parts = {container["name"]: container for container in containers(template)}
    settings = tmp_path / "gateway"
    (settings / "keys").mkdir(parents=True)
    (data,) = of_kind(manifests, "ConfigMap").values()
    for name, text in data["data"].items():
        (settings / name).write_text(text)
    (settings / "keys" / "clients.map").write_text(f"{KEY} local;\n")
    tmp_path.chmod(0o711)
    port = free_port()
    published = [
        f"127.0.0.1:{port + offset}:{listening['containerPort']}" for offset, listening in enumerate(parts["gateway"]["ports"])
    ]
    podman("pod", "create", "--name", POD, *[part for one in published for part in ("--publish", one)])
    try:
        common = ["run", "--detach", "--pod", POD, *RESTRICTED]
        podman(
            *common,
            "--name",
            f"{POD}-torchserve",
            "--user",
            user(parts["torchserve"]),
            image.SERVICE,
            *parts["torchserve"]["args"],
        )
        mount = ["--volume", f"{settings}:/etc/gateway:ro"]
        podman(
            *common,
            "--name",
            f"{POD}-gateway",
            "--user",
            user(parts["gateway"]),
            *mount,
            image.GATEWAY,
            *parts["gateway"]["command"],
        )
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", parts
    finally:
        podman("pod", "rm", "--force", "--time", 0, POD, check=False)


def user(container: dict) -> str:
    return f"{container['securityContext']['runAsUser']}:{container['securityContext']['runAsGroup']}"


def test_a_pod_gets_ready_serves_and_drains(podman, pod):
    public, internal, parts = pod

    def logs() -> str:
        return "".join(podman("logs", f"{POD}-{name}").stdout[-3000:] for name in parts)

    # the probes, as the kubelet would
    wait_until(lambda: answers(f"{internal}{parts['gateway']['readinessProbe']['httpGet']['path']}", method="GET"), 20, logs)
    start = parts["torchserve"]["startupProbe"]["exec"]["command"]
    assert not answers(f"{internal}/ready", method="GET")
    wait_until(lambda: podman("exec", f"{POD}-torchserve", *start, check=False).returncode == 0, 120, logs)
    for probe in ("readinessProbe", "livenessProbe"):
        assert answers(f"{internal}{parts['torchserve'][probe]['httpGet']['path']}", method="GET")

    # a prediction through the gateway, and none without a key
    predict = f"{public}/predictions/face"
    assert requests.post(predict, data=PHOTO, timeout=30).status_code == 401
    assert requests.post(predict, data=bytes(20_000_000), headers={"X-Api-Key": KEY}, timeout=30).status_code == 413
    answer = requests.post(predict, data=PHOTO, headers={"X-Api-Key": KEY, "describe": "True"}, timeout=30)
    assert answer.json()["verdict"] in ("ai", "real", "uncertain")
    assert "face_verdicts_total" in requests.get(f"{internal}/metrics", timeout=30).text

    # the end, as the kubelet brings it: preStop, then the signal; requests go on coming until preStop is over
    outcomes: list[int | str] = []
    over = threading.Event()

    def keep_asking() -> None:
        session = requests.Session()
        while not over.wait(0.06):  # four clients stay below the rate that the gateway allows one key, however fast the machine
            try:
                outcomes.append(session.post(predict, data=PHOTO, headers={"X-Api-Key": KEY}, timeout=30).status_code)
            except requests.RequestException as error:
                outcomes.append(repr(error))

    clients = [threading.Thread(target=keep_asking) for _ in range(4)]
    for client in clients:
        client.start()
    podman("exec", f"{POD}-gateway", *parts["gateway"]["lifecycle"]["preStop"]["exec"]["command"])
    over.set()
    podman("stop", "--time", 30, f"{POD}-gateway")
    for client in clients:
        client.join(60)
    assert len(outcomes) > 20
    assert set(outcomes) == {200}
    assert podman("inspect", "--format", "{{.State.ExitCode}}", f"{POD}-gateway").stdout.strip() == "0"
    # TorchServe, whose own preStop is longer, is still there, and goes at its signal
    assert podman("inspect", "--format", "{{.State.Running}}", f"{POD}-torchserve").stdout.strip() == "true"
    started = time.monotonic()
    podman("stop", "--time", 30, f"{POD}-torchserve")
    assert time.monotonic() - started < 20


def test_a_broken_archive_never_gets_ready(podman, pod, tmp_path):
    _, internal, parts = pod
    podman("rm", "--force", "--time", 0, f"{POD}-torchserve")
    (tmp_path / "face.mar").write_bytes(b"PK\x03\x04 this is no archive")
    mount = f"{tmp_path / 'face.mar'}:/app/model_store/face.mar:ro"
    name = f"{POD}-broken"
    podman(
        "run",
        "--detach",
        "--pod",
        POD,
        *RESTRICTED,
        "--name",
        name,
        "--volume",
        mount,
        image.SERVICE,
        *parts["torchserve"]["args"],
    )
    start = parts["torchserve"]["startupProbe"]["exec"]["command"]
    # TorchServe itself is well, and takes requests for a worker that dies again and again
    wait_until(lambda: answers(f"{internal}/live", method="GET"), 30, lambda: podman("logs", name).stdout)
    for _ in range(2):
        assert podman("exec", name, *start, check=False).returncode != 0
        assert not answers(f"{internal}/ready", method="GET")

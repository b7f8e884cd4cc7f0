"""The load test of the cluster, as its Job runs it: it passes on a service without fault, and fails on one with."""

import subprocess
import sys
import threading

import pytest

from config.server import ROOT
from tests.k8s.rendering import of_kind, render
from tests.load.stub import StubServer

KEY = "d4" * 16


@pytest.mark.parametrize("every, code", [(0, 0), (10, 1)])
def test_a_request_that_fails_fails_the_job(tmp_path, every, code):
    """The ConfigMap's files are all that the Job has of the repository."""
    manifests = render("load-test")
    (files,) = (item["data"] for name, item in of_kind(manifests, "ConfigMap").items() if name.startswith("face-load-test"))
    pod = of_kind(manifests, "Job")["face-load-test"]["spec"]["template"]["spec"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "key").write_text(KEY + "\n")
    server = StubServer(fault="failed", every=every, key=KEY)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    photos = str(tmp_path / "photos")
    changes = {
        "/load-test/photos.py": str(tmp_path / "photos.py"),
        "/load-test/locustfile.py": str(tmp_path / "locustfile.py"),
        "/app/config/sample/astronaut.jpg": str(ROOT / "config" / "sample" / "astronaut.jpg"),
        "/photos": photos,
        "--photos=/photos": f"--photos={photos}",
        "--api-key-file=/key/key": f"--api-key-file={tmp_path / 'key'}",
        "--host=http://face": f"--host={server.url}",
        "--seconds=120": "--seconds=4",
    }

    def here(words: list[str]) -> list[str]:
        return [changes.get(word, word) for word in words]

    try:
        python, *arguments = here(pod["initContainers"][0]["command"])
        assert python == "python"
        subprocess.run([sys.executable, *arguments], cwd=tmp_path, check=True, timeout=60)
        command = [sys.executable, "-m", "locust", *here(pod["containers"][0]["args"])]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=90)
    finally:
        server.shutdown()
        server.server_close()
    assert told.returncode == code, told.stdout + told.stderr
    assert sum(server.asked.values()) > 40
    assert server.asked.keys() == {"/predictions/face", "/explanations/face"}

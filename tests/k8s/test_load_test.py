"""The load test of the cluster: it passes when every request gets a verdict, and fails when one does not."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from config.server import ROOT
from tests.k8s.rendering import K8S

FOLDER = K8S / "components" / "load-test"
KEY = "d4" * 16


class Service(BaseHTTPRequestHandler):
    """Answers with a verdict, but every `failing`-th request by an error; refuses those without the key."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.path)
        known = self.headers["X-Api-Key"] == KEY
        fails = self.server.failing and len(self.server.asked) % self.server.failing == 0
        body = json.dumps({"verdict": "real"}).encode()
        self.send_response(401 if not known else 503 if fails else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


@pytest.mark.parametrize("failing, code", [(0, 0), (10, 1)])
def test_one_lost_request_fails_the_job(tmp_path, failing, code):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.failing, server.asked = failing, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "key").write_text(KEY + "\n")
    (container,) = yaml.safe_load((FOLDER / "job.yaml").read_text())["spec"]["template"]["spec"]["containers"]
    changes = {
        "/load-test/locustfile.py": str(FOLDER / "locustfile.py"),
        "http://face": f"http://127.0.0.1:{server.server_port}",
        "2m": "4s",
    }
    arguments = [changes.get(argument, argument) for argument in container["args"]]
    photo = ROOT / "config" / "sample" / "astronaut.jpg"
    environment = os.environ | {"FACE_PHOTO": str(photo), "FACE_API_KEY_FILE": str(tmp_path / "key")}
    try:
        told = subprocess.run(
            [sys.executable, "-m", "locust", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=90,
        )
    finally:
        server.shutdown()
        server.server_close()
    assert told.returncode == code, told.stderr[-2000:]
    assert len(server.asked) > 20
    assert set(server.asked) == {"/predictions/face", "/explanations/face"}

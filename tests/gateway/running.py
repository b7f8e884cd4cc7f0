"""A gateway under test, and the server behind it that stands in for TorchServe and tells what reached it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from config.server import ROOT
from tests.ports import free_port
from tests.waiting import wait_until

KEYS = {"alice": "a1" * 16, "bob": "b2" * 32}
UPSTREAM_ID = "id-of-torchserve"


class Upstream(ThreadingHTTPServer):
    """Answers every request with what it was: method, path, headers, length. `status` and `delay` (seconds) can be set."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int):
        super().__init__(("127.0.0.1", port), Echo)
        self.status, self.delay, self.seen = 200, 0.0, []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Echo(BaseHTTPRequestHandler):
    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {"method": self.command, "path": self.path, "headers": list(self.headers.items()), "length": len(body)}
        self.server.seen.append(told)
        time.sleep(self.server.delay)
        text = json.dumps(told).encode()
        self.send_response(self.server.status)
        for name, value in (
            ("Content-Type", "application/json"),
            ("x-request-id", UPSTREAM_ID),
            ("Content-Length", str(len(text))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_) -> None:
        pass


class Gateway:
    """`python -m config.gateway.run` in a process group of its own.

    Args:
        folder: gets its keys, its log and its run.
    """

    def __init__(self, folder: Path, torchserve_port: int, *options: str):
        self.port = free_port()
        self.url, self.internal = (f"http://127.0.0.1:{self.port + offset}" for offset in range(2))
        self.tls_url = f"https://127.0.0.1:{self.port + 2}"
        self.keys, self.log, self.run_dir = folder / "clients.map", folder / "gateway.log", folder / "run"
        self.write_keys(KEYS)
        command = [sys.executable, "-m", "config.gateway.run", "--keys", str(self.keys), "--run-dir", str(self.run_dir)]
        command += ["--port", str(self.port), "--internal-port", str(self.port + 1), "--tls-port", str(self.port + 2)]
        command += ["--torchserve-port", str(torchserve_port), *options]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        wait_until(self.answers, 20, lambda: self.log.read_text())

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.internal}/gateway", timeout=2).ok
        except requests.ConnectionError:
            return False

    def write_keys(self, keys: dict[str, str]) -> None:
        self.keys.write_text("".join(f"{key} {name};\n" for name, key in keys.items()))

    def predict(self, body=b"x", key: str | None = KEYS["alice"], **options) -> requests.Response:
        options.setdefault("headers", {"X-Api-Key": key} if key else {})
        return requests.post(f"{self.url}/predictions/face", data=body, timeout=30, **options)

    def logged(self, count: int) -> list[dict]:
        """The first `count` lines of the access log, which are written after the answers; the error log is plain text."""

        def lines() -> list[str]:
            return [line for line in self.log.read_text().splitlines() if line.startswith("{")]

        wait_until(lambda: len(lines()) >= count, 5)
        return [json.loads(line) for line in lines()[:count]]

    def stop(self) -> None:
        """A stop as the kubelet does it; what is left after a while is killed."""
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

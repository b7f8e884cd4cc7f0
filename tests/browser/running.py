"""The demo page under test, and what stands between it and the service."""

import os
import subprocess
import sys
from pathlib import Path

import requests

from client.demo import connection
from config.server import ROOT, Server
from tests.client.stub import Reply, Request, Stub
from tests.ports import free_port
from tests.waiting import wait_until

PASSED_ON = ("content-type", "accept", "x-explain-target")


class Relay(Stub):
    """Passes requests on to a real TorchServe, inference and management alike, until a test sets another `answer`."""

    def __init__(self, torchserve: Server):
        super().__init__()
        self.torchserve = torchserve
        self.connect()

    def connect(self) -> None:
        """Answers with the service's own answers again."""
        self.answer = self.pass_on

    def pass_on(self, request: Request) -> Reply:
        base = self.torchserve.management if request.path.startswith("/models") else self.torchserve.inference
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        response = requests.request(request.method, base + request.path, data=request.body, headers=headers, timeout=60)
        return Reply(response.status_code, response.content)


class DemoPage:
    """`python -m client.demo` as a process.

    Args:
        service: of inference and, as there is one address only, of management.
        log: file that gets its output.
    """

    def __init__(self, service: str, log: Path):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "client.demo", "--port", str(port), "--service", service, "--management", service]
        environment = {name: value for name, value in os.environ.items() if name != connection.KEY}
        with open(log, "wb") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=environment)
        wait_until(self.answers, 120, log.read_text)

    def answers(self) -> bool:
        assert self.process.poll() is None, "the page ended by itself"
        try:
            return requests.get(f"{self.url}/_stcore/health", timeout=2).ok
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()

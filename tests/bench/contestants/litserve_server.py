"""LitServe with stacked batches, as its documentation on batching has it."""

import base64
import json
import subprocess
import sys

from tests.bench.connection import message
from tests.bench.contestants.contestant import HttpContestant, batching
from tests.bench.plan import LITSERVE
from tests.bench.processes import start


class LitServer(HttpContestant):
    name = LITSERVE
    description = (
        "LitServe, a worker and an API server a core, stacked batches of 8, 5 ms timeout; model, threads and preprocessing as "
        "FastAPI's; base64 in JSON, as in its documentation"
    )
    packages = ("litserve",)

    def launch(self) -> subprocess.Popen:
        size, delay_ms = batching()
        command = [sys.executable, "-m", "tests.bench.peers.litserve_app", "--port", str(self.port)]
        command += ["--workers", str(self.workers), "--batch", str(size), "--timeout", str(delay_ms / 1000)]
        return start(command, environment=self.environment(), log=self.log)

    def request(self, kind: str, photo: bytes) -> bytes:
        body = json.dumps({"image_data": base64.b64encode(photo).decode()}).encode()
        return message(self.path, body, {"Content-Type": "application/json"})

    def some_ready(self) -> bool:
        return self.all_ready()

    def all_ready(self) -> bool:
        """LitServe is healthy when every worker is set up; it does not tell of one."""
        return self.get("/health") == 200

"""FastAPI on uvicorn, a process a core, as FastAPI's documentation on server workers has it."""

import subprocess
import sys

from tests.bench.connection import HOST
from tests.bench.contestants.contestant import HttpContestant
from tests.bench.plan import FASTAPI
from tests.bench.processes import start

STARTED = "Application startup complete"  # what uvicorn logs for each worker
PATIENCE = 3600  # seconds; the supervisor must not take a paused worker for a hung one


class FastApiServer(HttpContestant):
    name = FASTAPI
    description = (
        "FastAPI on uvicorn (uvloop, httptools, no access log), a process a core; torch eager channels_last ResNet-18 fp32 "
        "with random weights, 1 thread, in a thread pool; Resize 256, CenterCrop 224, Normalize; raw JPEG body"
    )
    packages = ("fastapi", "uvicorn", "uvloop", "httptools")

    def launch(self) -> subprocess.Popen:
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "tests.bench.peers.fastapi_app:app",
            "--host",
            HOST,
            "--port",
            str(self.port),
        ]
        command += ["--workers", str(self.workers), "--no-access-log", "--timeout-worker-healthcheck", str(PATIENCE)]
        return start(command, environment=self.environment(), log=self.log)

    def ready_workers(self) -> int:
        return self.log.read_text(errors="replace").count(STARTED)

    def some_ready(self) -> bool:
        return self.ready_workers() >= 1

    def all_ready(self) -> bool:
        return self.ready_workers() >= self.workers

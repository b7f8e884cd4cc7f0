"""A server whose versions come and go, and `face` on it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from config.server import ROOT, Server
from tests.pictures import no_face, portrait

FACE = [sys.executable, "-m", "client"]
WORKERS = 2
NOISE = ["--max-slowdown", "20"]  # the machine may do other things meanwhile
QUICK = ["--watch", "2", *NOISE]


def versions(server: Server) -> dict[str, int]:
    """READY workers by version."""
    entries = requests.get(f"{server.management}/models/face/all", timeout=10).json()
    return {entry["modelVersion"]: sum(worker["status"] == "READY" for worker in entry["workers"]) for entry in entries}


def register(server: Server, mar: Path) -> None:
    """Registers a version by hand, with one worker."""
    options = {"url": mar.name, "initial_workers": 1, "synchronous": "true"}
    requests.post(f"{server.management}/models", params=options, timeout=120).raise_for_status()


def default(server: Server) -> str:
    return requests.get(f"{server.management}/models/face", timeout=10).json()[0]["modelVersion"]


class Face:
    """Runs `face` against the server with notes of its own and a golden set of two."""

    def __init__(self, server: Server, folder: Path):
        golden = folder / "golden"
        golden.mkdir()
        (golden / "portrait.jpg").write_bytes(portrait())
        (golden / "room.png").write_bytes(no_face())
        urls = {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management, "FACE_METRICS_URL": server.metrics}
        own = {"XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "250", "PYTHONPATH": str(ROOT)}
        self.options = {"env": os.environ | urls | own, "cwd": folder, "text": True}
        self.golden = ["--golden", str(golden)]
        self.notes = folder / "state" / "face"

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        done = subprocess.run([*FACE, *map(str, arguments)], capture_output=True, timeout=300, check=False, **self.options)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def rollout(self, mar: Path, *options: str) -> subprocess.CompletedProcess:
        return self("rollout", mar, *self.golden, *(options or QUICK))

    def start(self, *arguments: str | Path) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*FACE, *map(str, arguments)], **pipes, **self.options)

    def killed_at(self, words: str, *arguments: str | Path, after: float = 0.0) -> None:
        """Starts it and kills it so long after a line with these words."""
        process = self.start(*arguments)
        watchdog = threading.Timer(300, process.kill)
        watchdog.start()
        lines = []
        try:
            assert any(lines.append(line) or words in line for line in process.stderr), f"never came to {words!r}: {lines}"
            time.sleep(after)
        finally:
            watchdog.cancel()
            process.kill()
            process.communicate()


def told(done: subprocess.CompletedProcess) -> dict:
    return json.loads(done.stdout)

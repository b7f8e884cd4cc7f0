"""A TorchServe process of this project, as a parent sees it: started, waited for, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

MODEL = "face"
ROOT = Path(__file__).parents[1]


class ServerError(Exception):
    """The server did not come up; the message says why, with the end of its log."""


class Server:
    """Starts TorchServe with `config/start.py` in a process group of its own.

    Args:
        port: inference; management and metrics listen on the next two.
        log: file that gets the server's output.
        options: further arguments of `config/start.py`.
    """

    def __init__(
        self, *, port: int, models: list[str], model_store: Path, run_dir: Path, log: Path, options: list[str] | None = None
    ):
        if not 0 < port <= 65_531:
            raise ServerError(f"{port} is no port with four more above it")
        for busy in range(port, port + 5):
            if not is_free(busy):
                raise ServerError(f"port {busy} is taken: choose another one with PORT=... (five in a row are used)")
        self.inference, self.management, self.metrics = (f"http://127.0.0.1:{port + offset}" for offset in range(3))
        self.log = log
        command = [sys.executable, "-m", "config.start", "--port", str(port), "--model-store", str(model_store)]
        command += ["--run-dir", str(run_dir), "--models", *models, *(options or [])]
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Returns once every worker of every version is READY.

        Raises:
            ServerError: the server ended, or took longer.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerError(f"TorchServe ended with exit code {self.process.returncode}.\n{self.log_end()}")
            if self.workers_ready():
                return
            time.sleep(0.1)
        raise ServerError(f"no worker was READY after {seconds:.0f} s.\n{self.log_end()}")

    def workers(self) -> list[dict]:
        """The workers of all versions, as the management API describes them; [] while it does not answer."""
        try:
            versions = requests.get(f"{self.management}/models/{MODEL}/all", timeout=5).json()
        except (requests.RequestException, ValueError):
            return []
        return [worker for version in versions for worker in version["workers"]] if isinstance(versions, list) else []

    def workers_ready(self) -> bool:
        workers = self.workers()
        return bool(workers) and all(worker["status"] == "READY" for worker in workers)

    def stop(self, seconds: float = 20) -> None:
        """SIGTERM, and SIGKILL for what is left of the process group after `seconds`."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        deadline = time.monotonic() + 5  # workers end by themselves when their server is gone
        while time.monotonic() < deadline and group_lives(self.process.pid):
            time.sleep(0.05)
        if group_lives(self.process.pid):
            os.killpg(self.process.pid, signal.SIGKILL)

    def log_end(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""What every contestant can do: start, take a load, be paused, stop."""

import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import requests
import yaml

from config.cores import usable_cores
from config.start import environment
from tests.bench import load
from tests.bench.connection import HOST, message
from tests.bench.plan import Cell
from tests.bench.processes import ProcessGroup
from tests.ports import free_port
from training.archive import MODEL_CONFIG

START_TIMEOUT = 180  # seconds
POLL = 0.05  # seconds


class StartError(Exception):
    """A contestant did not come up; the message ends with its log."""


def batching() -> tuple[int, int]:
    """Images a batch and ms of waiting for company: the service's own, used for every contestant that batches."""
    settings = yaml.safe_load(MODEL_CONFIG.read_text())
    return settings["batchSize"], settings["maxBatchDelay"]


class Contestant(ABC):
    """One way to do the work, in processes of its own.

    Args:
        archive: the service's .mar.
        folder: for logs and temporary files; a short path, because Unix sockets are made in it.

    Attributes:
        name: in tables and on the command line.
        description: what it does and how it is configured, in a line.
        packages: what must be installed for it, beyond what the service needs.
    """

    name: str
    description: str
    packages: tuple[str, ...] = ()

    def __init__(self, archive: Path, folder: Path):
        self.archive = archive
        self.folder = folder
        self.log = folder / "log.txt"
        self.workers = usable_cores()
        self.group: ProcessGroup | None = None

    def prepare(self) -> None:  # noqa: B027 - most have nothing to do
        """What is done once, before it can start: not part of its start time."""

    @abstractmethod
    def launch(self) -> subprocess.Popen:
        """Starts the processes and returns their parent, the leader of a process group."""

    @abstractmethod
    def some_ready(self) -> bool:
        """Whether a worker is ready."""

    @abstractmethod
    def all_ready(self) -> bool:
        """Whether every worker is."""

    @abstractmethod
    def answers(self, photo: bytes) -> bool:
        """Whether one prediction succeeds."""

    @abstractmethod
    def measure(self, cell: Cell, photos: list[bytes], *, warm_up: float, seconds: float) -> load.Load:
        """Puts one load on it."""

    def start(self, photo: bytes) -> dict[str, float]:
        """Starts it and waits until every worker is ready.

        Returns:
            `ready_s` and `answer_s`: seconds from the process's start to its first ready worker, and to its first prediction.

        Raises:
            StartError: it ended, or took too long.
        """
        self.prepare()
        began = time.monotonic()
        self.group = ProcessGroup(self.launch(), self.workers)
        ready = self.wait(self.some_ready) - began
        answer = self.wait(lambda: self.answers(photo)) - began
        self.wait(self.all_ready)
        return {"ready_s": round(ready, 2), "answer_s": round(answer, 2)}

    def wait(self, condition: Callable[[], bool]) -> float:
        """The time at which a condition came true."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if condition():
                return time.monotonic()
            if self.group.process.poll() is not None:
                raise StartError(f"{self.name} ended with exit code {self.group.process.returncode}.\n{self.log_end()}")
            time.sleep(POLL)
        raise StartError(f"{self.name} was not ready after {START_TIMEOUT} s.\n{self.log_end()}")

    def stop(self) -> None:
        if self.group:
            self.group.stop()

    def environment(self) -> dict[str, str]:
        """For processes of one thread each that keep their temporary files in the contestant's folder."""
        return environment(threads=1) | {"TMPDIR": str(self.folder)}

    def log_end(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class HttpContestant(Contestant):
    """A server on a free loopback port."""

    path = "/predict"

    def __init__(self, archive: Path, folder: Path):
        super().__init__(archive, folder)
        self.port = free_port()

    def request(self, kind: str, photo: bytes) -> bytes:
        """A request of a kind, as it goes over the wire."""
        return message(self.path, photo, {"Content-Type": "image/jpeg"})

    def answers(self, photo: bytes) -> bool:
        return not load.run(load.closed_loop, self.port, [self.request("predict", photo)], concurrency=1, limit=1).errors

    def measure(self, cell: Cell, photos: list[bytes], *, warm_up: float, seconds: float) -> load.Load:
        bodies = [self.request(cell.kind, photo) for photo in photos]
        return load.run(load.closed_loop, self.port, bodies, concurrency=cell.concurrency, warm_up=warm_up, seconds=seconds)

    def get(self, path: str) -> int:
        """The status of a GET; 0 where nobody listens yet."""
        try:
            return requests.get(f"http://{HOST}:{self.port}{path}", timeout=5).status_code
        except requests.RequestException:
            return 0

"""The service that faults are done to: a real TorchServe with the shipped release, and the real gateway in front of it."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from config.serve import STORE, newest_release
from config.server import ROOT, Server, group_lives
from tests.gateway.running import Gateway
from tests.ports import free_port
from tests.waiting import wait_until
from training.archive import archive

WORKERS = 2  # so that one is left when one fails
START = 120  # seconds that a start may take on a busy machine


class Service:
    """Starts both, waits until they are ready, and stops all that they started.

    Args:
        folder: gets the model store, the logs and all that the two write.
        release: folder of the release (default: the newest of model_store/).
        environment: variables for TorchServe and its workers.
    """

    def __init__(self, folder: Path, *, release: Path | None = None, environment: dict[str, str] | None = None):
        self.store = folder / "store"
        self.mar = archive(release or newest_release(STORE), self.store / "face.mar")
        self.log = folder / "server.log"
        self.server_port = port = free_port()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environment or {}).items():
                patch.setenv(name, value)
            self.server = Server(
                port=port,
                models=[self.mar.name],
                model_store=self.store,
                run_dir=folder / "torchserve",
                log=self.log,
                options=["--workers", str(WORKERS), "--threads", "1"],
            )
        self.environment = os.environ | (environment or {})
        self.gateway = None
        try:
            self.server.wait_until_ready(START)
            self.gateway = Gateway(folder, port)
        except BaseException:
            self.stop()
            raise

    @property
    def java(self) -> int:
        return self.server.process.pid

    def workers(self) -> list[int]:
        """The process ids of the workers that live."""
        try:
            return [child.pid for child in psutil.Process(self.java).children() if child.status() != psutil.STATUS_ZOMBIE]
        except psutil.NoSuchProcess:
            return []

    def ready(self) -> bool:
        """Whether all workers are READY, and one answers through the gateway."""
        with suppress(OSError):
            return len(self.server.workers()) == WORKERS and self.server.workers_ready() and self.gateway.answers()
        return False

    def kill_server(self) -> None:
        """As the kernel would: Java is gone at once."""
        self.server.process.kill()
        self.server.process.wait()

    def start_server(self) -> None:
        """What an operator's supervisor does: ends what is left of the former one and runs the same command again."""
        wait_until(lambda: not group_lives(self.java), 10)
        self.server.process = again(self.server.process, self.log, self.environment)

    def stop_gateway(self, number: int = signal.SIGKILL) -> None:
        """Ends the gateway with all its processes."""
        os.killpg(self.gateway.process.pid, number)
        self.gateway.process.wait(30)
        wait_until(lambda: not group_lives(self.gateway.process.pid), 30)

    def start_gateway(self) -> None:
        self.gateway.process = again(self.gateway.process, self.gateway.log, dict(os.environ))

    def stop(self) -> None:
        for number in self.workers():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)  # a stopped one would not hear that it is to end
        try:
            if self.gateway:
                self.gateway.stop()
        finally:
            self.server.stop()


def again(process: subprocess.Popen, log: Path, environment: dict[str, str]) -> subprocess.Popen:
    """Starts the command of a process that ended once more, with its output after that of the former."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            process.args,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

"""The limit: the service's own handler, taken from the same archive and called in a loop, with no server around it."""

import subprocess
import sys
import zipfile
from collections import Counter
from multiprocessing import Pipe
from pathlib import Path

from tests.bench.contestants.contestant import Contestant, batching
from tests.bench.contestants.face import HEADERS
from tests.bench.load import Load
from tests.bench.peers.in_process import Task
from tests.bench.plan import IN_PROCESS, PREDICT, Cell
from tests.bench.processes import start


class InProcess(Contestant):
    name = IN_PROCESS
    description = (
        "the archive's own FaceHandler called in a loop: one process and single images for one client, else a process a core "
        "and full batches of model-config.yaml; no HTTP, no metrics, no logs"
    )

    def __init__(self, archive: Path, folder: Path):
        super().__init__(archive, folder)
        self.ready = 0

    def prepare(self) -> None:
        self.model_dir = self.folder / "model"
        with zipfile.ZipFile(self.archive) as file:
            file.extractall(self.model_dir)

    def launch(self) -> subprocess.Popen:
        self.channel, theirs = Pipe()
        command = [sys.executable, "-m", "tests.bench.peers.in_process", "--model-dir", str(self.model_dir)]
        command += ["--workers", str(self.workers), "--channel", str(theirs.fileno())]
        process = start(command, environment=self.environment(), log=self.log, pass_fds=[theirs.fileno()])
        theirs.close()
        return process

    def some_ready(self) -> bool:
        """Each worker sends one message when it is ready."""
        try:
            while self.ready < self.workers and self.channel.poll():
                self.channel.recv()
                self.ready += 1
        except EOFError:  # it ended; `wait` sees that, too
            pass
        return self.ready >= 1

    def all_ready(self) -> bool:
        return self.some_ready() and self.ready >= self.workers

    def answers(self, photo: bytes) -> bool:
        self.wait(self.all_ready)
        return not self.ask(Task({}, [photo], processes=1, batch=1, warm_up=0, seconds=0)).errors

    def measure(self, cell: Cell, photos: list[bytes], *, warm_up: float, seconds: float) -> Load:
        alone = cell.concurrency == 1
        headers = HEADERS[cell.kind] | ({} if cell.kind == PREDICT else {"explain": "True"})
        processes, batch = (1, 1) if alone else (self.workers, batching()[0])
        return self.ask(Task(headers, photos, processes, batch, warm_up, seconds))

    def ask(self, task: Task) -> Load:
        try:
            self.channel.send(task)
            return self.channel.recv()
        except (EOFError, OSError):
            return Load(task.seconds, errors=Counter({"the processes ended": 1}))

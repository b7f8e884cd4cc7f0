"""A process group that the bench started: its memory, its CPU time, and its end."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.server import ROOT, group_lives

MB = 1e6


@dataclass(frozen=True)
class Memory:
    """Memory in MB.

    Attributes:
        parent: resident, of the process that was started (for TorchServe, Java).
        workers: resident, of the largest processes below it, as many as there are workers.
        total: of all processes together, with what they share counted once (proportional set size).
    """

    parent: float
    workers: list[float]
    total: float


class ProcessGroup:
    """A process and all that it starts.

    Args:
        process: started with `start_new_session=True`, so that its group is its own.
        workers: how many processes do the work.
    """

    def __init__(self, process: subprocess.Popen, workers: int):
        self.process = process
        self.workers = workers

    def members(self) -> list[psutil.Process]:
        try:
            parent = psutil.Process(self.process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_seconds(self) -> float:
        """CPU time so far, of the processes that live."""
        return sum(sum(times[:2]) for times in self.read("cpu_times"))

    def memory(self) -> Memory:
        sizes = [info.rss / MB for info in self.read("memory_info")]
        below = sorted(sizes[1:], reverse=True)
        total = sum(info.pss / MB for info in self.read("memory_full_info"))
        return Memory(round(sizes[0], 1), [round(size, 1) for size in below[: self.workers]], round(total, 1))

    def read(self, method: str) -> list:
        values = []
        for member in self.members():
            try:
                values.append(getattr(member, method)())
            except psutil.NoSuchProcess:
                continue
        return values

    def pause(self) -> None:
        """Stops the group where it stands. Some servers poll while they are idle: one that is not measured must not."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        if group_lives(self.process.pid):
            os.killpg(self.process.pid, number)

    def stop(self, seconds: float = 20) -> None:
        """SIGTERM to the whole group, and SIGKILL to what is left of it after `seconds`."""
        self.resume()  # a paused process would not hear of it
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.05)
        while time.monotonic() < deadline and group_lives(self.process.pid):
            time.sleep(0.05)
        self.signal(signal.SIGKILL)
        self.process.wait()


def start(command: list[str], *, environment: dict[str, str], log: Path, **pipes) -> subprocess.Popen:
    """Starts a command in a process group of its own, in the repository's folder, with its output in `log`."""
    with open(log, "wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output} | pipes
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=output, start_new_session=True, **streams)

"""The disk that logs, unpacked archives and waiting bodies are written to is full, and a worker dies on top of it."""

import os
import signal
import subprocess
from pathlib import Path

import requests

from tests.chaos.fault import Fault
from tests.chaos.service import Service
from tests.folders import Folder
from tests.gateway.running import KEYS

SIZE = "400m"  # of the disk: for the archive, its unpacked copy, and little else
LARGE = 2 * 2**20  # bytes of a body that the gateway cannot hold in memory


class SmallDisk(Folder):
    """A temporary folder that is a disk of its own, in memory."""

    def __enter__(self) -> Path:
        path = super().__enter__()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0711", "face-chaos", str(path)], check=True)
        return path

    def __exit__(self, *details) -> None:
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)
        super().__exit__(*details)


class FullDisk(Fault):
    title = "the disk is full, and a worker is killed"

    def missing(self) -> str | None:
        if os.geteuid() != 0:
            return "needs root, to mount a small disk"
        with Folder() as folder:
            tried = subprocess.run(["mount", "-t", "tmpfs", "face-chaos", str(folder)], capture_output=True, text=True)
            if tried.returncode:
                return f"a small disk cannot be mounted here: {tried.stderr.strip()}"
            subprocess.run(["umount", str(folder)], check=True)
        return None

    def folder(self) -> Folder:
        return SmallDisk()

    def inject(self, service: Service) -> None:
        fill(service.store / "filling")
        os.kill(service.workers()[0], signal.SIGKILL)

    def notes(self, service: Service) -> list[str]:
        photo = bytes(LARGE)
        answer = requests.post(
            f"{service.gateway.url}/predictions/face", data=photo, headers={"X-Api-Key": KEYS["alice"]}, timeout=30
        )
        assert answer.status_code == 503, f"a body that must wait on disk is answered {answer.status_code}"
        assert answer.json()["code"] == "unavailable"
        return ["a photo above 512 kB gets 503 as long as the disk is full"]


def fill(file: Path) -> None:
    """Takes every byte that is left on the disk of a file."""
    with open(file, "wb", buffering=0) as filling:
        for size in (2**20, 4096, 1):
            try:
                while filling.write(bytes(size)) == size:
                    pass
            except OSError:
                continue

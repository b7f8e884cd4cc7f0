"""The files of the release vanish while it is served: the archive in the store, or what TorchServe unpacked of it."""

import os
import shutil
import signal
import time

import requests

from tests.chaos.fault import Fault
from tests.chaos.service import Service
from tests.waiting import wait_until

UNHEALTHY = 60  # seconds within which /ping must say so: maxRetryTimeoutInSec of model-config.yaml, and a start


class ArchiveGone(Fault):
    title = "the archive is deleted, and a worker is killed"

    def inject(self, service: Service) -> None:
        service.mar.unlink()
        os.kill(service.workers()[0], signal.SIGKILL)


class UnpackedGone(Fault):
    """A worker that dies cannot come back then. The other one answers until /ping fails, on which a supervisor starts anew."""

    title = "the unpacked release is deleted, and a worker is killed"

    def inject(self, service: Service) -> float:
        for folder in (service.log.parent / "torchserve" / "tmp" / "models").iterdir():
            shutil.rmtree(folder)
        os.kill(service.workers()[0], signal.SIGKILL)
        started = time.monotonic()
        wait_until(lambda: not requests.get(f"{service.gateway.internal}/live", timeout=10).ok, UNHEALTHY)
        self.noticed = time.monotonic() - started
        service.kill_server()
        service.start_server()
        return started + self.noticed

    def notes(self, service: Service) -> list[str]:
        return [
            f"one worker answered alone until /ping failed after {self.noticed:.0f} s; recovery counts from the restart then"
        ]

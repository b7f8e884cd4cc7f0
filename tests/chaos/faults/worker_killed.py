"""A worker is killed while it works, as by the kernel when memory runs out."""

import os
import signal

from tests.chaos.fault import Fault
from tests.chaos.service import Service


class WorkerKilled(Fault):
    title = "one of two workers is killed"

    def inject(self, service: Service) -> None:
        os.kill(service.workers()[0], signal.SIGKILL)


class AllWorkersKilled(Fault):
    title = "all workers are killed"

    def inject(self, service: Service) -> None:
        for number in service.workers():
            os.kill(number, signal.SIGKILL)

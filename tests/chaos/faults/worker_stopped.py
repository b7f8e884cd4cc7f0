"""A worker stands still and is not dead: only its silence tells."""

import os
import signal

from tests.chaos.fault import Fault
from tests.chaos.service import Service


class WorkerStopped(Fault):
    title = "a worker stands still (SIGSTOP)"

    def inject(self, service: Service) -> None:
        self.worker = service.workers()[0]
        os.kill(self.worker, signal.SIGSTOP)

    def over(self, service: Service) -> bool:
        return self.worker not in service.workers()

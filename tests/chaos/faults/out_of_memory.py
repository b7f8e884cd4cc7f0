"""A worker gets no more memory. (What the kernel does where a container's memory is at its end is `worker_killed`.)"""

import resource

import psutil

from tests.chaos.fault import Fault
from tests.chaos.service import Service


class AllocationRefused(Fault):
    title = "a worker's allocations are refused (RLIMIT_AS)"

    def inject(self, service: Service) -> None:
        self.worker = service.workers()[0]
        size = psutil.Process(self.worker).memory_info().vms
        resource.prlimit(self.worker, resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))

    def notes(self, service: Service) -> list[str]:
        return ["it stayed" if self.worker in service.workers() else "it was replaced"]

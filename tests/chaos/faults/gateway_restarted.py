"""The gateway takes up new settings, is restarted in order, or is killed and started again."""

import os
import signal

import psutil

from tests.chaos.fault import Fault
from tests.chaos.service import Service
from tests.waiting import wait_until


class GatewayReloaded(Fault):
    title = "the gateway reloads its settings"

    def inject(self, service: Service) -> None:
        (master,) = [child for child in psutil.Process(service.gateway.process.pid).children() if child.name() == "nginx"]
        workers = [child.pid for child in master.children()]
        os.kill(master.pid, signal.SIGHUP)
        wait_until(lambda: not set(workers) & {child.pid for child in master.children()}, 20)


class GatewayRestarted(Fault):
    title = "the gateway is stopped in order and started again"

    def inject(self, service: Service) -> None:
        service.stop_gateway(signal.SIGTERM)
        service.start_gateway()


class GatewayKilled(Fault):
    title = "the gateway is killed and started again"

    def inject(self, service: Service) -> None:
        service.stop_gateway(signal.SIGKILL)
        service.start_gateway()

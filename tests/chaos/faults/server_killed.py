"""TorchServe itself is killed, and its supervisor (Docker, Kubernetes, systemd) starts it again."""

from tests.chaos.fault import Fault
from tests.chaos.service import Service


class ServerKilled(Fault):
    title = "TorchServe is killed and started again"

    def inject(self, service: Service) -> None:
        service.kill_server()
        service.start_server()

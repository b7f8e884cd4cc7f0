"""Far more requests at once than queue and gateway take."""

import asyncio
from collections import Counter
from pathlib import Path

from tests.bench.connection import Connection, message
from tests.chaos.fault import Fault
from tests.chaos.service import Service
from tests.gateway.running import KEYS
from tests.pictures import portrait
from tests.waiting import wait_until

CROWD = {f"crowd{number}": f"{number:032x}" for number in range(3)}  # clients of the gateway
AT_ONCE = 450


class QueueOverflow(Fault):
    title = f"{AT_ONCE} requests at once"

    def service(self, folder: Path) -> Service:
        service = Service(folder)
        service.gateway.write_keys(KEYS | CROWD)
        wait_until(lambda: service.gateway.predict(b"", key=CROWD["crowd0"]).status_code != 401, 20)
        return service

    def inject(self, service: Service) -> None:
        headers = [{"X-Api-Key": key} for key in CROWD.values()]
        self.gateway = asyncio.run(crowd(service.gateway.port, headers))

    def notes(self, service: Service) -> list[str]:
        """The same without the gateway, where TorchServe's own queue refuses."""
        direct = asyncio.run(crowd(service.server_port, [{}]))
        for statuses in (self.gateway, direct):
            assert set(statuses) == {200, 503}, statuses
        return [f"gateway: {dict(self.gateway)}", f"TorchServe alone: {dict(direct)}"]


async def crowd(port: int, headers: list[dict[str, str]]) -> Counter[int]:
    """Statuses of that many requests, sent at the same time."""
    photo = portrait()
    requests = [message("/predictions/face", photo, header) for header in headers]

    async def one(number: int) -> int:
        connection = await Connection.open(port)
        try:
            return (await connection.ask(requests[number % len(requests)])).status
        finally:
            connection.close()

    return Counter(await asyncio.gather(*(one(number) for number in range(AT_ONCE))))

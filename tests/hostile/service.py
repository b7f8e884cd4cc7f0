"""The service under attack: one that is started here, or one that runs already; and what its workers show from outside."""

import argparse
import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from config.serve import STORE, newest_release
from config.server import MODEL, Server
from tests.folders import Folder
from tests.gateway.running import KEYS, Gateway
from tests.hostile.case import FRONT_DEFECTS, Case
from tests.hostile.client import Exchange, exchange
from tests.ports import free_port
from training.archive import archive

ATTEMPTS = 6  # at an input that is put off: an answer that stays the same is the input's own
LOG_LINE = re.compile(rb'^\{"time".*"stage_ms".*\}$', re.MULTILINE)


@dataclass(frozen=True)
class Worker:
    """A worker process as the kernel counts it: bytes of resident memory now and at most, and open descriptors."""

    pid: int

    def memory(self) -> int:
        return self._status("VmRSS")

    def peak(self) -> int:
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Lets the peak begin again at the present memory."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def cpu(self) -> float:
        """Seconds of CPU time so far."""
        return sum(psutil.Process(self.pid).cpu_times()[:2])

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def _status(self, name: str) -> int:
        line = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{self.pid}/status").read_text(), re.MULTILINE)
        if line is None:  # it has ended, and its parent has not looked yet
            raise ProcessLookupError(self.pid)
        return int(line[1]) * 1024


class Service:
    """Where requests go, and the workers behind it.

    Args:
        address: of the inference API, or of the gateway in front of it, `http://host:port`.
        management: of the management API; its workers are watched where it answers, their memory where they are processes here.
        log: file of the server's output, where it is ours.
        key: for the gateway, where the address is its own.

    Attributes:
        defects: answers that are excused, because they are known and nothing here can change them.
        put_off: answers of 429, and of 503 with Retry-After, after which an input was sent again.
    """

    def __init__(self, address: str, management: str, log: Path | None = None, key: str | None = None):
        self.address, self.management, self.log, self.key = address.rstrip("/"), management, log, key
        self.defects, self.put_off = frozenset() if key else FRONT_DEFECTS, Counter()
        self.host, port = self.address.removeprefix("http://").rsplit(":", 1)
        self.port = int(port)

    def fitted(self, case: Case) -> Case:
        """An input as this door has to be asked."""
        return case.for_gateway(self.key) if self.key else case

    async def ask(self, case: Case) -> Exchange:
        """Sends an input until it gets an answer of its own: what the gateway's limits say is about all of them.

        A worker that died is a 503, too: whether one did shows in `pids`.
        """
        came = await exchange(case, self.host, self.port)
        for _ in range(ATTEMPTS - 1):
            if not self.key or came.put_off is None:
                break
            self.put_off.update(outcome for outcome in came.outcomes if outcome.startswith(("429", "503")))
            await asyncio.sleep(came.put_off)
            came = await exchange(case, self.host, self.port)
        return came

    def pids(self) -> list[int]:
        """Of the workers of all versions, as the server knows them; [] where it does not say."""
        try:
            versions = requests.get(f"{self.management}/models/{MODEL}/all", timeout=10).json()
        except (requests.RequestException, ValueError):
            return []
        return sorted(worker["pid"] for version in versions for worker in version["workers"])

    def workers(self) -> list[Worker]:
        """Those whose memory can be read."""
        found = []
        for pid in self.pids():
            with suppress(OSError, TypeError):
                worker = Worker(pid)
                worker.peak()
                found.append(worker)
        return found

    def description(self) -> dict:
        """What the release says of itself; {} where the management API does not answer."""
        try:
            answer = requests.get(f"{self.management}/models/{MODEL}?customized=true", timeout=10).json()
        except (requests.RequestException, ValueError):
            return {}
        return answer[0].get("customizedMetadata", {}) if isinstance(answer, list) else {}


def add_arguments(cli: argparse.ArgumentParser, report: Path) -> None:
    """What every attack asks its user: which service, and where the report goes.

    Args:
        report: where it goes by default.
    """
    door = cli.add_mutually_exclusive_group()
    door.add_argument("--gateway", action="store_true", help="through the gateway, in front of the service that is started")
    door.add_argument("--service", help="address of the inference API of a service that runs (default: starts one)")
    cli.add_argument("--management", help="of that service, to watch its workers: http://127.0.0.1:8081")
    cli.add_argument("--release", type=Path, help="release folder of the service that is started (default: the newest one)")
    cli.add_argument("--report", type=Path, default=report, help="JSON file; its table goes beside it, as .md")


@contextmanager
def asked_for(arguments: argparse.Namespace) -> Iterator[Service]:
    """The service that the arguments name, or one of its own."""
    if arguments.service:  # the inference API answers no question about workers: without management, they are not seen
        yield Service(arguments.service, arguments.management or arguments.service)
    else:
        with started(arguments.release, gateway=arguments.gateway) as service:
            yield service


def write_report(path: Path, figures: dict, table: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")
    path.with_suffix(".md").write_text(table)


@contextmanager
def started(release: Path | None = None, workers: int | None = None, *, gateway: bool = False) -> Iterator[Service]:
    """A TorchServe of its own with a release; by default the newest one, on as many workers as the machine has cores.

    Args:
        gateway: whether to start one, too, and give its address.
    """
    release = release or newest_release(STORE)
    with Folder() as folder:
        mar = folder / f"{release.name}.mar"
        archive(release, mar)
        options = ["--workers", str(workers)] if workers else []
        server = Server(
            port=free_port(), models=[mar.name], model_store=folder, run_dir=folder, log=folder / "server.log", options=options
        )
        try:
            server.wait_until_ready(180)
            if gateway:
                with gateway_to(server, folder) as service:
                    yield service
            else:
                yield Service(server.inference, server.management, server.log)
        finally:
            server.stop()


@contextmanager
def gateway_to(server: Server, folder: Path) -> Iterator[Service]:
    """The service behind a gateway of its own, which writes to a folder that every user may enter."""
    gateway = Gateway(folder, int(server.inference.rpartition(":")[2]))
    try:
        yield Service(gateway.url, server.management, server.log, KEYS["alice"])
    finally:
        gateway.stop()

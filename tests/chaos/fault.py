"""What a fault is, how one is done, and what clients saw of it."""

import statistics
import time
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from config.server import ServerError
from tests.chaos.clients import Clients
from tests.chaos.service import Service
from tests.folders import Folder
from tests.waiting import wait_until

STEADY = 2.0  # seconds of quiet before a fault, and without any failure after it
SLOW = 5.0  # times the usual wait, and no less than a second: a request that waits for longer is part of the fault
FEW = 10  # requests, of which the usual wait is taken
WATCH = 60.0  # seconds in which the service must have recovered for the run to go on
RECOVERY = 15.0  # seconds: the limit
ANSWER = 15.0  # seconds within which every request has an answer, if it is only an error
# What tells a client to try again: 503, and a connection that was refused or cut
RETRYABLE = {"ok", "503", "ConnectionError", "ChunkedEncodingError"}


class Fault(ABC):
    """One thing that goes wrong. A subclass says what, and where it is needed what its operator does about it."""

    title: str

    def missing(self) -> str | None:
        """Why it cannot be done on this machine; None where it can."""
        return None

    def folder(self) -> AbstractContextManager[Path]:
        """Where the service may write."""
        return Folder()

    def service(self, folder: Path) -> Service:
        """The service that it is done to."""
        return Service(folder)

    @abstractmethod
    def inject(self, service: Service) -> float | None:
        """Does it; returns the moment from which recovery counts (of the monotonic clock) where that is a later one."""

    def over(self, service: Service) -> bool:
        """Whether it has come to its end, where the service's own state and the clients' waiting do not tell."""
        return True

    def notes(self, service: Service) -> list[str]:
        """What else was seen, checked by assertions; asked once the service has recovered."""
        return []


@dataclass
class Result:
    """What a fault did.

    Attributes:
        recovery: seconds from the fault until the last failure was over and all workers were READY; None where that never came.
        asked, failed: requests that were sent once, from the fault on; those that failed by outcome.
        without_retry_after: of those that failed with 503.
        slowest: seconds to an answer or an error, of any attempt that was not tried again.
        lost: photos for which the product's client had no answer in the end, by error code.
        retried: photos that it sent.
        unseen: what the fault should have shown and did not; the rest is empty then.
    """

    title: str
    recovery: float | None = None
    asked: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    without_retry_after: int = 0
    slowest: float = 0.0
    retried: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    hanging: int = 0
    notes: list[str] = field(default_factory=list)
    unseen: str | None = None
    skipped: str | None = None

    @property
    def broken(self) -> list[str]:
        """The promises that it broke."""
        return [] if self.skipped else [self.unseen] if self.unseen else self.late + self.wrong

    @property
    def late(self) -> list[str]:
        """Those about time, which a machine that does other work can break, too."""
        late = []
        if self.recovery is None:
            late.append(f"not recovered within {WATCH:g} s (limit {RECOVERY:g} s)")
        elif self.recovery > RECOVERY:
            late.append(f"recovered in {self.recovery:.1f} s (limit {RECOVERY:g} s)")
        if self.slowest > ANSWER:
            late.append(f"an answer took {self.slowest:.1f} s (limit {ANSWER:g} s)")
        return late

    @property
    def wrong(self) -> list[str]:
        """All others."""
        broken = []
        if final := set(self.failed) - RETRYABLE:
            broken.append(f"outcomes that tell nobody to try again: {sorted(final)}")
        if self.without_retry_after:
            broken.append(f"{self.without_retry_after} times 503 without Retry-After")
        if self.hanging:
            broken.append(f"{self.hanging} clients were never answered")
        if self.lost:
            broken.append(f"lost: {self.lost}")
        if not self.asked or not self.retried:
            broken.append("nobody asked")
        return broken

    def as_json(self) -> dict:
        return asdict(self) | {"broken": self.broken}


def run(fault: Fault) -> Result:
    """Does a fault to a service of its own, under clients."""
    if reason := fault.missing():
        return Result(fault.title, skipped=reason)
    with fault.folder() as folder:
        try:
            service = fault.service(folder)
        except ServerError as error:
            return Result(fault.title, unseen=f"the service did not start: {str(error).splitlines()[0]}")
        try:
            return observe(fault, service)
        except AssertionError as error:  # what should have been seen was not
            return Result(fault.title, unseen=str(error))
        finally:
            service.stop()


def observe(fault: Fault, service: Service) -> Result:
    with Clients(service.gateway.url) as clients:
        time.sleep(STEADY)
        wait_until(lambda: len(clients.requests) >= FEW, WATCH)
        begun = time.monotonic()
        slow = max(1.0, SLOW * statistics.median(request.seconds for request in clients.requests))
        before = [request for request in clients.requests if not request.ok]
        assert not before, f"failures before the fault: {before[:3]}"
        begun = fault.inject(service) or begun
        recovery = wait_for_recovery(fault, service, clients, begun, slow)
        notes = fault.notes(service)
    return summary(fault.title, clients, begun, recovery, notes)


def wait_for_recovery(fault: Fault, service: Service, clients: Clients, begun: float, slow: float) -> float | None:
    """Seconds from `begun` until all workers were READY, nobody waited, and no request failed; None if that never came."""
    ready = None

    def recovered() -> bool:
        nonlocal ready
        if not (fault.over(service) and service.ready()) or clients.waiting() > slow:
            ready = None
        elif ready is None:
            ready = time.monotonic()
        return ready is not None and time.monotonic() - max(ready, last_failure(clients, begun)) > STEADY

    try:
        wait_until(recovered, WATCH)
    except AssertionError:
        return None
    return max(ready, last_failure(clients, begun)) - begun


def last_failure(clients: Clients, begun: float) -> float:
    return max((request.done for request in list(clients.requests) if not request.ok), default=begun)


def summary(title: str, clients: Clients, begun: float, recovery: float | None, notes: list[str]) -> Result:
    after = [request for request in clients.requests if request.done >= begun]
    plain = [request for request in after if not request.retries]
    retried = [request for request in after if request.retries]
    return Result(
        title,
        recovery=recovery,
        asked=len(plain),
        failed=dict(Counter(request.outcome for request in plain if not request.ok)),
        without_retry_after=sum(request.outcome == "503" and request.retry_after is None for request in plain),
        slowest=max((request.seconds for request in plain), default=0.0),
        retried=len(retried),
        lost=dict(Counter(request.outcome for request in retried if not request.ok)),
        hanging=clients.hanging,
        notes=notes,
    )

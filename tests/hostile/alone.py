"""What one input costs a worker when nothing else is there: CPU time, and how far its memory rises."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.hostile.case import Case
from tests.hostile.families import bombs
from tests.hostile.service import Service


@dataclass(frozen=True)
class Cost:
    """Of one input.

    Attributes:
        cpu: seconds of the worker's CPU time, which other processes on the machine do not change.
        peak, kept: bytes above what the worker held before, at most and afterwards.
        seconds: until it was answered.
    """

    kind: str
    cpu: float
    peak: int
    kept: int
    seconds: float


def costs(service: Service, heaviest: list[Case]) -> list[Cost]:
    """Weighs every bomb and these others, one at a time; the one that needs most time first."""
    cases = {case.kind: case for case in (*bombs.every(), *heaviest)}
    found = []
    for case in cases.values():
        with suppress(OSError, psutil.NoSuchProcess):  # of a worker that is replaced meanwhile: the report says that one was
            found.append(weighed(service, case))
    return sorted(found, key=lambda cost: -cost.cpu)


def weighed(service: Service, case: Case) -> Cost:
    workers = service.workers()
    spent = sum(worker.cpu() for worker in workers)
    before = [worker.memory() for worker in workers]
    for worker in workers:
        worker.forget_peak()
    came = asyncio.run(service.ask(service.fitted(case)))
    rises = [worker.peak() - start for worker, start in zip(workers, before, strict=True)]
    kept = [worker.memory() - start for worker, start in zip(workers, before, strict=True)]
    spent = sum(worker.cpu() for worker in workers) - spent
    return Cost(case.kind, spent, max(rises, default=0), max(kept, default=0), came.seconds)

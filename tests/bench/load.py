"""Closed and open loops of requests over loopback."""

import asyncio
import itertools
import math
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.connection import Connection

PATIENCE = 120  # seconds after the end of a load in which its last answers must have come
RETRY = 0.05  # seconds of rest after a connection failed
OK = 200


@dataclass
class Load:
    """What a load brought.

    Attributes:
        seconds: length of the window that counts; what came before it was to warm up.
        latencies: in seconds, of the answers that count.
        errors: by status or exception, of all requests, warm-up included.
        answered: all answers of status 200, warm-up included.
        lag: of an open loop: how late each request was sent, in seconds.
    """

    seconds: float
    latencies: list[float] = field(default_factory=list)
    errors: Counter = field(default_factory=Counter)
    answered: int = 0
    lag: list[float] = field(default_factory=list)


async def ask(port: int, request: bytes, idle: list[Connection], errors: Counter) -> bool:
    """One request on an idle connection or a new one, which becomes idle again; whether it was answered with 200."""
    try:
        while idle and idle[-1].closed:  # in order, after so many answers or so long a rest: nothing was sent on it
            idle.pop()
        connection = idle.pop() if idle else await Connection.open(port)
        answer = await connection.ask(request)
    except OSError as error:
        errors[f"{type(error).__name__}: {error}"] += 1
        await asyncio.sleep(RETRY)
        return False
    if answer.status == OK:
        idle.append(connection)
        return True
    connection.close()  # as servers do after an error
    errors[str(answer.status)] += 1
    return False


async def closed_loop(
    port: int,
    requests: list[bytes],
    *,
    concurrency: int,
    warm_up: float = 0.0,
    seconds: float = math.inf,
    limit: float = math.inf,
) -> Load:
    """`concurrency` clients, each of which sends its next request when its last one is answered.

    Args:
        requests: sent in turn, again and again.
        warm_up, seconds: how long; answers that end in the last `seconds` count.
        limit: number of requests after which to stop.
    """
    load = Load(seconds)
    following = itertools.cycle(requests)
    numbers = itertools.count(1)
    start = time.monotonic() + warm_up
    end = start + seconds

    late: list[tuple[float, float]] = []

    async def client() -> None:
        idle: list[Connection] = []
        while time.monotonic() < end and next(numbers) <= limit:
            sent = time.monotonic()
            if await ask(port, next(following), idle, load.errors):
                load.answered += 1
                now = time.monotonic()
                if start <= now < end:
                    load.latencies.append(now - sent)
                elif now >= end:
                    late.append((now, now - sent))
        close(idle)

    async def all_clients() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(concurrency):
                tasks.create_task(client())

    await within(all_clients(), warm_up + seconds, load)
    if late and not load.latencies:  # an answer takes longer than the window: it is stretched
        load.seconds = max(finished for finished, _ in late) - start
        load.latencies = [latency for _, latency in late]
    return load


def schedule(rate: float, seconds: float, seed: int) -> list[float]:
    """Arrival times, in seconds from the start, of a Poisson process of `rate` a second; the same ones for the same seed."""
    chance = random.Random(seed)
    times, now = [], chance.expovariate(rate)
    while now < seconds:
        times.append(now)
        now += chance.expovariate(rate)
    return times


async def open_loop(port: int, requests: list[bytes], *, arrivals: list[float], warm_up: float, seconds: float) -> Load:
    """Requests that come when they come, whether the last ones are answered or not.

    A latency counts from the scheduled arrival, so that a server that stalls is charged with all that queued up meanwhile.

    Args:
        arrivals: as `schedule` gives them, for `warm_up + seconds`; the first `warm_up` seconds do not count.
    """
    load = Load(seconds)
    idle: list[Connection] = []
    start = time.monotonic()

    async def one(request: bytes, arrival: float) -> None:
        if arrival >= warm_up:
            load.lag.append(time.monotonic() - start - arrival)
        if await ask(port, request, idle, load.errors):
            load.answered += 1
            if arrival >= warm_up:
                load.latencies.append(time.monotonic() - start - arrival)

    async def all_arrivals() -> None:
        async with asyncio.TaskGroup() as tasks:
            for request, arrival in zip(itertools.cycle(requests), arrivals, strict=False):
                delay = start + arrival - time.monotonic()
                if delay > 0:
                    await asyncio.sleep(delay)
                tasks.create_task(one(request, arrival))
        close(idle)

    await within(all_arrivals(), warm_up + seconds, load)
    return load


async def within(work, seconds: float, load: Load) -> None:
    """Waits for a load; what is still unanswered long after its end is an error."""
    try:
        await asyncio.wait_for(work, None if seconds == math.inf else seconds + PATIENCE)
    except TimeoutError:
        load.errors[f"unanswered {PATIENCE} s after the end"] += 1


def close(connections: list[Connection]) -> None:
    for connection in connections:
        connection.close()


def run(loop: Callable, *arguments, **options) -> Load:
    """Runs one of the loops above in an event loop of its own."""
    return asyncio.run(loop(*arguments, **options))

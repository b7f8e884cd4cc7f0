"""The load generator, against a small server whose behaviour is known."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.bench.connection import message, parse_head
from tests.bench.load import closed_loop, open_loop, run, schedule

REQUEST = message("/", b"photo")


@contextmanager
def server(behaviour: Callable[[int], tuple[int, float]], *, told: str = "", per_connection: int = 0) -> Iterator[int]:
    """Answers each request, numbered from 0, by `behaviour(number)`: its status, and the seconds until then. Gives the port.

    Args:
        told: a header line of the last answer on a connection, which is closed after `per_connection` of them (0: never).
    """
    numbers = itertools.count()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for answered in itertools.count(1):
                await reader.readexactly(len(REQUEST))
                status, seconds = behaviour(next(numbers))
                await asyncio.sleep(seconds)
                last = answered == per_connection
                writer.write(f"HTTP/1.1 {status} Some words\r\n{told if last else ''}content-length: 2\r\n\r\nok".encode())
                if last:
                    writer.close()
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        async with listening:
            await ended.wait()

    listening = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def test_a_connection_that_is_closed_in_order_is_replaced():
    """As nginx closes one after a thousand answers, telling so in the last of them."""
    with server(lambda number: (200, 0.0), told="Connection: close\r\n", per_connection=3) as port:
        load = run(closed_loop, port, [REQUEST], concurrency=2, limit=50)
    assert (load.answered, load.errors) == (50, {})


def test_a_connection_that_was_closed_while_it_rested_is_replaced():
    """Each second request comes a while after the first, on whose connection nothing more will be answered."""
    with server(lambda number: (200, 0.0), per_connection=1) as port:
        load = run(open_loop, port, [REQUEST], arrivals=[0.0, 0.2, 0.4, 0.6], warm_up=0, seconds=1)
    assert (load.answered, load.errors) == (4, {})


def test_as_many_requests_are_under_way_as_there_are_clients():
    """20 ms an answer: one client gets at most 50 a second, four at most 200, however fast the machine is."""
    with server(lambda number: (200, 0.02)) as port:
        alone = run(closed_loop, port, [REQUEST], concurrency=1, seconds=0.5)
        four = run(closed_loop, port, [REQUEST], concurrency=4, seconds=0.5)
    assert 0 < len(alone.latencies) <= 25
    assert len(alone.latencies) < len(four.latencies) <= 100
    assert min(four.latencies) >= 0.02
    assert not four.errors


def test_a_limit_ends_a_closed_loop():
    with server(lambda number: (200, 0.0)) as port:
        assert run(closed_loop, port, [REQUEST], concurrency=3, limit=10).answered == 10


def test_every_status_but_200_is_an_error():
    with server(lambda number: (503 if number % 2 else 200, 0.0)) as port:
        load = run(closed_loop, port, [REQUEST], concurrency=1, limit=10)
    assert load.errors == {"503": 5}
    assert load.answered == 5


def test_a_server_that_is_gone_is_an_error():
    with server(lambda number: (200, 0.0)) as port:
        pass
    load = run(closed_loop, port, [REQUEST], concurrency=1, limit=2)
    assert sum(load.errors.values()) == 2
    assert not load.latencies


def test_an_answer_slower_than_the_window_is_counted_over_its_own_time():
    with server(lambda number: (200, 0.3)) as port:
        load = run(closed_loop, port, [REQUEST], concurrency=1, seconds=0.05)
    assert len(load.latencies) == 1
    assert load.seconds >= 0.3


def test_arrivals_are_the_same_for_the_same_seed_and_poisson():
    times = schedule(rate=200, seconds=50, seed=3)
    assert times == schedule(rate=200, seconds=50, seed=3) != schedule(rate=200, seconds=50, seed=4)
    assert times == sorted(times)
    assert times[0] > 0 and times[-1] < 50
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    mean = sum(gaps) / len(gaps)
    assert mean == pytest.approx(1 / 200, rel=0.05)  # of 10,000 gaps, whose mean is known to 1 %
    # exponential gaps vary as much as their mean; evenly spaced ones would not at all
    assert (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5 == pytest.approx(mean, rel=0.1)


def test_an_open_loop_does_not_wait_for_a_stalled_server():
    """Ten arrivals within 0.1 s, and the server stalls on the first for 0.5 s: the others are sent meanwhile, and are fast."""
    with server(lambda number: (200, 0.5 if number == 0 else 0.0)) as port:
        load = run(open_loop, port, [REQUEST], arrivals=[number / 100 for number in range(10)], warm_up=0, seconds=0.1)
    assert len(load.latencies) == 10
    assert max(load.latencies) >= 0.5
    assert sorted(load.latencies)[4] < 0.5


def test_an_open_loop_counts_from_the_scheduled_arrival():
    """A request whose time had passed before it could be sent is charged with the wait."""
    with server(lambda number: (200, 0.0)) as port:

        async def late() -> object:
            work = asyncio.ensure_future(open_loop(port, [REQUEST], arrivals=[0.1], warm_up=0, seconds=0.1))
            await asyncio.sleep(0.05)
            time.sleep(0.35)  # the generator itself is held up
            return await work

        load = asyncio.run(late())
    assert load.latencies[0] >= 0.25
    assert load.lag[0] >= 0.25


def test_heads():
    assert parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nCONTENT-LENGTH: 17") == (200, 17)
    with pytest.raises(ConnectionError):
        parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked")

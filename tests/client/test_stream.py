"""Many calls at once: order, concurrency, memory, errors, an early end."""

import threading
import time

import pytest

from client.stream import AHEAD, stream
from tests.waiting import wait_until


def slow_first(item: int) -> int:
    time.sleep(0.2 if item == 0 else 0.001)
    return item * item


def test_results_come_in_the_order_of_the_items():
    assert list(stream(slow_first, range(50), concurrency=8)) == [item * item for item in range(50)]


def test_or_as_they_are_finished():
    results = list(stream(slow_first, range(8), concurrency=4, ordered=False))
    assert sorted(results) == [item * item for item in range(8)]
    assert results[0] != 0  # the slow first one holds nobody up


@pytest.mark.parametrize("ordered", [True, False])
def test_no_more_is_taken_than_the_window(ordered):
    """An endless iterable, a caller that dawdles, and a call that hangs: neither makes items pile up."""
    taken = 0
    release = threading.Event()

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield taken

    def work(item: int) -> int:
        if item == 5:
            release.wait(10)
        return item

    results = stream(work, endless(), concurrency=3, ordered=ordered)
    for yielded in range(1, 5):
        next(results)
        time.sleep(0.02)
        assert taken - yielded <= AHEAD * 3
    release.set()
    results.close()


def test_calls_run_at_the_same_time_and_no_more_than_asked_for():
    lock = threading.Lock()
    running = most = 0

    def work(item: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return item

    list(stream(work, range(40), concurrency=5))
    assert most == 5


def test_an_error_of_the_work_or_of_the_iterable_reaches_the_caller():
    def work(item: int) -> float:
        return 1 / item

    results = stream(work, [2, 0, 1], concurrency=1)
    assert next(results) == 0.5
    with pytest.raises(ZeroDivisionError):
        next(results)

    def broken():
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(stream(work, broken(), concurrency=1))


def test_an_early_end_leaves_no_thread_and_starts_nothing_more():
    before = set(threading.enumerate())
    started = []

    def work(item: int) -> int:
        started.append(item)
        time.sleep(0.01)
        return item

    results = stream(work, range(1000), concurrency=4)
    next(results)
    results.close()
    wait_until(lambda: set(threading.enumerate()) <= before, 5)
    assert len(started) < 20


def test_nothing_to_do_and_no_one_to_do_it():
    assert list(stream(abs, [], concurrency=3)) == []
    with pytest.raises(ValueError, match="concurrency"):
        list(stream(abs, [1], concurrency=0))

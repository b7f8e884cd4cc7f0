"""Many calls at once over an iterable of any length, in bounded memory."""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 2  # items in hand for each call that runs: enough that a slow one does not leave the others idle


def stream(
    work: Callable[[Item], Result], items: Iterable[Item], *, concurrency: int, ordered: bool = True
) -> Iterator[Result]:
    """Yields `work(item)` for each item.

    No more than `AHEAD * concurrency` items are ever taken from the iterable and not yet yielded. The iterable is read in the
    caller's thread. The threads are daemons: a caller that stops early, or is interrupted, does not wait for calls that run.

    Args:
        concurrency: calls at the same time.
        ordered: results in the order of the items; else as they are finished.

    Raises:
        Exception: whatever `work` or the iterable raises.
    """
    if concurrency < 1:
        raise ValueError("concurrency must be at least 1")
    tasks: SimpleQueue = SimpleQueue()
    done: SimpleQueue = SimpleQueue()

    def serve() -> None:
        while (task := tasks.get()) is not None:
            number, item = task
            try:
                done.put((number, work(item), None))
            except BaseException as error:
                done.put((number, None, error))

    for _ in range(concurrency):
        threading.Thread(target=serve, daemon=True).start()
    try:
        yield from collect(enumerate(items), tasks, done, window=AHEAD * concurrency, ordered=ordered)
    finally:
        drain(tasks)
        for _ in range(concurrency):
            tasks.put(None)


def collect(
    numbered: Iterator[tuple[int, Item]], tasks: SimpleQueue, done: SimpleQueue, *, window: int, ordered: bool
) -> Iterator[Result]:
    """Keeps up to `window` items under way, and yields what comes back."""
    finished: dict[int, tuple] = {}
    under_way = wanted = 0  # `wanted`: number of the next result, where the order counts
    exhausted = False
    while True:
        if under_way < window and not exhausted:
            task = next(numbered, None)
            exhausted = task is None
            if task:
                tasks.put(task)
                under_way += 1
        elif not under_way:
            return
        else:
            number, *outcome = done.get()
            finished[number] = outcome
        for number, *outcome in drain(done):
            finished[number] = outcome
        while finished and (not ordered or wanted in finished):
            result, error = finished.pop(wanted if ordered else next(iter(finished)))
            wanted += 1
            under_way -= 1
            if error:
                raise error
            yield result


def drain(queue: SimpleQueue) -> list:
    """What is in the queue now."""
    taken = []
    while True:
        try:
            taken.append(queue.get_nowait())
        except Empty:
            return taken

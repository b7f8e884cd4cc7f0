"""Something that is done every so often, in a thread of its own, while a block runs."""

import threading
import time
from collections.abc import Callable


class Repeating:
    """A context manager: calls `work` every `every` seconds, at once for the first time, until its block ends."""

    def __init__(self, work: Callable[[], None], every: float):
        self.work, self.every = work, every
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.repeat, daemon=True)

    def __enter__(self) -> "Repeating":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.thread.join(60)

    def repeat(self) -> None:
        due = time.monotonic()
        while not self.ended.wait(max(0.0, due - time.monotonic())):
            self.work()
            due = max(due + self.every, time.monotonic())

"""To wait for what another process does, no longer than needed."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float, why: Callable[[], str] = lambda: "") -> None:
    """Returns as soon as the condition holds.

    Args:
        why: what to say where it does not: the log of the process, as a rule.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {why()}"
        time.sleep(0.05)

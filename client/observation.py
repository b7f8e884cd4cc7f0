"""Looks at a server while it works: its counters once a second, and a request of our own, so that there is something to see."""

import time
from collections.abc import Callable, Sequence

from client.errors import BadAnswer, FaceError, TimedOut, Unreachable
from client.service import FaceClient
from client.site import Site
from client.sources import Source
from client.traffic import Window, window

EVERY = 1.0  # seconds
Judge = Callable[[Window, int, bool], list[str]]


def observe(site: Site, golden: Sequence[Source], seconds: float, judge: Judge) -> tuple[Window, list[str]]:
    """Watches the default version, and stops early when the judge finds something.

    Args:
        judge: what speaks against what was seen so far, the requests of ours that got no answer, and whether this is the end.

    Returns:
        All that was seen, and the judge's last word.
    """
    before = site.metrics.read()
    started = time.monotonic()
    silent = number = 0
    while True:
        silent += not answers(site.probe, golden[number % len(golden)])
        seen = window(before, site.metrics.read())
        number += 1
        due = started + number * EVERY
        final = due > started + seconds
        reasons = judge(seen, silent, final)
        if final or reasons:
            return seen, reasons
        time.sleep(max(0.0, due - time.monotonic()))


def answers(probe: FaceClient, source: Source) -> bool:
    """Whether the service says anything on an image that can be counted as an answer; a refusal is one."""
    try:
        probe.predict(source.read())
    except (TimedOut, Unreachable, BadAnswer):
        return False
    except FaceError:
        return True
    return True

"""When may workers of a version be stopped? What they work on would never be answered.

The server has no counter of requests in work, but it ends a request after `response_timeout`. So a version that is not the
default, had an empty queue, was not asked for by its name, and finished nothing for that long, has none.
"""

import time
from dataclasses import dataclass

from client.site import Site
from client.traffic import activity

GIVE_UP = 300.0  # seconds; a version that is busy for longer is asked for by its name
REST = 0.5  # seconds between two looks


@dataclass
class Drain:
    """Watches a version fall silent, from its first look on."""

    site: Site
    version: str
    seen: float = -1.0
    since: float = 0.0

    def look(self) -> bool:
        """Looks once; whether the version has been silent for long enough."""
        entry = self.site.version(self.version)
        seen = activity(self.site.metrics.read(), self.version)
        now = time.monotonic()
        if entry and (entry.pending or seen != self.seen):
            self.seen, self.since = seen, now
        return not entry or not entry.workers or now - self.since > entry.response_timeout

    def wait(self) -> bool:
        """Looks until it is drained; False if it never is."""
        deadline = time.monotonic() + GIVE_UP
        while not self.look():
            if time.monotonic() > deadline:
                return False
            time.sleep(REST)
        return True

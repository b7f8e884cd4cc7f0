"""Free loopback ports for a server that needs several in a row."""

import random

from config.server import is_free

NEEDED = 5  # inference, management, metrics and two of gRPC


def free_port() -> int:
    """The first of `NEEDED` free ports in a row, outside the range that the system hands out to clients by itself."""
    for _ in range(200):
        first = random.randrange(20_000, 32_000)
        if all(is_free(first + offset) for offset in range(NEEDED)):
            return first
    raise RuntimeError(f"no {NEEDED} free ports in a row")

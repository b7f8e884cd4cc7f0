"""Whether the service's workers grow: their memory after thousands of requests."""

from collections.abc import Callable

from tests.bench import load
from tests.bench.contestants.contestant import HttpContestant
from tests.bench.plan import PREDICT

CONCURRENCY = 8


def growth(face: HttpContestant, photos: list[bytes], counts: tuple[int, ...], say: Callable[[str], None]) -> list[dict]:
    """Memory of the service before any load, and after each of `counts` predictions since its start.

    Returns:
        one entry a count, 0 first: `requests`, `workers_mb`, `parent_mb`, `errors`.
    """
    requests = [face.request(PREDICT, photo) for photo in photos]
    weighed, done = [], 0
    for count in (0, *sorted(counts)):
        sent = load.run(load.closed_loop, face.port, requests, concurrency=CONCURRENCY, limit=count - done)
        done = count
        memory = face.group.memory()
        entry = {"requests": count, "workers_mb": memory.workers, "parent_mb": memory.parent, "errors": dict(sent.errors)}
        say(f"  after {count} requests: workers {', '.join(f'{size:.0f}' for size in memory.workers)} MB")
        weighed.append(entry)
    return weighed

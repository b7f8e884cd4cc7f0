"""A version's workers: started, waited for, and warmed."""

import contextlib
import time
from http import HTTPStatus

from client.errors import Refused
from client.management import CHANGE_SECONDS
from client.service import FaceClient
from client.site import Impossible, Site
from client.stream import stream
from client.versions import Version

REST = 0.2  # seconds between two looks
ROUNDS = 2  # requests of each kind for each place in a worker's batch


def ensure(site: Site, version: str, archive: str, workers: int) -> bool:
    """Sees to it that a version has so many workers that can answer, whatever an earlier attempt has left.

    Returns:
        Whether any had to be started.

    Raises:
        Impossible: they do not come up. A version that was registered here is gone again.
    """
    started = False
    deadline = time.monotonic() + CHANGE_SECONDS
    while not (entry := site.version(version)) or entry.ready < workers:
        if time.monotonic() > deadline:
            raise Impossible(f"Version {version} has no {workers} ready workers.")
        started = True
        try:
            if not entry:
                site.management.register(archive, workers)
            elif len(entry.workers) < workers:
                site.management.scale(version, workers)
        except Refused as error:
            # a command that was killed may have asked for the same, and the server be at it
            if error.refusal.status != HTTPStatus.CONFLICT:
                if not entry:
                    remove(site, version)
                raise Impossible(f"Version {version} does not start: {error.message}") from None
        time.sleep(REST)
    return started


def remove(site: Site, version: str) -> None:
    """Unregisters a version at once, if it is there."""
    if site.version(version):
        with contextlib.suppress(Refused):  # gone in between
            site.management.unregister(version)


def warm(face: FaceClient, entry: Version, image: bytes) -> None:
    """Lets every worker predict and explain.

    Workers cannot be addressed. But none stays idle while more requests are under way than the batches of the others hold.

    Raises:
        TimedOut, Unreachable: no answer. Refusals are for the comparison to count.
    """
    places = entry.ready * entry.batch_size

    def ask(number: int) -> None:
        with contextlib.suppress(Refused):
            (face.predict if number % 2 else face.explain)(image, version=entry.version)

    for _ in stream(ask, range(2 * ROUNDS * places), concurrency=places):
        pass

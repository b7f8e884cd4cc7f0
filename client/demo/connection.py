"""Which service the page asks, and what that says of its versions."""

import os
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from client.backoff import Backoff
from client.errors import FaceError
from client.management import ManagementClient
from client.options import URL
from client.service import FaceClient
from client.versions import Description

SERVICE, MANAGEMENT, KEY = "FACE_URL", "FACE_MANAGEMENT_URL", "FACE_API_KEY"  # environment, as of the command line `face`
PATIENCE = Backoff(attempts=3)  # a person waits
GLANCE_SECONDS = 2.0  # for what the page can do without


@dataclass(frozen=True)
class Served:
    """A version that can answer.

    Attributes:
        description: None where it cannot be had.
    """

    version: str
    default: bool
    description: Description | None


@cache
def face_client() -> FaceClient:
    """The one client of this process: it keeps connections open, and may be used by all visitors at once."""
    return FaceClient(os.environ.get(SERVICE, URL), api_key=os.environ.get(KEY), backoff=PATIENCE)


def management_url() -> str | None:
    """Where the management API would be: as told, else on the port after that of the service, as this project starts it."""
    if told := os.environ.get(MANAGEMENT):
        return told
    service = urlsplit(os.environ.get(SERVICE, URL))
    if not service.port:
        return None
    host = f"[{service.hostname}]" if ":" in service.hostname else service.hostname
    return f"{service.scheme}://{host}:{service.port + 1}"


def served_versions() -> tuple[Served, ...]:
    """The versions with a worker that is READY, the default one first; none where the management API is out of reach.

    It is out of reach behind a gateway, on purpose; the page then works with the default version alone.
    """
    url = management_url()
    if not url:
        return ()
    try:
        with ManagementClient(url, timeout=GLANCE_SECONDS, backoff=Backoff(attempts=1)) as management:
            ready = sorted((entry for entry in management.versions() if entry.ready), key=lambda entry: not entry.default)
            return tuple(Served(entry.version, entry.default, described(management, entry.version)) for entry in ready)
    except (FaceError, ValueError):
        return ()


def described(management: ManagementClient, version: str) -> Description | None:
    try:
        return management.describe(version)
    except FaceError:
        return None

"""An image at a URL that the user gives -> its bytes, within limits of size and time."""

import time

import requests
import urllib3

from client.errors import Unreadable
from client.service import MAX_BYTES, limited
from client.transport import cause

SCHEMES = ("http://", "https://")
REDIRECTS = 5
SILENCE_SECONDS = 10.0  # between two pieces of an answer
CHUNK = 64 * 1024


def is_url(name: str) -> bool:
    return name.lower().startswith(SCHEMES)


def download(url: str, *, seconds: float, max_bytes: int = MAX_BYTES) -> bytes:
    """Fetches a file. The service's API key is not sent: this is another server.

    Args:
        seconds: for the whole file, however slowly it drips.

    Raises:
        Unreadable: anything but a file within the limits.
    """
    deadline = time.monotonic() + seconds
    data = bytearray()
    try:
        with requests.Session() as session:
            session.max_redirects = REDIRECTS
            with session.get(url, stream=True, timeout=min(SILENCE_SECONDS, seconds)) as response:
                if not response.ok:
                    raise Unreadable(f"The download was answered with {response.status_code} {response.reason}.")
                for chunk in response.iter_content(CHUNK):
                    data += chunk
                    if len(data) > max_bytes:
                        break
                    if time.monotonic() > deadline:
                        raise Unreadable(f"The download took longer than {seconds:g} s.")
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:  # requests lets some of the latter through
        raise Unreadable(f"The download failed: {cause(error)}.") from None
    return limited(bytes(data))

"""Photos are never written to disk."""

import asyncio
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

import client.demo.intake  # noqa: F401 - what the page sets when it is loaded
from client.service import MAX_BYTES

BOUNDARY = b"--x\r\n"


async def upload(size: int) -> AsyncIterator[bytes]:
    """A form with one file, as a browser sends it."""
    yield BOUNDARY + b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    for start in range(0, size, 2**20):
        yield bytes(min(2**20, size - start))
    yield b"\r\n--x--\r\n"


def test_the_largest_upload_stays_in_memory():
    parser = MultiPartParser(Headers({"content-type": "multipart/form-data; boundary=x"}), upload(MAX_BYTES))
    file = asyncio.run(parser.parse())["file"]
    assert file.size == MAX_BYTES
    assert file._in_memory

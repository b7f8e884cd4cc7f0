"""A client that sends what it is told to, byte by byte, and reads whatever comes back."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.hostile.case import CLOSED, OK, SILENT, Case

PATIENCE = 60.0  # seconds without an answer: the service's own limit
INTERNAL = "internal"


@dataclass(frozen=True)
class Reply:
    """An answer: its status, headers in lower case, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def outcome(self) -> str:
        """The status, with the code of an error; a list is as bad as its worst defect of the service."""
        found = parsed(self.body)
        if self.status != 200:
            code = found.get("type" if isinstance(found.get("code"), int) else "code")
            return f"{self.status} {code}" if code else str(self.status)
        entries = found.get("predictions")
        codes = [entry.get("code") for entry in entries] if isinstance(entries, list) else []
        return f"{OK} {INTERNAL}" if INTERNAL in codes else OK

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id")


@dataclass(frozen=True)
class Exchange:
    """What came of an input.

    Attributes:
        seconds: from the first byte sent to the last answer.
        replies: the answers that came.
        ending: None, or `closed` or `silent` where answers were missing.
    """

    seconds: float
    replies: tuple[Reply, ...]
    ending: str | None

    @property
    def put_off(self) -> float | None:
        """Seconds after which to ask again, where an answer says no more than that: 429, or 503 with Retry-After."""
        waits = [float(reply.headers.get("retry-after", "nan")) for reply in self.replies if reply.status in (429, 503)]
        return max((wait for wait in waits if wait >= 0), default=None)

    @property
    def outcomes(self) -> list[str]:
        return [reply.outcome for reply in self.replies] + ([self.ending] if self.ending else [])


async def exchange(case: Case, host: str, port: int, patience: float = PATIENCE) -> Exchange:
    """Sends an input over a connection of its own."""
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, port)
    replies: list[Reply] = []
    ending = None
    bodiless = isinstance(case.steps[0], bytes) and case.steps[0].startswith(b"HEAD ")
    sending = asyncio.create_task(send(case, writer))  # an answer may come before everything is sent
    try:
        if case.leaves:
            await sending
            ending = CLOSED
        while not case.leaves and len(replies) < case.answers:
            replies.append(await asyncio.wait_for(receive(reader, bodiless), patience))
    except TimeoutError:
        ending = SILENT
    except (OSError, EOFError):
        ending = CLOSED
    finally:
        sending.cancel()
        with suppress(OSError, asyncio.CancelledError):
            await sending
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return Exchange(time.perf_counter() - started, tuple(replies), ending)


async def send(case: Case, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # the server may have had enough
        for step in case.steps:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            else:
                await asyncio.sleep(step)


async def receive(reader: asyncio.StreamReader, bodiless: bool = False) -> Reply:
    """One answer; what only says to go on is passed over.

    Args:
        bodiless: whether its length is that of a body that does not come.

    Raises:
        EOFError: the connection was closed before its end.
    """
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        if status >= 200:
            break
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    if bodiless:
        body = b""
    elif "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    else:
        body = await reader.read()
    return Reply(status, headers, body)


def parsed(body: bytes) -> dict:
    """The JSON object of a body; an empty one where it is something else."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

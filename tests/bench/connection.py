"""One keep-alive HTTP/1.1 connection, with as little work on the client's side as Python allows.

The load generator shares the machine with the server that it measures: a full HTTP client would take a good part of a core.
"""

import asyncio
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def message(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def parse_head(head: bytes) -> tuple[int, int]:
    """Status and length of the body, from status line and headers.

    Raises:
        ConnectionError: the body's length is not declared (a chunked answer).
    """
    lines = head.decode("latin-1").split("\r\n")
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(lines[0].split(" ", 2)[1]), int(value)
    raise ConnectionError(f"an answer without Content-Length: {lines[0]}")


class Connection(asyncio.Protocol):
    """Sends one request at a time: `answer = await connection.ask(message(...))`."""

    def __init__(self):
        self.buffer = bytearray()
        self.waiting: asyncio.Future[Answer] | None = None
        self.status = self.body_start = self.end = 0
        self.closed = False

    @classmethod
    async def open(cls, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """The answer to come; ConnectionError where the server closes the connection instead."""
        self.waiting = asyncio.get_running_loop().create_future()
        if self.closed:
            self.fail(ConnectionError("closed by the server"))
        else:
            self.transport.write(request)
        return self.waiting

    def close(self) -> None:
        self.transport.close()

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.end:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            try:
                self.status, length = parse_head(bytes(self.buffer[:head]))
            except ConnectionError as error:
                self.fail(error)
                self.transport.abort()
                return
            self.body_start, self.end = head + 4, head + 4 + length
            # nginx says so in the last of a connection's thousand answers
            self.closed = b"\r\nconnection: close\r\n" in self.buffer[: head + 2].lower()
        if len(self.buffer) < self.end:
            return
        answer = Answer(self.status, bytes(self.buffer[self.body_start : self.end]))
        del self.buffer[: self.end]
        self.end = 0
        if self.waiting and not self.waiting.done():
            self.waiting.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self.fail(error or ConnectionError("closed by the server"))

    def fail(self, error: Exception) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(error)

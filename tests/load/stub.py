"""A service that answers as the real one does, with faults to order: what the load test is tested on."""

import json
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CODES = {
    b"no photo": (415, "unsupported_format"),
    b"\xff\xd8\xff cut short": (400, "bad_image"),
    b'{"image": 5}': (400, "bad_request"),
}


class Service(BaseHTTPRequestHandler):
    """Verdicts, pictures and errors; every `server.every`-th request gets `server.fault` in their place."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        server.asked[self.path] += 1
        server.content_types[self.headers["Content-Type"]] += 1
        number = sum(server.asked.values())
        fault = server.fault if server.every and number % server.every == 0 else None
        if server.key and self.headers["X-Api-Key"] != server.key:
            self.answer(401, b"{}")
        elif fault == "lost":
            self.close_connection = True
        elif fault == "failed":
            self.answer(503, b"{}")
        elif fault == "wrong":
            self.answer(200, b'{"verdict": "maybe"}')
        else:
            if fault == "slow":
                time.sleep(0.6)
            self.answer(*self.due(body))

    def due(self, body: bytes) -> tuple[int, bytes]:
        if body in CODES or self.headers["X-Explain-Target"] == "cat":
            status, code = CODES.get(body, (422, "bad_option"))
            return status, json.dumps({"code": code}).encode()
        if self.headers["Accept"] == "image/png":
            return 200, b"\x89PNG picture"
        return 200, b'{"verdict": "real"}'

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class StubServer(ThreadingHTTPServer):
    """On a free port of loopback.

    Attributes:
        asked: requests by path.
        content_types: requests by content type.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, fault: str | None = None, every: int = 0, key: str | None = None):
        super().__init__(("127.0.0.1", 0), Service)
        self.fault, self.every, self.key = fault, every, key
        self.asked: Counter = Counter()
        self.content_types: Counter = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

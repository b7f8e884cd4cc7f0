"""A small HTTP server whose answers a test dictates, on a free loopback port."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What is answered.

    Attributes:
        delay: seconds before the answer.
        drip: seconds between pieces of its body.
        drop: whether the connection is closed instead.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    drop: bool = False


class Stub:
    """Serves until `stop`; `answer` maps a request to its reply and may be exchanged at any time.

    Attributes:
        requests: all so far, in the order of their arrival.
        most_at_once: how many were in work at the same time.
    """

    def __init__(self):
        self.answer: Callable[[Request], Reply] = lambda request: Reply()
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.at_once = 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that leave early are part of the tests
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def replies(self, *replies: Reply) -> None:
        """Answers with these, one after the other, and with the last one from then on."""
        left = list(replies)
        self.answer = lambda request: left.pop(0) if len(left) > 1 else left[0]

    def handler(stub) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                with stub.lock:
                    stub.requests.append(request)
                    stub.at_once += 1
                    stub.most_at_once = max(stub.most_at_once, stub.at_once)
                    reply = stub.answer(request)
                try:
                    time.sleep(reply.delay)
                    self.reply(reply)
                finally:
                    with stub.lock:
                        stub.at_once -= 1

            do_GET = do_POST

            def reply(self, reply: Reply) -> None:
                if reply.drop:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in ({"Content-Type": "application/json", "x-request-id": "r1"} | reply.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                piece = 10_000 if reply.drip else len(reply.body) or 1
                for start in range(0, len(reply.body), piece):
                    self.wfile.write(reply.body[start : start + piece])
                    time.sleep(reply.drip)

            def log_message(self, *_) -> None:
                pass

        return Handler

"""Clients that ask while a fault is done: some once a photo, and some with the product's client, which tries again."""

import threading
import time
from dataclasses import dataclass

import requests

from client.backoff import Backoff
from client.errors import FaceError
from client.service import FaceClient
from tests.gateway.running import KEYS
from tests.pictures import portrait

PLAIN, RETRYING = 4, 2  # clients of each kind
PAUSE = 0.05  # seconds between two requests of a client: the machine is to have a fault, not a load
LONGEST = 30.0  # seconds after which a client gives up: no answer at all, which no fault excuses
PATIENT = Backoff(attempts=8)  # as who sends a folder of photos would have it: it outlasts a restart
NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Request:
    """One photo, from its first sending to its answer.

    Attributes:
        sent, done: of the monotonic clock, in seconds.
        outcome: `ok`, an HTTP status, or how the connection failed.
        retry_after: of an error; None where the header is missing.
        retries: whether the client tries again by itself: its `done` is that of the last attempt.
    """

    sent: float
    done: float
    outcome: str
    retry_after: str | None
    retries: bool

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"

    @property
    def seconds(self) -> float:
        return self.done - self.sent


class Clients:
    """Clients in threads of their own, at the gateway or at another address. A context manager: they ask while its block runs.

    An answer counts as good only if it is the one that the service gave before: a fault must not change a score.

    Attributes:
        requests: that are over.
        asking: when a client sent what it waits for, by thread.
    """

    def __init__(self, url: str):
        self.url = url
        self.photo = portrait()
        self.requests: list[Request] = []
        self.asking: dict[int, float] = {}
        self.expected = self.told(self.post(requests.Session()))
        self.ended = threading.Event()
        targets = [self.ask_once] * PLAIN + [self.ask_until_answered] * RETRYING
        self.threads = [threading.Thread(target=target, daemon=True) for target in targets]

    def __enter__(self) -> "Clients":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(2 * LONGEST + 10)

    @property
    def hanging(self) -> int:
        """Clients whose last request never ended; to be asked after the block."""
        return sum(thread.is_alive() for thread in self.threads)

    def post(self, session: requests.Session) -> requests.Response:
        headers = {"X-Api-Key": KEYS["alice"]}
        return session.post(f"{self.url}/predictions/face", data=self.photo, headers=headers, timeout=LONGEST)

    @staticmethod
    def told(answer: requests.Response) -> str:
        return str([answer.json()[name] for name in ("verdict", "scores", "face")])

    def ask_once(self) -> None:
        """A request, whatever becomes of it, and then the next."""
        session = requests.Session()
        while not self.ended.wait(PAUSE):
            sent, retry_after = self.begin(), None
            try:
                answer = self.post(session)
                outcome = str(answer.status_code)
                if answer.ok:
                    outcome = "ok" if self.told(answer) == self.expected else "another answer"
                else:
                    retry_after = answer.headers.get("Retry-After")
            except requests.ReadTimeout:
                outcome = NO_ANSWER
            except requests.RequestException as error:
                outcome = type(error).__name__
            self.end(sent, outcome, retry_after, retries=False)

    def ask_until_answered(self) -> None:
        """The client that users have, with its own patience."""
        with FaceClient(self.url, api_key=KEYS["bob"], timeout=LONGEST, backoff=PATIENT) as face:
            while not self.ended.wait(PAUSE):
                sent, outcome = self.begin(), "ok"
                try:
                    face.predict(self.photo)
                except FaceError as error:
                    outcome = error.code
                self.end(sent, outcome, None, retries=True)

    def begin(self) -> float:
        self.asking[threading.get_ident()] = sent = time.monotonic()
        return sent

    def end(self, sent: float, outcome: str, retry_after: str | None, *, retries: bool) -> None:
        self.requests.append(Request(sent, time.monotonic(), outcome, retry_after, retries))
        del self.asking[threading.get_ident()]

    def waiting(self) -> float:
        """Seconds that the oldest request without an answer has been waiting."""
        return time.monotonic() - min(self.asking.copy().values(), default=time.monotonic())

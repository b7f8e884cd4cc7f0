"""Clients that ask for predictions without a version, one after the other, for as long as a test needs them."""

import threading
from collections import Counter
from types import TracebackType

import requests

from tests.pictures import portrait


class Load:
    """A context manager: asks while its block runs.

    Attributes:
        versions: answers of status 200, by the version that gave them.
        failures: other statuses, and exceptions.
    """

    def __init__(self, url: str, clients: int = 3):
        self.url = f"{url}/predictions/face"
        self.versions: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive(), "a request was never answered"

    def ask(self) -> None:
        photo = portrait()
        with requests.Session() as session:
            while not self.ended.is_set():
                try:
                    answer = session.post(self.url, data=photo, timeout=100)
                except requests.RequestException as error:
                    self.failures[type(error).__name__] += 1
                    continue
                if answer.status_code == requests.codes.ok:
                    self.versions[answer.json()["model"]["version"]] += 1
                else:
                    self.failures[answer.text] += 1

"""Requests that go on while a test looks at what Prometheus makes of them."""

import threading
import time

import requests

from config.server import MODEL

CLIENTS = 4
REST = 0.02  # seconds between two requests of a client


class Traffic:
    """Clients that predict and explain pictures, and send now and then what is no picture, until `stop`."""

    def __init__(self, inference: str, *pictures: bytes):
        self.inference = inference
        self.pictures = pictures
        self.ended = threading.Event()
        self.clients = [threading.Thread(target=self.ask, args=(number,)) for number in range(CLIENTS)]
        for client in self.clients:
            client.start()

    def ask(self, number: int) -> None:
        while not self.ended.is_set():
            number += 1
            verb = "explanations" if number % 5 == 0 else "predictions"
            body = b"no picture" if number % 20 == 1 else self.pictures[number % len(self.pictures)]
            try:
                requests.post(f"{self.inference}/{verb}/{MODEL}", data=body, timeout=60)
            except requests.RequestException:
                time.sleep(0.5)  # the server lost a worker
            time.sleep(REST)

    def stop(self) -> None:
        self.ended.set()
        for client in self.clients:
            client.join()

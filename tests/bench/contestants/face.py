"""The service itself: the newest release in its archive, on TorchServe as `make serve` starts it."""

import subprocess

from config.server import MODEL, Server
from tests.bench.connection import message
from tests.bench.contestants.contestant import HttpContestant
from tests.bench.plan import EXPLAIN, FACE, OVERLAY, PNG, PREDICT

# what a client adds to ask for one of the forms of an answer
HEADERS = {PREDICT: {}, EXPLAIN: {}, OVERLAY: {"X-Explain-Overlay": "true"}, PNG: {"Accept": "image/png"}}


class TorchServe(HttpContestant):
    """An archive served with this repository's settings of TorchServe."""

    def options(self) -> list[str]:
        """Further arguments of config/start.py."""
        return []

    def launch(self) -> subprocess.Popen:
        self.server = Server(
            port=self.port,
            models=[self.archive.name],
            model_store=self.archive.parent,
            run_dir=self.folder / "run",
            log=self.log,
            options=self.options(),
        )
        return self.server.process

    def some_ready(self) -> bool:
        return any(worker["status"] == "READY" for worker in self.server.workers())

    def all_ready(self) -> bool:
        return self.server.workers_ready()

    def request(self, kind: str, photo: bytes) -> bytes:
        api = "predictions" if kind == PREDICT else "explanations"
        return message(f"/{api}/{MODEL}", photo, {"Content-Type": "image/jpeg"} | HEADERS[kind])


class FaceServer(TorchServe):
    name = FACE
    description = "this service, as `make serve` starts it: face detection, calibrated verdict, batches of model-config.yaml"

"""Load from inside the cluster: four predictions to one explanation, at a constant rate. All but a verdict is a failure."""

import os
from pathlib import Path

from locust import HttpUser, constant_throughput, task

PHOTO = Path(os.environ.get("FACE_PHOTO", "/photos/astronaut.jpg")).read_bytes()
KEY = Path(os.environ.get("FACE_API_KEY_FILE", "/key/key")).read_text().strip()
VERDICTS = {"ai", "real", "uncertain", "no_face"}


class Visitor(HttpUser):
    wait_time = constant_throughput(2)  # requests a second

    def on_start(self) -> None:
        self.client.headers["X-Api-Key"] = KEY

    @task(4)
    def predict(self) -> None:
        self.ask("/predictions/face")

    @task(1)
    def explain(self) -> None:
        self.ask("/explanations/face")

    def ask(self, path: str) -> None:
        with self.client.post(
            path, data=PHOTO, headers={"Content-Type": "image/jpeg"}, timeout=60, catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")
            elif answer.json()["verdict"] not in VERDICTS:
                answer.failure("no verdict")

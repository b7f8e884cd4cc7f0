"""What operators see of each answer: metrics with bounded labels, and one JSON line a request. Never a pixel of it."""

import json
import logging
import threading
import time
from typing import Any

from handler.errors import STATUS
from handler.features import EDGES, Bins, values
from handler.job import VERDICTS, Job
from handler.tally import BUCKET, COUNT, SUM, Histogram, Tally

log = logging.getLogger("face")

STAGE_SECONDS = "face_stage_seconds"
TOTAL = "total"  # the stages of an image together
SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
VERDICT_COUNT = "face_verdicts_total"
ERROR_COUNT = "face_errors_total"
SCORE = "face_score_ai"
FEATURES = "face_features_total"
REFERENCE = "face_reference_share"
STARTS = "face_worker_starts_total"
ALIVE = "face_worker_alive_seconds_total"

REST = 0.1  # seconds without an image after which counts are handed over
LONGEST = 1.0  # seconds of steady work after which they are, too: what a worker takes with it when it is killed
BEAT = 1.0  # seconds between two signs of life


class Telemetry:
    """Records finished jobs: counts them here, and hands the counts over from a thread of its own.

    Args:
        metrics: the server's metric cache: `get_metric(name, type)` gives what `metrics.yaml` declares.
        counter, gauge: the server's names of the two types.
        model, version: labels of every metric.
        reference: histograms of features, as in serving.json.
    """

    def __init__(self, metrics, *, counter, gauge, model: str, version: str, reference: dict[str, Any]):
        self.labels = (model, version)
        self.stage_seconds = Histogram(
            *(metrics.get_metric(STAGE_SECONDS + part, counter) for part in (BUCKET, SUM, COUNT)), bounds=SECONDS
        )
        self.verdicts = metrics.get_metric(VERDICT_COUNT, counter)
        self.errors = metrics.get_metric(ERROR_COUNT, counter)
        self.score_sum, self.score_count = (metrics.get_metric(SCORE + part, counter) for part in (SUM, COUNT))
        self.features = metrics.get_metric(FEATURES, counter)
        self.alive = metrics.get_metric(ALIVE, counter)
        self.bins = {feature: Bins(feature, reference.get(feature)) for feature in EDGES}
        self.tally = Tally()
        self.lock = threading.Lock()
        self.worked = threading.Event()
        metrics.get_metric(STARTS, counter).add_or_update(1, list(self.labels))
        shares = metrics.get_metric(REFERENCE, gauge)
        for feature, bins in self.bins.items():
            for name, share in bins.shares.items():
                shares.add_or_update(share, [*self.labels, feature, name])

    def start(self) -> None:
        """Makes the bounded series known, with 0, and begins to hand over and to give signs of life: the worker is ready."""
        self.tally.add(self.alive, self.labels, 0)
        for verdict in VERDICTS:
            self.tally.add(self.verdicts, (*self.labels, verdict), 0)
        for code in STATUS:
            self.tally.add(self.errors, (*self.labels, code), 0)
        for feature, bins in self.bins.items():
            for name in bins.names:
                self.tally.add(self.features, (*self.labels, feature, name), 0)
        self.hand_over()
        threading.Thread(target=self.keep_handing_over, name="telemetry", daemon=True).start()

    def record(self, job: Job) -> None:
        """Counts a job and writes its line."""
        found = {} if job.error else values(job)
        with self.lock:
            self.count(job, found)
        if not self.worked.is_set():
            self.worked.set()
        log.info(json.dumps(self.line(job), separators=(",", ":")))

    def count(self, job: Job, found: dict[str, float]) -> None:
        """Adds a job and its features to the tally."""
        for stage, seconds in job.seconds.items():
            self.tally.observe(self.stage_seconds, (*self.labels, stage), seconds)
        self.tally.observe(self.stage_seconds, (*self.labels, TOTAL), sum(job.seconds.values()))
        if job.error:
            self.tally.add(self.errors, (*self.labels, job.error.code))
            return
        self.tally.add(self.verdicts, (*self.labels, job.verdict))
        for feature, value in found.items():
            self.tally.add(self.features, (*self.labels, feature, self.bins[feature].name(value)))
        if job.score_ai is not None:
            self.tally.add(self.score_sum, self.labels, job.score_ai)
            self.tally.add(self.score_count, self.labels)

    def hand_over(self) -> None:
        """Gives the server what was counted since the last time."""
        with self.lock:
            taken = self.tally.taken()
        taken.hand_over()

    def keep_handing_over(self) -> None:
        """Hands over when the work rests, or goes on for long, and tells how long the worker has been alive."""
        beat = time.monotonic()
        while True:
            if self.worked.wait(BEAT):
                self.wait_for_rest()
                self.hand_over()
            now = time.monotonic()
            if now - beat >= BEAT:
                self.alive.add_or_update(round(now - beat, 3), list(self.labels))
                beat = now

    def wait_for_rest(self) -> None:
        """Returns when no image came for `REST` seconds, or after `LONGEST`."""
        deadline = time.monotonic() + LONGEST
        while self.worked.is_set() and time.monotonic() < deadline:
            self.worked.clear()
            time.sleep(REST)
        self.worked.clear()

    def line(self, job: Job) -> dict:
        """The log line of a job; times in milliseconds."""
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "event": "explanation" if job.request and job.request.explain else "prediction",
            "request_id": job.request_id,
            "model": self.labels[0],
            "version": self.labels[1],
            "stage_ms": {stage: round(seconds * 1000, 2) for stage, seconds in job.seconds.items()},
        }
        if job.error:
            return line | {"error": job.error.code}
        size = [job.photo.width, job.photo.height]
        return line | {"verdict": job.verdict, "score_ai": job.score_ai, "format": job.photo.format, "image": size}

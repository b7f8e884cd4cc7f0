"""What operators see of each answer: metrics with bounded labels, and one JSON line a request. Never a pixel of it."""

import json
import logging
import time

from handler.job import Job

log = logging.getLogger("face")

STAGE_SECONDS = "face_stage_seconds"
VERDICTS = "face_verdicts_total"
ERRORS = "face_errors_total"
SCORE = "face_score_ai"


class Telemetry:
    """Records finished jobs.

    Args:
        metrics: the server's metric cache: `get_metric(name, type)` gives what `metrics.yaml` declares.
        counter, histogram: the server's names of the two types.
        model, version: labels of every metric.
    """

    def __init__(self, metrics, *, counter, histogram, model: str, version: str):
        self.labels = [model, version]
        self.stage_seconds = metrics.get_metric(STAGE_SECONDS, histogram)
        self.scores = metrics.get_metric(SCORE, histogram)
        self.verdicts = metrics.get_metric(VERDICTS, counter)
        self.errors = metrics.get_metric(ERRORS, counter)

    def record(self, job: Job) -> None:
        """Counts a job and writes its line."""
        for stage, seconds in job.seconds.items():
            self.stage_seconds.add_or_update(seconds, [*self.labels, stage])
        if job.error:
            self.errors.add_or_update(1, [*self.labels, job.error.code])
        else:
            self.verdicts.add_or_update(1, [*self.labels, job.verdict])
        if job.score_ai is not None:
            self.scores.add_or_update(job.score_ai, self.labels)
        log.info(json.dumps(self.line(job), separators=(",", ":")))

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

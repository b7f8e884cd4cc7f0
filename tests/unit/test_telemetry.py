"""Telemetry on a made-up server: what is counted, what is handed over when, and what a log line holds."""

import json
import logging
import math
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from handler.errors import STATUS, CodedError
from handler.face_crop import Crop, Face
from handler.features import EDGES, Bins, values
from handler.image_input import decode
from handler.job import VERDICTS, Job
from handler.request import FaceRequest
from handler.tally import Histogram, Tally
from handler.telemetry import LONGEST, REST, Telemetry
from tests.pictures import SAMPLE, encoded, portrait
from tests.waiting import wait_until

DECLARED = yaml.safe_load((Path(__file__).parents[2] / "config" / "metrics.yaml").read_text())["model_metrics"]
REFERENCE = {"score_ai": {"edges": [0, 0.5, 1], "counts": [30, 10]}}


class Metric:
    """A metric of the server, which adds up what it is told, as the server does for counters, and checks the labels' number."""

    def __init__(self, labels: list[str]):
        self.labels = labels
        self.samples: dict[tuple[str, ...], float] = {}
        self.calls = 0

    def add_or_update(self, value: float, labels: list[str]) -> None:
        assert len(labels) == len(self.labels)
        self.calls += 1
        self.samples[tuple(labels)] = self.samples.get(tuple(labels), 0) + value


class Metrics:
    """The server's metric cache, with what config/metrics.yaml declares."""

    def __init__(self):
        self.metrics = {
            (kind, metric["name"]): Metric(metric["dimensions"]) for kind, group in DECLARED.items() for metric in group
        }

    def get_metric(self, name: str, kind: str) -> Metric:
        return self.metrics[kind, name]

    def of(self, name: str) -> dict[tuple[str, ...], float]:
        """Samples by their labels without model and version."""
        (metric,) = (metric for (_, own), metric in self.metrics.items() if own == name)
        assert all(labels[:2] == ("face", "1.0") for labels in metric.samples)
        return {labels[2:]: value for labels, value in metric.samples.items()}

    @property
    def calls(self) -> int:
        return sum(metric.calls for metric in self.metrics.values())


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def telemetry(metrics):
    return Telemetry(metrics, counter="counter", gauge="gauge", model="face", version="1.0", reference=REFERENCE)


def job(score: float | None = 0.25, **changes) -> Job:
    """A finished job on the sample portrait, whose face is 88 x 104 px and painted in one grey."""
    made = Job(0, "id-1", FaceRequest([b""]), seconds={"decode": 0.004, "infer": 0.012})
    made.photo = decode(portrait(), max_pixels=10**7)
    if score is not None:
        made.face = Face((180, 70, 88, 104), 0.9, 1)
        made.crop = Crop(np.full((32, 32, 3), 51, np.uint8), (170, 60, 125, 125))
        made.score_ai, made.verdict = score, "real"
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_a_histogram_is_cumulative_and_says_only_what_has_grown():
    bucket, total, count = Metric(["le"]), Metric([]), Metric([])
    histogram = Histogram(bucket, total, count, bounds=(0.01, 0.1, 1.0))
    tally = Tally()
    for value in (0.01, 0.05, 7.0):  # a bound belongs to its bucket
        tally.observe(histogram, (), value)
    tally.taken().hand_over()
    assert bucket.samples == {("0.01",): 1, ("0.1",): 2, ("1",): 2, ("+Inf",): 3}
    assert (total.samples[()], count.samples[()]) == (pytest.approx(7.06), 3)
    tally.observe(histogram, (), 0.5)
    before = bucket.calls
    tally.taken().hand_over()
    assert bucket.calls - before == 2
    assert bucket.samples == {("0.01",): 1, ("0.1",): 2, ("1",): 3, ("+Inf",): 4}
    tally.taken().hand_over()
    assert count.calls == 2  # nothing happened, nothing said


def test_all_verdicts_errors_and_bins_are_there_from_the_start(telemetry, metrics):
    telemetry.start()
    assert metrics.of("face_verdicts_total") == {(verdict,): 0 for verdict in VERDICTS}
    assert metrics.of("face_errors_total") == {(code,): 0 for code in STATUS}
    bins = {(feature, f"{edge:g}") for feature, edges in EDGES.items() for edge in edges[1:] if feature != "score_ai"}
    assert metrics.of("face_features_total").keys() == bins | {("score_ai", "0.5"), ("score_ai", "1")}
    assert metrics.of("face_worker_starts_total") == {(): 1}


def test_the_reference_is_told_in_shares_that_sum_to_one(telemetry, metrics):
    """30 and 10 images, half an image more in each bin: 30.5 / 41 and 10.5 / 41."""
    shares = metrics.of("face_reference_share")
    assert shares == {("score_ai", "0.5"): pytest.approx(30.5 / 41), ("score_ai", "1"): pytest.approx(10.5 / 41)}


def test_an_image_is_counted_once_in_everything_it_has(telemetry, metrics):
    telemetry.record(job())
    telemetry.hand_over()
    assert metrics.of("face_verdicts_total") == {("real",): 1}
    assert metrics.of("face_score_ai_sum") == {(): 0.25}
    assert metrics.of("face_score_ai_count") == {(): 1}
    features = {("score_ai", "0.5"): 1, ("face_size", "112"): 1, ("brightness", "0.3"): 1, ("jpeg_quality", "95"): 1}
    assert metrics.of("face_features_total") == features
    assert metrics.of("face_stage_seconds_count") == {("decode",): 1, ("infer",): 1, ("total",): 1}
    assert metrics.of("face_stage_seconds_sum")["total",] == pytest.approx(0.016)
    buckets = metrics.of("face_stage_seconds_bucket")
    assert [buckets["infer", edge] for edge in ("0.01", "0.02", "+Inf")] == [0, 1, 1]


def test_an_error_and_a_photo_without_a_face_have_no_score(telemetry, metrics):
    telemetry.record(job(error=CodedError("bad_image", "damaged"), seconds={"decode": 0.001}))
    telemetry.record(job(None))
    telemetry.hand_over()
    assert metrics.of("face_errors_total") == {("bad_image",): 1}
    assert metrics.of("face_verdicts_total") == {("no_face",): 1}
    assert metrics.of("face_score_ai_count") == {}
    assert metrics.of("face_features_total") == {("jpeg_quality", "95"): 1}


def test_counts_are_handed_over_by_themselves(telemetry, metrics):
    telemetry.start()
    telemetry.record(job())
    wait_until(lambda: metrics.of("face_verdicts_total")["real",] == 1, 10)


def test_steady_work_is_handed_over_too_and_not_image_by_image(telemetry, metrics):
    telemetry.start()
    started, recorded = time.monotonic(), 0
    while time.monotonic() - started < LONGEST + 5 * REST:
        telemetry.record(job())
        recorded += 1
        time.sleep(REST / 10)
    counted = metrics.of("face_verdicts_total")["real",]
    assert 0 < counted <= recorded
    assert metrics.metrics["counter", "face_verdicts_total"].calls < len(VERDICTS) + 5


def test_a_ready_worker_gives_signs_of_life(telemetry, metrics):
    assert metrics.of("face_worker_alive_seconds_total") == {}
    started = time.monotonic()
    telemetry.start()
    wait_until(lambda: metrics.of("face_worker_alive_seconds_total").get((), 0) > 0, 10)
    assert metrics.of("face_worker_alive_seconds_total")[()] <= time.monotonic() - started


def test_the_log_line_says_what_happened_and_holds_no_image(telemetry, caplog):
    done = job(data=portrait(), overlay=b"\x89PNG picture")
    with caplog.at_level(logging.INFO, "face"):
        telemetry.record(done)
        telemetry.record(job(error=CodedError("bad_image", "of the client's own words")))
    good, bad = (json.loads(record.message) for record in caplog.records)
    assert good.pop("time").endswith("Z")
    assert good == {
        "event": "prediction",
        "request_id": "id-1",
        "model": "face",
        "version": "1.0",
        "stage_ms": {"decode": 4.0, "infer": 12.0},
        "verdict": "real",
        "score_ai": 0.25,
        "format": "JPEG",
        "image": [512, 512],
    }
    assert bad.keys() == {"time", "event", "request_id", "model", "version", "stage_ms", "error"}
    assert all(len(record.message) < 400 for record in caplog.records)


@pytest.mark.parametrize("quality", [30, 50, 75, 90, 95])
def test_the_quality_of_a_jpeg_is_read_from_its_table(quality):
    from PIL import Image

    photo = decode(encoded(Image.open(SAMPLE), "JPEG", quality=quality), max_pixels=10**7)
    assert values(job(photo=photo))["jpeg_quality"] == pytest.approx(quality, abs=1)


def test_a_png_has_no_quality():
    assert "jpeg_quality" not in values(job(photo=decode(portrait("PNG"), max_pixels=10**7)))


def test_the_evidence_lies_where_it_is_strong_whatever_its_sign():
    """Two cells of equal strength, opposite in sign, at the ends of the lower row of 2 x 4: 1/8 and 7/8 from the left."""
    grid = np.zeros((2, 4))
    grid[1, 0], grid[1, 3] = 2.0, -2.0
    found = values(job(evidence=grid))
    assert (found["evidence_x"], found["evidence_y"], found["evidence_spread"]) == pytest.approx((0.5, 0.75, 0.375))
    even = values(job(evidence=np.ones((50, 50))))
    assert even["evidence_spread"] == pytest.approx(math.sqrt(1 / 6), abs=1e-3)
    assert "evidence_x" not in values(job(evidence=np.zeros((2, 2))))


@pytest.mark.parametrize("value, name", [(-1, "10"), (0, "10"), (9.9, "10"), (10, "20"), (20, "20"), (99, "20")])
def test_bins_take_everything(value, name):
    assert Bins("face_size", {"edges": [0, 10, 20], "counts": [0, 0]}).name(value) == name


def test_every_feature_has_default_bins():
    assert values(job(evidence=np.ones((5, 5)))).keys() == EDGES.keys()
    assert Bins("brightness", None).shares == {}


def test_recording_is_cheap(telemetry):
    """The processor's time of one image, the log line included; half a millisecond is generous, and far below one inference."""
    done = job(evidence=np.ones((5, 5)))
    telemetry.record(done)
    started = time.process_time()
    for _ in range(200):
        telemetry.record(done)
    assert (time.process_time() - started) / 200 < 0.0005

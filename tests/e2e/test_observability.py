"""What operators see: metrics for Prometheus, and one JSON object a line."""

import json
import re
import time

import requests

from tests.pictures import portrait

STARTED = "Model server started."  # up to here Java and TorchServe print plain lines past their loggers


def metric(text: str, name: str, **labels: str) -> float:
    """The sum of a metric's samples that carry these labels."""
    total = 0.0
    for found in re.finditer(rf"^{name}\{{(.*?)\}} (\S+)", text, re.MULTILINE):
        if all(f'{key}="{value}"' in found[1] for key, value in labels.items()):
            total += float(found[2])
    return total


def scrape(server) -> str:
    time.sleep(0.5)  # the server reads the worker's metrics from its output, after the answer has gone
    return requests.get(f"{server.metrics}/metrics", timeout=30).text


def test_verdicts_errors_scores_and_stages_are_counted(server, predict, explain):
    before = scrape(server)
    verdict = predict(portrait()).json()["verdict"]
    explain(portrait())
    predict(b"text")
    after = scrape(server)
    model = {"ModelName": "face", "ModelVersion": "1.0"}

    def grown(name: str, **labels: str) -> float:
        return metric(after, name, **model, **labels) - metric(before, name, **model, **labels)

    assert grown("face_verdicts_total", Verdict=verdict) == 2
    assert grown("face_errors_total", Code="unsupported_format") == 1
    assert grown("face_score_ai_count") == 2
    stages = ("receive", "decode", "detect", "crop", "infer", "calibrate", "explain")
    counts = {stage: grown("face_stage_seconds_count", Stage=stage) for stage in stages}
    assert counts == dict.fromkeys(stages, 2) | {"receive": 3, "decode": 3}
    assert 0 < grown("face_stage_seconds_sum", Stage="infer") < 10


def test_torchserves_own_counters_are_there(server, predict):
    predict(portrait())
    text = scrape(server)
    assert metric(text, "ts_inference_requests_total", model_name="face") > 0
    assert metric(text, "ts_queue_latency_microseconds", model_name="face") > 0


def test_the_log_is_json_and_holds_a_line_for_each_request(server, predict):
    good, bad = predict(portrait()), predict(b"text")
    time.sleep(0.5)
    text = server.log.read_text().partition(STARTED)[2].strip()
    lines = [json.loads(line) for line in text.splitlines()]  # every line, TorchServe's too
    assert all(isinstance(line, dict) and "time" in line for line in lines)
    by_id = {line["request_id"]: line for line in lines if "request_id" in line}
    line = by_id[good.headers["x-request-id"]]
    assert (line["event"], line["model"], line["version"]) == ("prediction", "face", "1.0")
    assert line["verdict"] == good.json()["verdict"]
    assert line["stage_ms"]["infer"] > 0
    assert by_id[bad.headers["x-request-id"]]["error"] == "unsupported_format"

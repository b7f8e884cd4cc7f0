"""From two readings of the metrics to what happened in between."""

import pytest

from client.errors import BadAnswer
from client.metrics import MetricsClient, Snapshot
from client.traffic import Window, active_versions, activity, quantile_ms, version_traffic, window
from tests.client.stub import Reply

BEFORE = Snapshot(
    """# HELP Requests5XX ...
ts_inference_requests_total{model_name="face",model_version="default",hostname="h",} 10.0
ts_inference_latency_microseconds{model_name="face",model_version="default",hostname="h",} 200000.0
face_verdicts_total{ModelName="face",ModelVersion="1.0",Verdict="ai",Hostname="h",} 5.0
"""
)
AFTER = Snapshot(
    """Requests2XX{Level="Host",Hostname="h",} 30.0
Requests5XX{Level="Host",Hostname="h",} 2.0
ts_inference_requests_total{model_name="face",model_version="default",hostname="h",} 20.0
ts_inference_requests_total{model_name="face",model_version="1.1",hostname="h",} 30.0
ts_inference_latency_microseconds{model_name="face",model_version="default",hostname="h",} 500000.0
face_verdicts_total{ModelName="face",ModelVersion="1.0",Verdict="ai",Hostname="h",} 5.0
face_verdicts_total{ModelName="face",ModelVersion="1.1",Verdict="ai",Hostname="h",} 3.0
face_verdicts_total{ModelName="face",ModelVersion="1.1",Verdict="no_face",Hostname="h",} 5.0
face_errors_total{ModelName="face",ModelVersion="1.1",Code="bad_image",Hostname="h",} 2.0
face_stage_seconds_bucket{ModelName="face",ModelVersion="1.1",Stage="total",le="0.01",Hostname="h",} 5
face_stage_seconds_bucket{ModelName="face",ModelVersion="1.1",Stage="total",le="0.02",Hostname="h",} 10
face_stage_seconds_bucket{ModelName="face",ModelVersion="1.1",Stage="total",le="+Inf",Hostname="h",} 10
face_stage_seconds_bucket{ModelName="face",ModelVersion="1.1",Stage="infer",le="+Inf",Hostname="h",} 10
"""
)


def test_the_server_as_a_whole():
    seen = window(BEFORE, AFTER)
    assert seen == Window(requests=40, failed=2, mean_ms=30.0)  # 10 more without a version, 300 ms in all
    assert seen.failed_share == 0.05
    assert window(AFTER, AFTER) == Window(requests=0, failed=0, mean_ms=None)


def test_a_version():
    traffic = version_traffic(BEFORE, AFTER, "1.1")
    assert (traffic.images, traffic.error_share) == (10, 0.2)
    assert traffic.verdicts == {"ai": 0.375, "no_face": 0.625}
    assert (traffic.p50_ms, traffic.p95_ms) == (pytest.approx(10), pytest.approx(19))  # linear in a bucket
    assert active_versions(BEFORE, AFTER) == ["1.1"]


def test_a_version_without_work():
    idle = version_traffic(BEFORE, AFTER, "1.0")
    assert (idle.images, idle.error_share, idle.p50_ms, idle.verdicts) == (0, None, None, {})


def test_activity_is_what_was_finished_and_what_was_asked_by_name():
    assert activity(AFTER, "1.1") == 3 + 5 + 2 + 30
    assert activity(BEFORE, "1.1") == 0


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.25, 5), (0.5, 10), (0.75, 15), (1.0, 20)],  # the last of them lies beyond the largest edge
)
def test_quantiles(share, expected):
    assert quantile_ms({"0.01": 2, "0.02": 3.9, "+Inf": 4}, share) == pytest.approx(expected, abs=0.6)


def test_labels_may_hold_anything():
    snapshot = Snapshot('metric{a="x,y}",b="say \\"no\\" ",} 1.5e3\nplain 2')
    assert snapshot.total("metric", a="x,y}") == 1500
    assert snapshot.total("plain") == 2


def test_another_server_is_found_out(stub):
    stub.answer = lambda request: Reply(body=b"<html>hello</html>")
    with MetricsClient(stub.url) as metrics, pytest.raises(BadAnswer, match="Prometheus"):
        metrics.read()

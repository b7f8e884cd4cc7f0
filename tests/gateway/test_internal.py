"""The port of the probes and of Prometheus."""

import requests

from tests.gateway.running import Upstream


def status(gateway, path: str) -> int:
    return requests.get(f"{gateway.internal}{path}", timeout=10).status_code


def test_ready_asks_a_worker_to_describe_itself(gateway, upstream):
    assert status(gateway, "/ready") == 200
    seen = upstream.seen[-1]
    assert (seen["method"], seen["path"], seen["length"]) == ("POST", "/predictions/face", 0)
    assert ("describe", "True") in seen["headers"]  # TorchServe and the handler compare the name's case


def test_not_ready_when_no_worker_answers(gateway, upstream):
    for upstream.status in (500, 503):
        assert status(gateway, "/ready") == upstream.status
    upstream.shutdown()
    upstream.server_close()
    assert status(gateway, "/ready") == 502
    assert status(gateway, "/gateway") == 200  # nginx itself is well: it is not to be restarted for TorchServe


def test_not_ready_while_draining(gateway):
    (gateway.run_dir / "tmp" / "draining").touch()
    assert status(gateway, "/ready") == 503
    assert status(gateway, "/live") == 200


def test_live_is_torchserves_ping(gateway, upstream):
    assert status(gateway, "/live") == 200
    assert upstream.seen[-1]["path"] == "/ping"
    upstream.status = 500
    assert status(gateway, "/live") == 500


def test_metrics_are_torchserves(gateway, upstream):
    metrics = Upstream(upstream.server_port + 2)
    try:
        assert status(gateway, "/metrics") == 200
        assert metrics.seen[-1]["path"] == "/metrics"
    finally:
        metrics.shutdown()
        metrics.server_close()


def test_predictions_are_not_there(gateway, upstream):
    assert status(gateway, "/predictions/face") == 404
    assert status(gateway, "/models") == 404
    assert not upstream.seen

"""The dashboard and the alerts on a real service, watched by a real Prometheus; each fault fires its alert."""

import os
import signal
import time
from contextlib import suppress

import psutil
import pytest

from config.monitoring import dashboard
from tests.monitoring.telling import fake
from tests.waiting import wait_until

MOMENT = 0.03  # s, in which it answers one request or a few

QUERIES = [
    pytest.param(query.replace(dashboard.NAMESPACE, "local"), id=f"{panel.title}: {legend}")
    for panels in dashboard.PANELS.values()
    for panel in panels
    for query, legend in panel.queries.items()
]


@pytest.mark.parametrize("query", QUERIES)
def test_each_query_of_the_dashboard_has_data(prometheus, traffic, query):
    wait_until(lambda: prometheus.values(query), 90, lambda: query)


def test_all_is_well_at_first(prometheus, traffic):
    """With the mixture of the calibration nothing fires; and the figures are those of the service."""
    enough = "sum(face:feature_images:increase1h{Feature='score_ai'}) >= 300"
    wait_until(lambda: prometheus.values(enough), 120)
    assert prometheus.values('face:psi_reference:1h{Feature="score_ai"}')[0] < 0.1
    assert prometheus.values("face:ai_share:ratio1h")[0] == pytest.approx(0.05, abs=0.04)
    assert prometheus.values("sum(face:workers_ready:mean1m)")[0] == pytest.approx(1, abs=0.35)
    assert 0 < prometheus.values('face:stage_seconds:p95_5m{Stage="infer"}')[0] < 5
    assert prometheus.firing() <= {"FaceInputDrift"}  # whose day is ten seconds here


def test_a_flood_of_fakes_fires(prometheus, traffic):
    assert "FaceScoreDrift" not in prometheus.firing()
    traffic.pictures = (fake(),)
    prometheus.wait_for("FaceScoreDrift")


def test_a_worker_that_hangs_fires_and_so_does_the_wait_for_it(watched, prometheus, traffic):
    (worker,) = watched.workers()
    slow = {"FaceQueueLong", "FaceSlow"}
    assert not ({"FaceNoWorker"} | slow) & prometheus.firing()
    os.kill(worker["pid"], signal.SIGSTOP)
    try:
        prometheus.wait_for("FaceNoWorker")
    finally:
        with suppress(ProcessLookupError):  # TorchServe may have replaced it
            os.kill(worker["pid"], signal.SIGCONT)
    wait_until(lambda: "FaceNoWorker" not in prometheus.firing(), 60)
    (worker,) = watched.workers()
    try:
        assert halting(worker["pid"], lambda: slow <= prometheus.firing())
    finally:
        os.kill(worker["pid"], signal.SIGCONT)


def halting(pid: int, condition, seconds: float = 90) -> bool:
    """Lets a process run for moments only, so that most requests wait for it, until something has come true.

    A moment is time that the process had, not time that passed: beside busy neighbours it would else answer nothing for so long
    that TorchServe replaces it.
    """
    deadline = time.monotonic() + seconds
    process = psutil.Process(pid)
    while time.monotonic() < deadline:
        process.suspend()
        time.sleep(1.5)
        if condition():
            return True
        used = sum(process.cpu_times())
        process.resume()
        wait_until(lambda used=used: sum(process.cpu_times()) - used >= MOMENT, 10)
    return False


def test_workers_that_die_fire(watched, prometheus, traffic):
    assert "FaceWorkersDie" not in prometheus.firing()
    for _ in range(3):
        (worker,) = watched.workers()
        os.kill(worker["pid"], signal.SIGKILL)
        alive = lambda old=worker["pid"]: watched.workers_ready() and watched.workers()[0]["pid"] != old  # noqa: E731
        wait_until(alive, 60)
    prometheus.wait_for("FaceWorkersDie", 30)

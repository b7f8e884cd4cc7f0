"""A service, a Prometheus that watches it in time lapse, and traffic."""

import subprocess
from collections.abc import Iterator

import pytest
import requests
import yaml

from config.monitoring.run import MonitoringError, prometheus_command, write_settings
from config.server import Server
from tests.monitoring.lapse import faster_rules
from tests.monitoring.telling import fake, make_telling_release, real
from tests.monitoring.traffic import Traffic
from tests.ports import free_port
from tests.serving import serving
from tests.waiting import wait_until
from training.archive import archive

SCRAPE = "500ms"
REFERENCE = {"score_ai": {"edges": [0, 0.5, 1], "counts": [95, 5]}}  # of the mixture in `MIXTURE`
MIXTURE = (*[real()] * 19, fake())


class Prometheus:
    """A Prometheus that runs."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path: str, **parameters: str) -> dict:
        answer = requests.get(f"{self.url}/{path}", params=parameters, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def values(self, query: str) -> list[float]:
        """What a query gives now; without what is no number."""
        found = (float(series["value"][1]) for series in self.get("query", query=query)["result"])
        return [value for value in found if value == value]

    def firing(self) -> set[str]:
        """Names of the alerts that fire now."""
        return {alert["labels"]["alertname"] for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"}

    def wait_for(self, alert: str, seconds: float = 90) -> None:
        wait_until(lambda: alert in self.firing(), seconds, lambda: f"{alert} does not fire")


@pytest.fixture(scope="package")
def watched(tmp_path_factory) -> Iterator[Server]:
    """A service with one worker, which knows the portrait from its fake. Its tests may do it harm, one after the other."""
    store = tmp_path_factory.mktemp("watched")
    make_telling_release(store / "face-1.0", REFERENCE)
    archive(store / "face-1.0")
    with serving(store, "face-1.0.mar") as running:
        yield running


@pytest.fixture(scope="package")
def prometheus(watched, tmp_path_factory) -> Iterator[Prometheus]:
    """A real Prometheus on the service, with the rules in time lapse."""
    run_dir, port = tmp_path_factory.mktemp("prometheus"), free_port()
    write_settings(run_dir, metrics_port=int(watched.metrics.rpartition(":")[2]))
    settings = yaml.safe_load((run_dir / "prometheus.yaml").read_text())
    settings["global"] |= {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE}
    (run_dir / "prometheus.yaml").write_text(yaml.safe_dump(settings))
    (run_dir / "rules.yaml").write_text(yaml.safe_dump(faster_rules()))
    try:
        command = prometheus_command(run_dir, port)
    except MonitoringError as error:
        pytest.skip(str(error))
    with open(run_dir / "log", "wb") as log:
        process = subprocess.Popen(command, cwd=run_dir, stdout=log, stderr=log)
    try:
        running = Prometheus(port)
        wait_until(lambda: is_ready(port), 60, (run_dir / "log").read_text)
        yield running
    finally:
        process.terminate()
        process.wait()


def is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def traffic(watched) -> Iterator[Traffic]:
    """The mixture that the release was calibrated on."""
    clients = Traffic(watched.inference, *MIXTURE)
    yield clients
    clients.stop()

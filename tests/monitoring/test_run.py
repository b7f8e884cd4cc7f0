"""`make monitor`: Prometheus on the service, Grafana where there is one, and both gone afterwards."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from config.monitoring.run import rules
from config.server import ROOT, is_free
from tests.monitoring.conftest import Prometheus
from tests.ports import free_port
from tests.waiting import wait_until

needs_prometheus = pytest.mark.skipif(not shutil.which("prometheus"), reason="Debian: apt-get install prometheus")
GRAFANA = """#!/bin/sh
env | grep ^GF_ > environment
printf '%s\\n' "$@" > arguments
exec sleep 300
"""


@contextmanager
def monitoring(service_port: int, port: int, run_dir: Path, *options: str, path: str = "") -> Iterator[subprocess.Popen]:
    """`python -m config.monitoring.run` as a process of its own, with Ctrl-C at the end."""
    command = [sys.executable, "-m", "config.monitoring.run", "--service-port", str(service_port), "--port", str(port)]
    environment = os.environ | {"PATH": os.pathsep.join(filter(None, (path, os.environ["PATH"])))}
    with open(run_dir / "out", "wb") as out:
        process = subprocess.Popen(
            [*command, "--run-dir", str(run_dir), *options], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def is_watching(prometheus: Prometheus) -> bool:
    try:
        return [target["health"] for target in prometheus.get("targets")["activeTargets"]] == ["up"]
    except requests.RequestException:
        return False


@needs_prometheus
def test_prometheus_watches_the_service_with_all_rules(watched, tmp_path):
    port = free_port()
    prometheus = Prometheus(port)
    with monitoring(int(watched.inference.rpartition(":")[2]), port, tmp_path) as process:
        wait_until(lambda: is_watching(prometheus), 60, (tmp_path / "out").read_text)
        loaded = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        assert len(loaded) == sum(len(group["rules"]) for group in rules()["groups"])
        assert prometheus.values('sum(face_worker_alive_seconds_total{namespace="local"})')[0] > 0
        assert process.poll() is None
    assert process.returncode == 0
    assert is_free(port)
    assert f"http://127.0.0.1:{port}" in (tmp_path / "out").read_text()


@needs_prometheus
def test_grafana_gets_its_source_and_the_dashboard(tmp_path):
    """Grafana itself is played by a script that notes how it was started."""
    program = tmp_path / "bin" / "grafana"
    program.parent.mkdir()
    program.write_text(GRAFANA)
    program.chmod(0o755)
    port, grafana_port = free_port(), free_port()
    with monitoring(free_port(), port, tmp_path, "--grafana-port", str(grafana_port), path=str(program.parent)):
        wait_until((tmp_path / "arguments").exists, 30, (tmp_path / "out").read_text)
    assert (tmp_path / "arguments").read_text().splitlines()[0] == "server"
    environment = dict(line.split("=", 1) for line in (tmp_path / "environment").read_text().splitlines())
    assert (environment["GF_SERVER_HTTP_ADDR"], environment["GF_SERVER_HTTP_PORT"]) == ("127.0.0.1", str(grafana_port))
    provisioning = Path(environment["GF_PATHS_PROVISIONING"])
    (source,) = yaml.safe_load((provisioning / "datasources" / "face.yaml").read_text())["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", f"http://127.0.0.1:{port}")
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "face.yaml").read_text())["providers"]
    (file,) = Path(provider["options"]["path"]).iterdir()
    assert json.loads(file.read_text())["uid"] == "real-or-ai-face"


def test_without_prometheus_it_says_what_to_install(tmp_path):
    command = [sys.executable, "-m", "config.monitoring.run", "--run-dir", str(tmp_path)]
    told = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60
    )
    assert (told.returncode, told.stderr) == (1, "Prometheus is not installed (Debian: apt-get install prometheus)\n")

"""What `make serve` runs: start, first verdict, and an end that leaves nothing behind."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config.server import ROOT
from tests.ports import free_port
from tests.releases import make_release


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    return make_release(tmp_path_factory.mktemp("serve") / "face-1.0").folder


def serve(release: Path, port: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "config.serve", "--release", str(release), "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_greeting(process: subprocess.Popen) -> str:
    """What is printed up to the line that says how to stop."""
    greeting = ""
    for line in process.stdout:
        greeting += line
        if "Ctrl-C" in line:
            return greeting
    raise AssertionError(process.stderr.read())


def test_starts_shows_a_verdict_and_stops_without_a_trace(release):
    archived = None
    for stop in (signal.SIGINT, signal.SIGTERM):
        process = serve(release, free_port())
        try:
            greeting = read_greeting(process)
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(stop)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
        assert (process.returncode, errors) == (0, "")
        assert re.search(r"astronaut\.jpg -> (ai|real|uncertain) \(", greeting)
        assert greeting.count("curl ") >= 3
        heat_map = ROOT / re.search(r"heat map -> (\S+)", greeting)[1]
        assert heat_map.read_bytes().startswith(b"\x89PNG")

        assert len(children) >= 2  # Java and a worker at least
        assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

        mar = release.with_name("face-1.0.mar")
        if archived is not None:  # the second start packs nothing anew
            assert mar.stat().st_mtime == archived
        archived = mar.stat().st_mtime


def test_a_taken_port_is_named(release):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        process = serve(release, port)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"port {port} is taken" in errors
    assert "Traceback" not in output + errors

"""The program itself, on the service and its handler, for a second each: what it writes, and that it leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from PIL import Image

from config.server import ROOT
from tests.releases import make_release


@pytest.fixture(scope="module")
def folder():
    """With a release; everything that the program starts has it as its temporary folder, and is known by that."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        make_release(Path(name) / "face-1.0")
        yield Path(name)


def start(folder: Path, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.bench", "--release", str(folder / "face-1.0"), "--out", str(folder / "out")]
    command += ["--repeats", "1", "--seconds", "1", "--sizes", "512", "--only", "face", "in_process", *options]
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def left_behind(folder: Path) -> list[psutil.Process]:
    return [one for one in psutil.process_iter() if environment(one).get("TMPDIR", "").startswith(str(folder))]


def environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}


@pytest.fixture(scope="module")
def finished(folder):
    process = start(folder, "--concurrency", "1", "8", "--kinds", "predict", "explain", "png", "--memory", "20")
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output[-3000:]
    assert left_behind(folder) == []
    return json.loads((folder / "out" / "bench.json").read_text())


def test_every_cell_is_measured_without_an_error(finished):
    lines = finished["repeats"][0]["cells"]
    assert len(lines) == 2 * 6
    assert [line for line in lines if line["failed"] or line["rate"] <= 0 or line["server_cpu_ms"] <= 0] == []


def test_the_rest_is_measured(finished):
    repeat = finished["repeats"][0]
    assert finished["photos"]["with_face"] == {"512": 16}
    assert repeat["open_loop"]["errors"] == {}
    assert repeat["start"]["face"]["answer_s"] >= repeat["start"]["face"]["ready_s"] > 0
    assert min(repeat["memory"]["face"]["workers"]) > 50  # MB: that is a process with a network in it
    assert [line["requests"] for line in finished["memory_growth"]] == [0, 20]


def test_only_goals_with_figures_are_judged(finished):
    met = {goal["text"].split(" (")[0]: goal["met"] for goal in finished["goals"]}
    assert met["throughput, of FastAPI"] is None
    assert met["throughput, of in-process"] is not None
    assert met["explanations as JSON, of predictions"] is not None


def test_page_and_picture_are_written(finished, folder):
    page = (folder / "out" / "bench.md").read_text()
    assert "## Predictions" in page
    assert "| 512 | in_process |" in page
    with Image.open(folder / "out" / "bench.png") as picture:
        assert picture.width > 300


def test_ctrl_c_stops_everything(folder):
    process = start(folder)
    said = []
    try:
        for line in process.stdout:  # both are up, and paused, when the second is
            said.append(line)
            if "in_process: ready" in line:
                break
        assert len(left_behind(folder)) > 2, "".join(said)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        assert process.returncode == 130
        assert left_behind(folder) == []
    finally:
        process.kill()

"""The load test itself: its photos and shapes, and that it passes on a good service and fails on one that is not."""

import csv
import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from PIL import Image

from config.server import ROOT
from tests.load.photos import MIXTURE, SAMPLE, photos, write
from tests.load.shapes import users
from tests.load.stub import StubServer
from tests.ports import free_port
from tests.waiting import wait_until

LOCUSTFILE = ROOT / "tests" / "load" / "locustfile.py"
SHORT = ("--peak", "20", "--seconds", "4")
TASKS = {"predict", "predict, base64", "explain", "explain, picture", "bad input"}
KEY = "d4" * 16


@contextmanager
def running(**options) -> Iterator[StubServer]:
    server = StubServer(**options)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def locust(host: str, folder: Path, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess:
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(LOCUSTFILE),
        "--headless",
        "--host",
        host,
        "--only-summary",
        *arguments,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds)


def test_the_photos_are_what_they_say():
    made = photos(None)
    assert len(made) == sum(count for *_, count in MIXTURE)
    assert len({data for data, _ in made}) == len(made)
    for data, content_type in made:
        with Image.open(io.BytesIO(data)) as image:
            assert Image.MIME[image.format] == content_type
    sides = [max(Image.open(io.BytesIO(data)).size) for data, _ in made]
    assert sorted(set(sides)) == sorted({side for side, *_ in MIXTURE})


def test_a_folder_is_sent_as_it_is(tmp_path):
    write(tmp_path / "photos")
    assert sorted(photos(tmp_path / "photos")) == sorted(photos(None))
    with pytest.raises(FileNotFoundError):
        photos(tmp_path / "photos" / "none")


def test_photos_are_written_without_the_repository(tmp_path):
    """As an init container does: the file alone, and a sample."""
    script = tmp_path / "photos.py"
    script.write_bytes((LOCUSTFILE.parent / "photos.py").read_bytes())
    subprocess.run([sys.executable, script, tmp_path / "out", SAMPLE], check=True, cwd=tmp_path, timeout=60)
    assert len(list((tmp_path / "out").iterdir())) == sum(count for *_, count in MIXTURE)


@pytest.mark.parametrize(
    "shape, expected",
    [
        ("steady", [100, 100, 100, 100, None]),
        ("ramp", [10, 32, 55, 94, None]),  # from 10 to 100 within 80 s: 10 + 90 * 20 / 80 = 32.5, and so on
        ("spike", [20, 20, 100, 20, None]),
        ("soak", [50, 50, 50, 50, None]),
    ],
)
def test_shapes(shape, expected):
    assert [users(shape, 100, 100, now) for now in (0, 20, 40, 75, 100)] == expected


def test_there_is_always_somebody():
    assert users("ramp", 3, 100, 0) == 1


def test_a_good_service_passes_and_the_reports_are_there(tmp_path):
    with running() as server:
        told = locust(server.url, tmp_path, *SHORT, "--html", "load.html", "--csv", "load")
        asked, content_types = server.asked, server.content_types
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count("pass  ") == 4
    assert asked.keys() == {"/predictions/face", "/explanations/face"}
    assert {"image/jpeg", "image/png", "image/webp"} <= content_types.keys()
    with open(tmp_path / "load_stats.csv") as file:
        rows = {row["Name"]: int(row["Request Count"]) for row in csv.DictReader(file)}
    assert sum(asked.values()) == rows["Aggregated"]
    assert f"pass  {rows['Aggregated']} requests" in told.stdout
    assert rows.keys() - {"Aggregated"} <= TASKS
    assert 40 < rows["Aggregated"] <= 100  # 20 users, 4 s, once a second each
    assert "<html" in (tmp_path / "load.html").read_text()


@pytest.mark.parametrize(
    "fault, every, failing",
    [("failed", 10, "wrong answers"), ("wrong", 10, "wrong answers"), ("lost", 20, "lost requests"), ("slow", 3, "p95")],
)
def test_each_fault_fails_its_gate_and_no_other(tmp_path, fault, every, failing):
    with running(fault=fault, every=every) as server:
        told = locust(server.url, tmp_path, *SHORT, "--max-p95", "500")
    assert told.returncode == 1, told.stdout + told.stderr
    failed = [line for line in told.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1, told.stdout
    assert failing in failed[0]


def test_faults_within_the_limits_pass(tmp_path):
    with running(fault="failed", every=20) as server:
        told = locust(server.url, tmp_path, *SHORT, "--max-errors", "0.2")
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_service_that_is_not_there_fails(tmp_path):
    told = locust(f"http://127.0.0.1:{free_port()}", tmp_path, *SHORT)
    assert told.returncode == 1
    assert "FAIL  lost requests" in told.stdout


def test_a_signal_ends_it_and_the_answers_that_are_due_count(tmp_path):
    """Each answer takes more than half a second, so that the signal meets requests that wait."""
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary", "--peak", "20"]
    with running(fault="slow", every=1) as server, open(tmp_path / "out", "w") as out:
        process = subprocess.Popen([*command, "--host", server.url, "--seconds", "600"], cwd=tmp_path, stdout=out)
        try:
            wait_until(lambda: sum(server.asked.values()) >= 30, 60)
            process.terminate()
            process.wait(60)
        finally:
            process.kill()
            process.wait()
        asked = sum(server.asked.values())
    told = (tmp_path / "out").read_text()
    assert f"pass  {asked} requests" in told
    assert "pass  lost requests 0" in told


def test_the_key_is_sent(tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    with running(key=KEY) as server:
        assert locust(server.url, tmp_path, *SHORT, "--api-key-file", "key").returncode == 0
        assert locust(server.url, tmp_path, *SHORT).returncode == 1


def test_the_page_offers_the_options_but_not_the_key(tmp_path):
    port = free_port()
    (tmp_path / "secret-key-file").write_text(KEY)
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--web-host", "127.0.0.1", "--web-port", str(port)]
    command += ["--host", "http://127.0.0.1:9", "--api-key-file", "secret-key-file"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page = page_of(f"http://127.0.0.1:{port}/", process)
    finally:
        process.terminate()
        process.wait(30)
    assert all(option in page for option in ("shape", "peak", "seconds", "photos", "max_p95", "max_errors", "max_lost"))
    assert "secret-key-file" not in page


def page_of(url: str, process: subprocess.Popen, seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(requests.ConnectionError):
            return requests.get(url, timeout=10).text
        time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")


def test_two_workers_and_a_master_judge_together(tmp_path):
    """The workers see the faults, the master fails."""
    with running(fault="failed", every=10) as server:
        port = str(free_port())
        command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--worker", "--master-port", port]
        workers = [
            subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)
        ]
        try:
            master = ("--master", "--expect-workers", "2", "--master-bind-port", port)
            told = locust(server.url, tmp_path, *SHORT, *master)
            for worker in workers:
                worker.wait(30)
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        asked = sum(server.asked.values())
    assert told.returncode == 1, told.stdout + told.stderr
    assert f"pass  {asked} requests" in told.stdout
    assert "FAIL  wrong answers" in told.stdout


def test_the_real_service_gives_every_answer_that_is_due(server, tmp_path):
    """Bad inputs, too: each gets its own status and code. How fast is not the question here."""
    told = locust(server.inference, tmp_path, "--peak", "5", "--seconds", "15", "--max-p95", "60000", "--csv", "load")
    assert told.returncode == 0, told.stdout + told.stderr
    with open(tmp_path / "load_stats.csv") as file:
        rows = {row["Name"]: int(row["Failure Count"]) for row in csv.DictReader(file)}
    assert set(rows.values()) == {0}

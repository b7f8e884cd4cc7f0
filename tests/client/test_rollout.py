"""`face rollout` and `face rollback` on a real server, with clients that must not notice."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config.server import Server
from tests.client.archives import Store, make_store
from tests.client.load import Load
from tests.pictures import no_face, portrait
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
FACE = [sys.executable, "-m", "client"]
WORKERS = 2
NOISE = ["--max-slowdown", "20"]  # the machine may do other things meanwhile
QUICK = ["--watch", "2", *NOISE]


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def running(store) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="face-") as run_dir:
        server = Server(
            port=free_port(),
            models=["face-1.0.mar"],
            model_store=store.folder,
            run_dir=Path(run_dir),
            log=store.folder / "server.log",
            options=["--workers", str(WORKERS), "--threads", "1"],
        )
        try:
            server.wait_until_ready(180)
            yield server
        finally:
            server.stop()


@pytest.fixture
def server(running, store) -> Server:
    """The server with 1.0 alone, whatever the last test has left."""
    store.signal.unlink(missing_ok=True)
    model = f"{running.management}/models/face"
    if "1.0" not in versions(running):
        register(running, store.mar("1.0"))
    requests.put(f"{model}/1.0/set-default", timeout=10).raise_for_status()
    for version in versions(running).keys() - {"1.0"}:
        requests.delete(f"{model}/{version}", timeout=60).raise_for_status()
    scale = {"min_worker": WORKERS, "max_worker": WORKERS, "synchronous": "true"}
    requests.put(f"{model}/1.0", params=scale, timeout=120).raise_for_status()
    running.wait_until_ready(60)
    return running


def versions(server: Server) -> dict[str, int]:
    """READY workers by version."""
    entries = requests.get(f"{server.management}/models/face/all", timeout=10).json()
    return {entry["modelVersion"]: sum(worker["status"] == "READY" for worker in entry["workers"]) for entry in entries}


def register(server: Server, mar: Path) -> None:
    """Registers a version by hand, with one worker."""
    options = {"url": mar.name, "initial_workers": 1, "synchronous": "true"}
    requests.post(f"{server.management}/models", params=options, timeout=120).raise_for_status()


def default(server: Server) -> str:
    return requests.get(f"{server.management}/models/face", timeout=10).json()[0]["modelVersion"]


class Face:
    """Runs `face` against the server with notes of its own and a golden set of two."""

    def __init__(self, server: Server, folder: Path):
        golden = folder / "golden"
        golden.mkdir()
        (golden / "portrait.jpg").write_bytes(portrait())
        (golden / "room.png").write_bytes(no_face())
        urls = {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management, "FACE_METRICS_URL": server.metrics}
        own = {"XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "250", "PYTHONPATH": str(ROOT)}
        self.options = {"env": os.environ | urls | own, "cwd": folder, "text": True}
        self.golden = ["--golden", str(golden)]
        self.notes = folder / "state" / "face"

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess:
        done = subprocess.run([*FACE, *map(str, arguments)], capture_output=True, timeout=300, check=False, **self.options)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def rollout(self, mar: Path, *options: str) -> subprocess.CompletedProcess:
        return self("rollout", mar, *self.golden, *(options or QUICK))

    def start(self, *arguments: str | Path) -> subprocess.Popen:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*FACE, *map(str, arguments)], **pipes, **self.options)

    def killed_at(self, words: str, *arguments: str | Path, after: float = 0.0) -> None:
        """Starts it and kills it so long after a line with these words."""
        process = self.start(*arguments)
        watchdog = threading.Timer(300, process.kill)
        watchdog.start()
        lines = []
        try:
            assert any(lines.append(line) or words in line for line in process.stderr), f"never came to {words!r}: {lines}"
            time.sleep(after)
        finally:
            watchdog.cancel()
            process.kill()
            process.communicate()


@pytest.fixture
def face(server, tmp_path) -> Face:
    return Face(server, tmp_path)


def told(done: subprocess.CompletedProcess) -> dict:
    return json.loads(done.stdout)


def test_rollouts_and_a_rollback_lose_no_request(face, server, store):
    with Load(server.inference) as load:
        first = face.rollout(store.mar("1.1"))
        assert (first.returncode, told(first)["outcome"], default(server)) == (0, "rolled_out", "1.1")
        assert versions(server) == {"1.0": 1, "1.1": WORKERS}  # the former one stands by
        assert told(first)["comparison"]["flip_rate"] == 0
        assert told(first)["comparison"]["heat_map_overlap"] == pytest.approx(1)
        assert told(first)["after"]["requests"] > 2
        second = face.rollout(store.mar("1.2"))
        assert (second.returncode, default(server)) == (0, "1.2")
        assert versions(server) == {"1.1": 1, "1.2": WORKERS}
        back = face("rollback", *face.golden)
        assert (back.returncode, told(back)["former"], default(server)) == (0, "1.1", "1.1")
        assert versions(server) == {"1.1": WORKERS}
    assert not load.failures
    assert load.versions.keys() == {"1.0", "1.1", "1.2"}
    again = face("rollback", *face.golden)
    assert (again.returncode, default(server)) == (1, "1.1")
    assert "nothing to go back to" in again.stderr


BAD = {
    "broken": "does not start",
    "failing": r"fails on 100\.0% of the golden images",
    "worse": "another verdict|scores differ|heat maps overlap",
}


@pytest.mark.parametrize("version", BAD)
def test_what_is_bad_is_refused(face, server, store, version):
    with Load(server.inference, clients=1) as load:
        done = face.rollout(store.mar(version), "--max-flips", "0", "--max-shift", "0.01", "--min-overlap", "0.9", *NOISE)
    assert (done.returncode, told(done)["outcome"]) == (1, "refused")
    assert re.search(BAD[version], done.stderr)
    assert (versions(server), default(server)) == ({"1.0": WORKERS}, "1.0")
    assert (not load.failures, load.versions.keys()) == (True, {"1.0"})
    assert not list(face.notes.glob("*.json"))


def test_what_is_slow_is_refused(face, server, store):
    done = face.rollout(store.mar("slow"), "--max-slowdown", "3")
    assert done.returncode == 1
    assert re.search(r"It takes \d+\.\d+ times as long \(limit 3\)", done.stderr)
    assert versions(server) == {"1.0": WORKERS}


def test_what_turns_bad_after_the_switch_is_taken_back(face, server, store):
    process = face.start("rollout", store.mar("turning"), *face.golden, "--watch", "60", *NOISE)
    try:
        assert any("watching it for" in line for line in process.stderr)
        assert default(server) == "turning"
        store.signal.touch()
        output, errors = process.communicate(timeout=200)
    finally:
        process.kill()
    assert process.returncode == 1, errors
    report = json.loads(output)
    assert (report["outcome"], report["former"]) == ("rolled_back", "1.0")
    assert re.search(r"\d+ of \d+ requests failed", report["reasons"][0])
    assert (versions(server), default(server)) == ({"1.0": WORKERS}, "1.0")


def test_a_version_answers_what_it_has_before_it_goes(face, server, store):
    """Twenty requests are on their way to it, by its name and as the default, when it is taken back."""
    register(server, store.mar("slow"))
    requests.put(f"{server.management}/models/face/slow/set-default", timeout=10).raise_for_status()
    statuses = []

    def ask(path: str) -> None:
        statuses.append(requests.post(f"{server.inference}/predictions/{path}", data=portrait(), timeout=100).status_code)

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("face", "face/slow") * 10]
    for thread in threads:
        thread.start()
    done = face("rollback", *face.golden)
    for thread in threads:
        thread.join()
    assert done.returncode == 0, done.stderr
    assert statuses == [200] * len(threads)
    assert versions(server) == {"1.0": WORKERS}


STEPS = {
    "starting 2 workers": 0.5,
    "warming": 0.0,
    "comparing": 0.3,
    "before the switch": 0.5,
    "making it the default": 0.0,
    "watching it for": 0.5,
    "waiting for its last answers": 1.0,
}


def test_killed_at_any_step_the_same_command_goes_on(face, server, store):
    """Each attempt is killed a step later than the one before; the last one may end."""
    command = ["rollout", store.mar("1.1"), *face.golden, *QUICK]
    with Load(server.inference) as load:
        for words, after in STEPS.items():
            face.killed_at(words, *command, after=after)
        done = face(*command)
    assert (done.returncode, told(done)["outcome"]) == (0, "rolled_out"), done.stderr
    assert "comparing" not in done.stderr  # that was done
    assert (versions(server), default(server)) == ({"1.0": 1, "1.1": WORKERS}, "1.1")
    assert not load.failures


def test_killed_at_any_step_of_a_rollback_too(face, server, store):
    assert face.rollout(store.mar("1.1")).returncode == 0
    with Load(server.inference) as load:
        for words in ("workers are up", "is the default again", "waiting for its last answers"):
            face.killed_at(words, "rollback", *face.golden)
        assert default(server) == "1.0"
        done = face("rollback", *face.golden)
    assert done.returncode == 0, done.stderr
    assert (versions(server), default(server)) == ({"1.0": WORKERS}, "1.0")
    assert not load.failures


def test_a_rollout_that_was_killed_can_be_taken_back_instead(face, server, store):
    face.killed_at("comparing", "rollout", store.mar("1.1"), *face.golden)
    models = face("models", "--format", "table").stdout
    assert re.search(r"1\.1 +candidate +face-1\.1\.mar", models)
    other = face.rollout(store.mar("1.2"))
    assert other.returncode == 1
    assert "face-1.1.mar is not rolled out to its end" in other.stderr
    assert face("rollback", *face.golden).returncode == 0
    assert (versions(server), default(server)) == ({"1.0": WORKERS}, "1.0")


def test_one_at_a_time(face, server, store):
    process = face.start("rollout", store.mar("1.1"), *face.golden, "--watch", "60", *NOISE)
    try:
        assert any("watching it for" in line for line in process.stderr)
        assert re.search(r"1\.0 +former .*\n(.*\n)?1\.1 +yes +watched ", face("models", "--format", "table").stdout)
        for arguments in (["rollback", *face.golden], ["rollout", store.mar("1.2")]):
            done = face(*arguments)
            assert (done.returncode, done.stdout) == (1, "")
            assert "Another roll-out or rollback of this server is running" in done.stderr
    finally:
        process.kill()
        process.communicate()


def test_a_dry_run_says_what_and_does_nothing(face, server, store):
    done = face.rollout(store.mar("1.1"), "--dry-run")
    assert done.returncode == 0
    assert [line[:2] for line in done.stdout.splitlines()] == ["1.", "2.", "3.", "4.", "5."]
    assert "start 2 workers of 1.1" in done.stdout
    assert versions(server) == {"1.0": WORKERS}
    assert not face.notes.exists()


def test_what_serves_already_is_left_alone(face, server, store):
    done = face.rollout(store.mar("1.0"))
    assert (done.returncode, told(done)["outcome"]) == (0, "already_default")


def test_the_server_must_have_the_same_file(face, server, store, tmp_path):
    """A file of that name with other weights lies where the command looks, but not where the server does."""
    (tmp_path / "elsewhere").mkdir()
    other = Store(tmp_path / "elsewhere").add("1.1", seed=3)
    done = face.rollout(other)
    assert (done.returncode, told(done)["outcome"]) == (1, "refused")
    assert "another face-1.1.mar" in done.stderr
    assert versions(server) == {"1.0": WORKERS}


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_file_that_is_no_archive_never_reaches_the_server(face, server, tmp_path, content):
    (tmp_path / "face-9.mar").write_bytes(content)
    done = face.rollout(tmp_path / "face-9.mar")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is no archive of the service" in done.stderr


def test_without_notes_the_other_version_is_the_former_one(face, server, store):
    register = {"initial_workers": 1, "synchronous": "true"}
    for version in ("1.1", "1.2"):
        answer = requests.post(f"{server.management}/models", params={"url": store.mar(version).name, **register}, timeout=120)
        answer.raise_for_status()
    unsure = face("rollback", *face.golden)
    assert unsure.returncode == 1
    assert "say --to which of 1.1, 1.2" in unsure.stderr
    done = face("rollback", "--to", "1.2", *face.golden)
    assert (done.returncode, default(server)) == (0, "1.2")
    assert versions(server) == {"1.1": 1, "1.2": WORKERS}


def test_compare_tells_versions_apart(face, server, store):
    register(server, store.mar("worse"))
    same, other = (told(face("compare", "1.0", version, *face.golden)) for version in ("1.0", "worse"))
    assert (same["images"], same["flip_rate"], same["score_shift"], same["error_rate"]) == (2, 0, 0, 0)
    assert same["heat_map_overlap"] == pytest.approx(1)
    assert other["score_shift"] > 0.01
    assert other["heat_map_overlap"] < 0.9
    assert 0 < other["latency_ratio"] < 100
    table = face("compare", "1.0", "worse", *face.golden, "--format", "table").stdout
    assert re.search(r"score_shift +0\.\d{3}", table)
    missing = face("compare", "1.0", "9.9", *face.golden)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "9.9" in missing.stderr


def test_watch_counts_what_comes_in(face, server):
    with Load(server.inference, clients=1) as load:
        done = face("watch", "--every", "1", "--for", "6", "--format", "jsonl")
        requests.post(f"{server.inference}/predictions/face", data=b"text", timeout=60)
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    version = [row for row in rows if row["version"] == "1.0"][-1]
    everything = [row for row in rows if row["version"] == "all"]
    assert len(everything) >= 5
    assert 0 < everything[-1]["count"] <= load.versions.total() + 10
    assert everything[-1]["error_share"] == 0
    assert everything[-1]["mean_ms"] > 0
    assert 0 < version["p50_ms"] <= version["p95_ms"]
    assert sum(version[name] for name in ("ai", "real", "uncertain", "no_face")) == pytest.approx(1)

"""`face rollout` on a real server, with clients that must not notice."""

import json
import re

import pytest

from tests.client.archives import Store
from tests.client.load import Load
from tests.client.rollouts.site import NOISE, WORKERS, default, told, versions


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

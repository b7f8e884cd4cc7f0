"""A roll-out or a rollback that is killed: the next command goes on, or takes it back."""

import re

from tests.client.load import Load
from tests.client.rollouts.site import QUICK, WORKERS, default, told, versions

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

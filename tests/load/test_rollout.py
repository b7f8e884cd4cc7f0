"""The rehearsal of roll-outs itself, in short: a small load, and a server that gives requests up soon."""

import subprocess
import sys

from config.server import ROOT
from tests.load.rollout import Step, tried

SHORT = ["--requests", "0", "--peak", "15", "--watch", "1", "--workers", "1", "--response-timeout", "8"]


def rehearse(folder, *options: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "tests.load.rollout", *SHORT, "--out", str(folder), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def test_versions_come_and_go_and_no_request_is_lost(tmp_path):
    done = rehearse(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [line for line in done.stdout.splitlines() if line.startswith("pass  ")]
    outcomes = ("a new version: rolled_out", "back: rolled_back", "a broken one: refused", "a worse one: refused")
    assert all(words in line for words, line in zip(outcomes, steps, strict=False))
    assert "Version 3.0 does not start" in done.stdout
    assert "It gives 100.0% of them another verdict" in done.stdout
    assert "wrong answers 0.000%" in done.stdout and "lost requests 0," in done.stdout


def test_a_step_that_does_not_come_out_as_it_should_is_a_failure(server, tmp_path, capsys):
    assert not tried(Step("back", ("rollback", "--to", "9.9"), "rolled_back", "1.0"), server, tmp_path)
    assert "No version 9.9 stands by" in capsys.readouterr().out

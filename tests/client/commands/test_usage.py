"""What all commands share: exit codes, help, completion, and what they are made of."""

import os
import subprocess
import sys

import pytest

from config.server import ROOT
from tests.client.commands.process import nobody

ASKING = [
    ["predict", "photos"],
    ["explain", "photos"],
    ["status"],
    ["models"],
    ["rollback"],
    ["compare", "1.0", "2.0"],
    ["watch"],
]


@pytest.mark.parametrize("arguments", ASKING, ids=lambda arguments: arguments[0])
def test_a_service_that_is_not_there_has_its_own_exit_code(face, photos, arguments, tmp_path):
    url = nobody()
    done = face(*arguments, FACE_URL=url, FACE_MANAGEMENT_URL=url, FACE_METRICS_URL=url, XDG_STATE_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (3, b"")
    assert f"{url} cannot be reached".encode() in done.stderr


WRONG = {
    "no path": ["predict"],
    "no such command": ["guess", "a.jpg"],
    "no such format": ["predict", "a.jpg", "--format", "xml"],
    "no such target": ["explain", "a.jpg", "--target", "both"],
    "no http URL": ["predict", "a.jpg", "--url", "ftp://host"],
    "a key of two lines": ["predict", "a.jpg", "--api-key", "one\ntwo"],
    "no port": ["predict", "a.jpg", "--url", "http://host:port"],
    "no requests at all": ["predict", "a.jpg", "--concurrency", "0"],
    "the standard input twice": ["predict", "-", "-"],
    "no archive": ["rollout", "nowhere.mar"],
    "one version": ["compare", "1.0"],
    "where to draw what is not to be drawn": ["explain", "a.jpg", "--no-draw", "--heatmaps", "maps"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_usage_has_its_own_exit_code(face, arguments):
    done = face(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage: face" in done.stderr


COMMANDS = [[], *([name] for name in ("predict", "explain", "models", "status", "rollout", "rollback", "compare", "watch"))]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_help_shows_examples_and_exit_codes(face, arguments):
    text = face(*arguments, "--help").stdout.decode()
    assert "Exit codes: 0 all answered" in text
    assert f"$ face {' '.join(arguments)}" in text or not arguments


@pytest.mark.parametrize("words, completed", [("face pre", ["predict"]), ("face predict --conc", ["--concurrency"])])
def test_bash_completes_what_it_shows(environment, words, completed):
    """The script of --show-completion, in a bash that has bin/ on its path."""
    script = f"""
        eval "$(face --show-completion)"
        COMP_WORDS=({words}) COMP_CWORD={len(words.split()) - 1}
        _face_completion face
        echo "${{COMPREPLY[@]}}"
    """
    path = os.pathsep.join((str(ROOT / "bin"), os.environ["PATH"]))
    done = subprocess.run(["bash", "-c", script], env=environment | {"PATH": path}, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == completed, done.stderr


def test_it_knows_nothing_of_the_service_but_http():
    """So that it can be copied to a machine that has neither torch nor this repo."""
    code = "import sys, client.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stdout.split())
    assert "client" in loaded
    assert not loaded & {"handler", "training", "config", "torch", "ts", "numpy", "PIL"}

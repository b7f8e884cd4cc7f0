"""Processes of `face`, and what they print."""

import functools
import json
import signal
import socket
import subprocess
import sys

FACE = [sys.executable, "-m", "client"]


def lines(done: subprocess.CompletedProcess) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def start(environment, *arguments: str) -> subprocess.Popen:
    """Runs `face` in the background, with Ctrl-C at work even where this process was started to ignore it."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen([*FACE, *arguments], env=environment, preexec_fn=heed, **pipes)


def nobody() -> str:
    """The URL of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return f"http://127.0.0.1:{held.getsockname()[1]}"

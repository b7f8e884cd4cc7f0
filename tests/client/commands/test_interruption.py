"""Commands that are ended before their end."""

import json
import signal
import time

from tests.client.bodies import encoded, prediction
from tests.client.commands.process import start
from tests.client.stub import Reply
from tests.waiting import wait_until


def test_ctrl_c_ends_it_at_once_and_quietly(environment, stub, photos):
    """With requests that would take a minute in flight."""
    stub.answer = lambda request: Reply(delay=60)
    process = start(environment, "predict", str(photos), "--url", stub.url)
    try:
        wait_until(lambda: stub.requests, 30)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert time.monotonic() - started < 10
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_a_reader_that_leaves_ends_it_quietly(environment, stub, photos):
    stub.answer = lambda request: Reply(body=encoded(prediction()), delay=0.05)
    process = start(environment, "predict", *[str(photos / "a.jpg")] * 300, "--url", stub.url)
    try:
        assert json.loads(process.stdout.readline())
        process.stdout.close()
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert errors == b""
    assert process.returncode == 1
    assert len(stub.requests) < 300

"""When a version has nothing left to answer."""

import time

import pytest

from client.drain import Drain
from client.site import Site
from tests.client.bodies import encoded
from tests.client.stub import Reply, Request, Stub
from tests.client.test_management import entry

TIMEOUT = 1  # seconds


class Version:
    """What the stub tells of version 1.0."""

    pending = 0
    finished = 0
    asked = 0

    def __call__(self, request: Request) -> Reply:
        if request.path == "/metrics":
            labels = 'ModelName="face",ModelVersion="1.0"'
            text = f'face_verdicts_total{{{labels},Verdict="ai"}} {self.finished}\n'
            text += f'ts_inference_requests_total{{model_name="face",model_version="1.0"}} {self.asked}\n'
            return Reply(body=text.encode())
        told = entry("1.0", "READY") | {"responseTimeout": TIMEOUT, "jobQueueStatus": {"pendingRequests": self.pending}}
        return Reply(body=encoded([told]))


@pytest.fixture
def version(stub: Stub) -> Version:
    stub.answer = Version()
    return stub.answer


@pytest.fixture
def drain(stub, version):
    with Site.at(stub.url, stub.url, stub.url, api_key=None, timeout=5) as site:
        yield Drain(site, "1.0")


def silent_for(drain: Drain, seconds: float) -> bool:
    time.sleep(seconds)
    return drain.look()


def test_silence_for_as_long_as_an_answer_may_take(drain):
    assert not drain.look()
    assert not silent_for(drain, 0.6 * TIMEOUT)
    assert silent_for(drain, 0.6 * TIMEOUT)


@pytest.mark.parametrize("name", ["pending", "finished", "asked"])
def test_whatever_happens_starts_it_anew(drain, version, name):
    assert not drain.look()
    assert not silent_for(drain, 0.6 * TIMEOUT)
    setattr(version, name, 1)
    assert not silent_for(drain, 0.6 * TIMEOUT)
    version.pending = 0
    assert not silent_for(drain, 0.6 * TIMEOUT)
    assert silent_for(drain, 0.6 * TIMEOUT)


def test_a_version_that_is_gone_has_nothing(stub, version):
    with Site.at(stub.url, stub.url, stub.url, api_key=None, timeout=5) as site:
        assert Drain(site, "2.0").wait()

"""An input that a limit put off is sent again, and an answer that stays the same is its own."""

import asyncio
import os
import subprocess

import pytest

from tests.hostile import service as module
from tests.hostile.case import FRONT_DEFECTS, OK, case
from tests.hostile.client import Exchange, Reply
from tests.hostile.service import ATTEMPTS, Service, Worker

CASE = case("x", b"", OK)
LATER = {"retry-after": "0"}


def came(status: int, headers: dict[str, str] | None = None) -> Exchange:
    body = b"{}" if status == 200 else b'{"code": "c"}'
    return Exchange(0.0, (Reply(status, headers or {}, body),), None)


@pytest.fixture
def answers(monkeypatch) -> list[Exchange]:
    """What comes, one a sending."""
    waiting: list[Exchange] = []

    async def exchange(*_) -> Exchange:
        return waiting.pop(0)

    monkeypatch.setattr(module, "exchange", exchange)
    return waiting


def ask(service: Service) -> list[str]:
    return asyncio.run(service.ask(CASE)).outcomes


def test_what_is_put_off_is_sent_again_at_the_gateway(answers):
    gateway = Service("http://127.0.0.1:1", "", key="k")
    answers += [came(429, LATER), came(503, LATER), came(200)]
    assert ask(gateway) == [OK]
    assert gateway.put_off == {"429 c": 1, "503 c": 1}
    answers += [came(503, LATER)] * ATTEMPTS
    assert ask(gateway) == ["503 c"]
    assert not answers


@pytest.mark.parametrize("answer", [came(503), came(500, LATER), came(400, LATER)])
def test_another_answer_is_the_inputs_own(answers, answer):
    answers += [answer]
    assert ask(Service("http://127.0.0.1:1", "", key="k")) == answer.outcomes


def test_at_torchserve_itself_every_answer_counts_and_its_known_defects_are_excused(answers):
    answers += [came(503, LATER)]
    inside = Service("http://127.0.0.1:1", "")
    assert ask(inside) == ["503 c"]
    assert (inside.defects, Service("http://127.0.0.1:1", "", key="k").defects) == (FRONT_DEFECTS, frozenset())


def test_a_worker_that_ended_weighs_nothing_and_says_so():
    """Its process is still listed until its parent asks for its end."""
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProcessLookupError):
        Worker(child.pid).memory()
    child.wait()

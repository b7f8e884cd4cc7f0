"""The gateway's door: what a hostile client sends there, and what of it arrives behind."""

import asyncio

import pytest

from tests.hostile.client import exchange
from tests.hostile.doors import attacks

PATIENCE = 20.0  # seconds; the gateway gives a client 15 (limits.conf)
MODEL_PATH = "/predictions/face"


pytestmark = pytest.mark.usefixtures("nginx")


def test_slow_and_lying_clients_reach_nobody(gateway, upstream):
    cases = attacks()

    async def all_at_once():
        return await asyncio.gather(*(exchange(case, "127.0.0.1", gateway.port, PATIENCE) for case in cases.values()))

    came = dict(zip(cases, asyncio.run(all_at_once()), strict=True))
    outcomes = {name: one.outcomes for name, one in came.items()}
    # nothing that hid in a body was passed on, or answered
    assert {told["path"] for told in upstream.seen} <= {MODEL_PATH}
    assert [name for name, found in outcomes.items() if name.startswith("smuggled") and found.count("200") > 1] == []
    for name in ("head, a byte a second", "head without an end", "body without an end", "nothing at all"):
        assert outcomes[f"slow: {name}"] in (["closed"], ["408"]), name
    assert outcomes["slow: body in pieces, within 5 s"] == ["200"]
    assert all(found[0].startswith(("4", "5", "closed")) for name, found in outcomes.items() if name.startswith("flood"))
    assert gateway.predict().status_code == 200

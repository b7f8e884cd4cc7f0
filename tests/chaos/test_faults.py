"""A fault that takes little time; `make chaos` does all of them, and measures how long recovery takes, on a quiet machine."""

from tests.chaos.fault import run
from tests.chaos.faults import FAULTS


def test_clients_lose_nothing_when_all_workers_are_killed(nginx):
    result = run(FAULTS["all-workers-killed"]())
    assert not result.unseen
    assert not result.wrong  # how long it took depends on what else the machine does

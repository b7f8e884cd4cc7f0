"""When a fault's result counts as broken: the checks fail when they should."""

import pytest

from tests.chaos.fault import ANSWER, RECOVERY, Result
from tests.chaos.table import page

KEPT = {"recovery": 3.0, "asked": 100, "failed": {"503": 2, "ConnectionError": 1}, "slowest": 2.0, "retried": 50}


def test_a_fault_that_was_survived():
    result = Result("a fault", **KEPT)
    assert not result.broken
    assert "| a fault | 3.0 s | 100 | 2 x 503, 1 x ConnectionError | 2.0 s | 50 | 0 | kept |" in page([result])


@pytest.mark.parametrize(
    "changes",
    [
        {"recovery": None},
        {"recovery": RECOVERY + 1},
        {"failed": {"500": 1}},
        {"failed": {"another answer": 1}},
        {"without_retry_after": 1},
        {"slowest": ANSWER + 1},
        {"failed": {"no answer": 1}},
        {"hanging": 1},
        {"lost": {"unavailable": 1}},
        {"asked": 0},
        {"unseen": "the clock did not jump"},
    ],
    ids=str,
)
def test_each_broken_promise_is_told(changes):
    result = Result("a fault", **KEPT | changes)
    assert result.broken
    assert "**broken**" in page([result])


def test_what_cannot_be_done_is_said_to_be_skipped():
    result = Result("a fault", skipped="needs root")
    assert not result.broken
    assert "skipped: needs root" in page([result])

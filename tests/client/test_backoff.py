"""Pauses between attempts."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from client.backoff import Backoff, seconds_of


def test_the_bound_doubles_up_to_the_longest():
    backoff = Backoff(attempts=10, first=1.0, longest=5.0)
    for failures, bound in ((1, 1), (2, 2), (3, 4), (4, 5), (9, 5)):
        pauses = [backoff.pause(failures) for _ in range(500)]
        assert 0 <= min(pauses) < 0.2 * bound  # full jitter: from nothing ...
        assert 0.8 * bound < max(pauses) <= bound  # ... to the bound


def test_it_gives_up_after_all_attempts():
    backoff = Backoff(attempts=3)
    assert backoff.pause(2) is not None
    assert backoff.pause(3) is None


def test_a_server_that_asks_for_a_pause_gets_it_or_is_left_alone():
    backoff = Backoff(first=0.5, patience=10)
    assert all(7 <= backoff.pause(1, "7") <= 7.5 for _ in range(100))
    assert backoff.pause(1, "11") is None


@pytest.mark.parametrize("header, seconds", [(None, 0), ("", 0), ("3", 3), (" 12 ", 12), ("soon", 0), ("-5", 0)])
def test_retry_after_in_seconds(header, seconds):
    assert seconds_of(header) == seconds


def test_retry_after_as_a_date():
    now = datetime.now(UTC)
    assert seconds_of(format_datetime(now + timedelta(seconds=20), usegmt=True)) == pytest.approx(20, abs=2)
    assert seconds_of(format_datetime(now - timedelta(seconds=20), usegmt=True)) == 0

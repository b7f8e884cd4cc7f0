"""How long to wait before a request is tried again."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Backoff:
    """Exponential, with full jitter, so that clients that were turned away together do not come back together.

    Attributes:
        attempts: requests in all, the first one included.
        first: upper bound of the first pause in seconds; it doubles from pause to pause.
        longest: upper bound of any pause of our own choosing, in seconds.
        patience: seconds; a server that asks for a longer pause is not asked again.
    """

    attempts: int = 8
    first: float = 0.2
    longest: float = 5.0
    patience: float = 30.0

    def pause(self, failures: int, retry_after: str | None = None) -> float | None:
        """Seconds to wait after so many failures in a row; None means to give up.

        Args:
            retry_after: the header of that name; the pause is never shorter than what it asks for.
        """
        if failures >= self.attempts:
            return None
        asked = seconds_of(retry_after)
        if asked > self.patience:
            return None
        return asked + random.uniform(0, min(self.longest, self.first * 2 ** (failures - 1)))


def seconds_of(retry_after: str | None) -> float:
    """Seconds that a Retry-After header asks for, given as a number or as a date (RFC 9110); 0 for none or nonsense."""
    if not retry_after:
        return 0.0
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())

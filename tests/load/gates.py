"""What a load test has to keep to: a slow, a wrong and a lost answer each fail it."""

from dataclasses import dataclass

LOST = "lost"  # an error's text begins with it when no answer came
TOO_FEW = 20  # requests: a test of fewer says nothing


@dataclass(frozen=True)
class Gates:
    """The limits.

    Attributes:
        p95_ms: for nineteen answers of twenty, of all requests together.
        errors: share of the requests that were answered otherwise than they should have been.
        lost: number of the requests that were not answered at all.
    """

    p95_ms: float
    errors: float
    lost: int

    def verdicts(self, stats) -> list[tuple[bool, str]]:
        """For each gate whether it is kept, and the figures.

        Args:
            stats: locust's `RequestStats`, of all workers.
        """
        requests, total = stats.total.num_requests, stats.total
        lost = sum(error.occurrences for error in stats.errors.values() if str(error.error).startswith(LOST))
        wrong = (total.num_failures - lost) / max(1, requests)
        p95 = total.get_response_time_percentile(0.95) or 0
        return [
            (requests >= TOO_FEW, f"{requests} requests, at least {TOO_FEW}"),
            (p95 <= self.p95_ms, f"p95 {p95:.0f} ms, at most {self.p95_ms:.0f}"),
            (wrong <= self.errors, f"wrong answers {wrong:.3%}, at most {self.errors:.3%}"),
            (lost <= self.lost, f"lost requests {lost}, at most {self.lost}"),
        ]

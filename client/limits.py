"""How far a new version may differ from the one that it replaces."""

from dataclasses import dataclass

from client.comparison import Comparison
from client.traffic import Window

EARLY = 20  # requests before the latency is judged while watching
FEW = 3  # failures before the error share is: one alone may be chance


@dataclass(frozen=True)
class Limits:
    """Bounds, inclusive, on a comparison and on what is watched after it.

    Attributes:
        flips, shift, overlap: on the comparison's figures of these names.
        slowdown: on the comparison's latency ratio, and on that of the mean time of a request after to that before the switch.
        errors: on the comparison's error rate, and on the share of failed requests above that before the switch.
    """

    flips: float = 0.05
    shift: float = 0.1
    overlap: float = 0.5
    slowdown: float = 1.5
    errors: float = 0.01

    def in_words(self) -> str:
        return (
            f"flips <= {self.flips:g}, shift <= {self.shift:g}, overlap >= {self.overlap:g}, "
            f"slowdown <= {self.slowdown:g}, errors <= {self.errors:g}"
        )

    def broken_by(self, compared: Comparison) -> list[str]:
        """What speaks against the new version, as sentences; none where it may serve."""
        reasons = []
        if compared.error_rate > self.errors:
            reasons.append(f"It fails on {compared.error_rate:.1%} of the golden images (limit {self.errors:.1%}).")
        if compared.flip_rate is not None and compared.flip_rate > self.flips:
            reasons.append(f"It gives {compared.flip_rate:.1%} of them another verdict (limit {self.flips:.1%}).")
        if compared.score_shift is not None and compared.score_shift > self.shift:
            reasons.append(f"Its scores differ by {compared.score_shift:.3f} on average (limit {self.shift:g}).")
        if compared.heat_map_overlap is not None and compared.heat_map_overlap < self.overlap:
            reasons.append(f"Its heat maps overlap by {compared.heat_map_overlap:.2f} only (limit {self.overlap:g}).")
        if compared.latency_ratio is not None and compared.latency_ratio > self.slowdown:
            reasons.append(f"It takes {compared.latency_ratio:.2f} times as long (limit {self.slowdown:g}).")
        return reasons

    def broken_in(self, seen: Window, before: Window, *, silent: int, final: bool) -> list[str]:
        """What speaks against it once it serves.

        Args:
            before: the same figures from before the switch.
            silent: requests of the watcher that got no answer at all, which the server does not count as failed.
            final: whether this is the end of the watch: until then, chance is given room.
        """
        reasons = []
        if silent >= FEW:
            reasons.append(f"{silent} requests got no answer.")
        if seen.failed_share > before.failed_share + self.errors and (final or seen.failed >= FEW):
            known = f", {before.failed_share:.1%} before" if before.failed else ""
            reasons.append(f"{seen.failed} of {seen.requests} requests failed (limit {self.errors:.1%}{known}).")
        ratio = seen.mean_ms / before.mean_ms if seen.mean_ms and before.mean_ms else None
        if ratio and ratio > self.slowdown and (final or seen.requests >= EARLY):
            times = f"{seen.mean_ms:.0f} ms instead of {before.mean_ms:.0f}"
            reasons.append(f"A request takes {times}: {ratio:.2f} times as long (limit {self.slowdown:g}).")
        return reasons

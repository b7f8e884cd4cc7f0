"""What the service is meant to reach, and whether this run saw it. Timing is no test: nothing fails."""

from dataclasses import asdict, dataclass

from tests.bench.figures import Repeats, Spread
from tests.bench.plan import EXPLAIN, FACE, FASTAPI, GOAL_SIZE, IN_PROCESS, LITSERVE, OVERLAY, PNG, PREDICT, STOCK, Cell

ALONE = Cell(PREDICT, GOAL_SIZE, 1)
BUSY = Cell(PREDICT, GOAL_SIZE, 8)


@dataclass(frozen=True)
class Goal:
    """A figure and its limit.

    Attributes:
        spread: None where the run has no figure.
        at_least: the limit's direction; else the figure must be at most the limit.
    """

    text: str
    unit: str
    limit: float
    at_least: bool
    spread: Spread | None

    @property
    def met(self) -> bool | None:
        """By the median; None where there is no figure."""
        if self.spread is None:
            return None
        return self.spread.median >= self.limit if self.at_least else self.spread.median <= self.limit

    def as_json(self) -> dict:
        return asdict(self) | {"met": self.met}


def goals(result: dict) -> list[Goal]:
    """The goals, with the figures of a run."""
    repeats = Repeats(result["repeats"])

    def busy(kind: str = PREDICT) -> tuple[str, Cell]:
        return FACE, Cell(kind, BUSY.size, BUSY.concurrency)

    where = f"{GOAL_SIZE} px, {BUSY.concurrency} clients"
    made = [
        Goal(f"throughput, of in-process ({where})", "x", 0.8, True, repeats.ratio(busy(), (IN_PROCESS, BUSY))),
        Goal(f"throughput, of FastAPI ({where})", "x", 4, True, repeats.ratio(busy(), (FASTAPI, BUSY))),
        Goal(f"throughput, of LitServe ({where})", "x", 4, True, repeats.ratio(busy(), (LITSERVE, BUSY))),
        Goal(f"throughput, of stock TorchServe ({where})", "x", 5, True, repeats.ratio(busy(), (STOCK, BUSY))),
        Goal(
            f"p50 above in-process ({GOAL_SIZE} px, 1 client)",
            "ms",
            3,
            False,
            repeats.difference((FACE, ALONE), (IN_PROCESS, ALONE), "p50_ms"),
        ),
        Goal(f"explanations as JSON, of predictions ({where})", "x", 0.9, True, repeats.ratio(busy(EXPLAIN), busy())),
        Goal(
            f"explanations as JSON with picture, of predictions ({where})", "x", 0.5, True, repeats.ratio(busy(OVERLAY), busy())
        ),
        Goal(f"explanations as PNG, of predictions ({where})", "x", 0.5, True, repeats.ratio(busy(PNG), busy())),
    ]
    loops = [loop for repeat in result["repeats"] if (loop := repeat.get("open_loop")) and not loop["failed"]]
    tail = Spread.of(loop["p99_ms"] / loop["p50_ms"] for loop in loops)
    ready = Spread.of(repeat["start"].get(FACE, {}).get("ready_s") for repeat in result["repeats"])
    heaviest = [max(repeat["memory"].get(FACE, {}).get("workers") or [None]) for repeat in result["repeats"]]
    return [
        *made,
        Goal("open loop at 70 % of capacity: p99 over p50", "x", 3, False, tail),
        Goal("first worker READY after", "s", 5, False, ready),
        Goal("memory of the heaviest worker", "MB", 400, False, Spread.of(heaviest)),
    ]

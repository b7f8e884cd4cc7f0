"""What is measured: cells, each of which is asked of every contestant that can answer it."""

from dataclasses import dataclass

SIZES = (256, 512, 1024)  # long side of the photos, in pixels
CONCURRENCY = (1, 8, 32)  # clients at a time, each waiting for its answer
PREDICT = "predict"
EXPLAIN = "explain"  # the map as JSON
OVERLAY = "overlay"  # the map as JSON, with the picture in it
PNG = "png"  # the picture itself
KINDS = (PREDICT, EXPLAIN, OVERLAY, PNG)
GOAL_SIZE = 512  # what the goals speak of; explanations and the open loop are measured at this size only
EXPLAIN_CONCURRENCY = (1, 8)

FACE = "face"
IN_PROCESS = "in_process"
STOCK = "torchserve_stock"
FASTAPI = "fastapi"
LITSERVE = "litserve"
CONTESTANTS = (FACE, IN_PROCESS, STOCK, FASTAPI, LITSERVE)


@dataclass(frozen=True, order=True)
class Cell:
    """One line of the workload."""

    kind: str
    size: int
    concurrency: int

    def __str__(self) -> str:
        return f"{self.kind} {self.size} px c={self.concurrency}"

    def answered_by(self, contestant: str) -> bool:
        """Peers have no heat map, but for TorchServe's stock handler, whose integrated gradients take seconds."""
        if self.kind == PREDICT or contestant in (FACE, IN_PROCESS):
            return True
        return contestant == STOCK and self == Cell(EXPLAIN, GOAL_SIZE, 1)


def cells(
    kinds: tuple[str, ...] = KINDS, sizes: tuple[int, ...] = SIZES, concurrency: tuple[int, ...] = CONCURRENCY
) -> list[Cell]:
    """The cells of a run, those that are compared with each other side by side in time."""
    every = [Cell(PREDICT, size, clients) for size in SIZES for clients in CONCURRENCY]
    every += [Cell(kind, GOAL_SIZE, clients) for clients in EXPLAIN_CONCURRENCY for kind in (EXPLAIN, OVERLAY, PNG)]
    chosen = [cell for cell in every if cell.kind in kinds and cell.size in sizes and cell.concurrency in concurrency]
    return sorted(chosen, key=lambda cell: (cell.size, cell.concurrency, KINDS.index(cell.kind)))


def rotated(items: list, by: int) -> list:
    """The same items with another one first, so that no contestant is always measured first."""
    by %= len(items) or 1
    return items[by:] + items[:by]

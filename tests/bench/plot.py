"""The figures as one picture: requests a second, by the size of the photos and the number of clients."""

from pathlib import Path

from tests.bench.figures import Repeats
from tests.bench.plan import CONTESTANTS, FACE, PREDICT, Cell

COLOURS = {
    "face": "#d62728",
    "in_process": "#7f7f7f",
    "torchserve_stock": "#ff9f40",
    "fastapi": "#1f77b4",
    "litserve": "#17becf",
}  # fmt: skip
BAR = 0.8  # of the room between two groups


def draw(result: dict, path: Path) -> None:
    """Writes a PNG; nothing where no predictions were measured."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    repeats = Repeats(result["repeats"])
    measured = [(name, cell) for name, cell in repeats.cells() if cell.kind == PREDICT]
    if not measured:
        return
    sizes = sorted({cell.size for _, cell in measured})
    clients = sorted({cell.concurrency for _, cell in measured})
    names = [name for name in CONTESTANTS if any(name == other for other, _ in measured)]
    figure, axes = plt.subplots(
        1, len(sizes), figsize=(1.2 + 4.2 * len(sizes), 4), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, size in zip(axes[0], sizes, strict=True):
        for place, name in enumerate(names):
            draw_bars(axis, repeats, name, [Cell(PREDICT, size, count) for count in clients], place, len(names))
        axis.set_title(f"{size} px", fontsize=10)
        axis.set_xticks(range(len(clients)), [f"{count} client{'s' if count > 1 else ''}" for count in clients])
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_ylabel("predictions a second")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(names), frameon=False)
    machine = result["machine"]
    figure.suptitle(
        f"Predictions a second: median and range of {len(result['repeats'])} repeats. Above the bars: how many times as fast "
        f"{FACE} is\n"
        f"{machine['cpu']}, {machine['usable_cores']} cores",
        fontsize=10,
    )
    figure.savefig(path, dpi=130)
    plt.close(figure)


def draw_bars(axis, repeats: Repeats, name: str, cells: list[Cell], place: int, names: int) -> None:
    """The bars of one contestant in one panel, each with its range and its ratio."""
    width = BAR / names
    label = name
    for group, cell in enumerate(cells):
        rate = repeats.spread(name, cell, "rate")
        if rate is None:
            continue
        x = group + (place - (names - 1) / 2) * width
        span = [[rate.median - rate.low], [rate.high - rate.median]]
        axis.bar(x, rate.median, width * 0.92, color=COLOURS[name], label=label, yerr=span, error_kw={"lw": 0.8})
        label = None  # one entry in the legend
        ratio = repeats.ratio((FACE, cell), (name, cell))
        if ratio and name != FACE:
            axis.annotate(f"{ratio.median:.1f}x", (x, rate.high), (0, 2), textcoords="offset points", ha="center", fontsize=7)

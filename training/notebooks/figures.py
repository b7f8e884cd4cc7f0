"""The figures of the notebooks, as PNG bytes, and their tables, as Markdown.

Unlike those of `training.plots` they may show faces: they are looked at in a notebook, and never stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

from handler.gradcam import AI_COLOUR, REAL_COLOUR, overlay
from training.manifest import LABELS, SPLITS, Row
from training.plots import AI, GREY, REAL, SPLIT_COLOURS, axes, png

CLASS_COLOURS = dict(zip(LABELS, (REAL, AI), strict=True))
# the colours of the heat maps: real, nothing, ai
SIGNED = LinearSegmentedColormap.from_list("signed", [np.array(REAL_COLOUR) / 255, (1, 1, 1), np.array(AI_COLOUR) / 255])
CELL = 1.45  # inches of a face on a sheet
Panel = tuple[np.ndarray, str]  # RGB uint8 [h, w, 3] and what stands above it


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; floats with three digits."""

    def line(cells: Iterable[object]) -> str:
        return f"| {' | '.join(f'{cell:.3f}' if isinstance(cell, float) else str(cell) for cell in cells)} |"

    return "\n".join([line(headers), line("---" for _ in headers), *map(line, rows)])


def sources(rows: Sequence[Row]) -> bytes:
    """How many faces each source has, by split; a source's name is in its class's colour."""
    sizes = Counter((row.label, row.source) for row in rows)
    names = sorted(sizes, key=lambda name: (name[0], sizes[name]))
    figure, plot = axes(7.2, 0.9 + 0.2 * len(names))
    left = np.zeros(len(names))
    for split, colour in zip(SPLITS, (*SPLIT_COLOURS, GREY), strict=True):
        counts = Counter((row.label, row.source) for row in rows if row.split == split)
        width = np.array([counts[name] for name in names])
        plot.barh(range(len(names)), width, left=left, color=colour, height=0.75, label=split)
        left += width
    plot.set_yticks(range(len(names)), [source for _, source in names], fontsize=8)
    for tick, (label, _) in zip(plot.get_yticklabels(), names, strict=True):
        tick.set_color(CLASS_COLOURS[label])
    plot.set(xlabel="faces", ylim=(-0.6, len(names) - 0.4))
    plot.legend(frameon=False, fontsize=8, loc="lower right")
    return png(figure)


def distributions(rows: Sequence[Row], measures: dict[str, Callable[[Row], float]]) -> bytes:
    """One histogram a measure, both classes in it, each with an area of one, between the 1st and the 99th percentile."""
    figure = Figure(figsize=(3.4 * len(measures), 2.6), layout="constrained")
    for plot, (name, measure) in zip(np.ravel(figure.subplots(1, len(measures))), measures.items(), strict=True):
        edges = np.linspace(*np.percentile([measure(row) for row in rows], (1, 99)), 31)
        for label in LABELS:
            values = [measure(row) for row in rows if row.label == label]
            plot.hist(values, edges, density=True, color=CLASS_COLOURS[label], alpha=0.55, label=label)
        plot.set(xlabel=name, yticks=[])
        plot.spines[["top", "right", "left"]].set_visible(False)
    plot.legend(frameon=False, fontsize=9)
    return png(figure)


def sheet(panels: Sequence[Panel], columns: int = 8) -> bytes:
    """Pictures side by side, row by row."""
    lines = max(1, -(-len(panels) // columns))
    figure = Figure(figsize=(CELL * columns, (CELL + 0.32) * lines), layout="constrained")
    plots = figure.subplots(lines, columns, squeeze=False).ravel()
    for plot in plots:
        plot.set_axis_off()
    for plot, (pixels, title) in zip(plots, panels, strict=False):
        plot.imshow(pixels)
        plot.set_title(title, fontsize=7, pad=3)
    return png(figure)


def painted(crop: np.ndarray, evidence: np.ndarray, full_scale: float) -> np.ndarray:
    """A crop under its heat map, as the service paints it."""
    height, width = crop.shape[:2]
    return np.asarray(overlay(Image.fromarray(crop), (0, 0, width, height), evidence, full_scale=full_scale))


def mean_evidence(maps: dict[str, np.ndarray]) -> bytes:
    """The mean of each group of margin maps `[n, h, w]`, in logits, all on one scale."""
    means = {name: group.mean(axis=0) for name, group in maps.items() if len(group)}
    strongest = max(float(np.abs(mean).max()) for mean in means.values())
    figure = Figure(figsize=(2.3 * len(means) + 0.8, 2.6), layout="constrained")
    plots = np.ravel(figure.subplots(1, len(means)))
    for plot, (name, mean) in zip(plots, means.items(), strict=True):
        image = plot.imshow(mean, cmap=SIGNED, vmin=-strongest, vmax=strongest)
        plot.set(xticks=[], yticks=[])
        plot.set_title(f"{name} ({len(maps[name])})", fontsize=9)
    figure.colorbar(image, ax=list(plots), label="logits: real < 0 < ai")
    return png(figure)


def nll_curve(temperatures: np.ndarray, curves: dict[str, np.ndarray], fitted: float) -> bytes:
    """NLL along the temperature, one line a split."""
    figure, plot = axes(5.2, 3.4)
    for (name, values), colour in zip(curves.items(), SPLIT_COLOURS, strict=False):
        plot.plot(temperatures, values, color=colour, linewidth=1.4, label=name)
        plot.plot(temperatures[values.argmin()], values.min(), marker="o", markersize=5, color=colour)
    plot.axvline(fitted, color=GREY, linewidth=0.8, linestyle="--", label=f"fitted: {fitted:.3f}")
    plot.set(xlabel="temperature (logarithmic)", ylabel="negative log likelihood", xscale="log")
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10) if temperatures[0] <= tick <= temperatures[-1]]
    plot.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    plot.set_xticks([], minor=True)
    plot.legend(frameon=False, fontsize=9)
    return png(figure)

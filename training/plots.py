"""The pictures of calibration and evaluation, as PNG bytes. None shows a face."""

import io

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from training import metrics

REAL, AI, GREY = "#1f77b4", "#d62728", "#7f7f7f"  # the colours of the heat maps
SPLIT_COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1")
Group = tuple[np.ndarray, np.ndarray, np.ndarray]  # targets, scores, weights


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, without metadata that would make two of the same picture differ."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110, metadata={"Software": None})
    return file.getvalue()


def axes(width: float, height: float):
    """A figure in inches with one plot, without the frame's upper and right sides."""
    figure = Figure(figsize=(width, height), layout="constrained")
    plot = figure.subplots()
    plot.spines[["top", "right"]].set_visible(False)
    return figure, plot


def reliability(groups: dict[str, Group]) -> bytes:
    """Score against frequency in bins of equal mass, one line a group; on the diagonal a score says what it means."""
    figure, plot = axes(4.6, 4.4)
    plot.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--", label="perfect")
    for (name, group), colour in zip(groups.items(), SPLIT_COLOURS, strict=False):
        _, score, share = metrics.reliability(*group)
        ece = metrics.expected_calibration_error(*group)
        plot.plot(score, share, marker="o", markersize=4, linewidth=1.2, color=colour, label=f"{name} (ECE {ece:.3f})")
    plot.set(
        xlabel="mean score of ai in the bin", ylabel="share of AI faces in the bin", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    plot.legend(frameon=False, fontsize=9)
    return png(figure)


def roc(groups: dict[str, Group]) -> bytes:
    """Share of AIs found against share of reals called ai; its left end enlarged, where services work."""
    figure = Figure(figsize=(8.6, 4.2), layout="constrained")
    whole, left = figure.subplots(1, 2)
    for (name, (targets, scores, weights)), colour in zip(groups.items(), SPLIT_COLOURS, strict=False):
        fpr, tpr = metrics.roc(targets, scores, weights)
        for plot in (whole, left):
            plot.plot(fpr, tpr, linewidth=1.4, color=colour, label=name)
    whole.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--", label="chance")
    for fpr in metrics.FPRS.values():
        left.axvline(fpr, color=GREY, linewidth=0.8, linestyle=":")
    left.set(xlim=(0, 0.2), xticks=[0, 0.05, 0.1, 0.15, 0.2])
    for plot in (whole, left):
        plot.spines[["top", "right"]].set_visible(False)
        plot.set(xlabel="share of reals called ai", ylabel="share of AIs found", ylim=(0, 1.02))
    whole.legend(frameon=False, fontsize=9, loc="lower right")
    return png(figure)


def histogram(group: Group, real_at_most: float, ai_at_least: float) -> bytes:
    """Scores of both classes, on a logarithmic count, with the uncertain band."""
    targets, scores, _ = group
    figure, plot = axes(5.6, 3.2)
    plot.axvspan(real_at_most, ai_at_least, color=GREY, alpha=0.18, linewidth=0, label="uncertain")
    for target, name, colour in ((0, "real", REAL), (1, "ai", AI)):
        plot.hist(scores[targets == target], bins=30, range=(0, 1), color=colour, alpha=0.6, label=name)
    plot.set(xlabel="calibrated score of ai", ylabel="faces (logarithmic)", yscale="log", xlim=(0, 1), ylim=(0.8, None))
    plot.legend(frameon=False, fontsize=9, loc="upper center", ncols=3, bbox_to_anchor=(0.5, 1.14))
    return png(figure)


def by_source(rows: list[tuple[str, str, dict[str, float]]]) -> bytes:
    """AUC of each source with its interval: `(source, label, {value, low, high})`, drawn from the top."""
    figure, plot = axes(7.2, 0.9 + 0.24 * len(rows))
    for place, (_, label, auc) in enumerate(rows):
        colour = AI if label == "ai" else REAL
        plot.plot([auc["low"], auc["high"]], [place, place], color=colour, linewidth=2, alpha=0.45, solid_capstyle="butt")
        plot.plot(auc["value"], place, marker="o", markersize=5, color=colour)
    plot.axvline(0.5, color=GREY, linewidth=0.8, linestyle="--")
    plot.set_yticks(range(len(rows)), [f"{source}  ({label})" for source, label, _ in rows], fontsize=8)
    plot.set(xlabel="AUC against the other class of the split, 95 % interval; dashed: chance", ylim=(len(rows) - 0.4, -0.6))
    plot.set_xlim(min(0.45, *(auc["low"] - 0.02 for _, _, auc in rows)), 1.005)
    plot.grid(axis="x", linewidth=0.4, alpha=0.6)
    return png(figure)


def grid(values: np.ndarray, rows: list[str], columns: list[str], title: str) -> bytes:
    """A table of figures in 0.5..1, `[rows, columns]`, as a heat map with its numbers."""
    figure = Figure(figsize=(1.4 + 1.15 * len(columns), 1.1 + 0.5 * len(rows)), layout="constrained")
    plot = figure.subplots()
    plot.imshow(values, cmap="Blues", vmin=0.5, vmax=1.0, aspect="auto")
    plot.set_xticks(range(len(columns)), columns, fontsize=9)
    plot.set_yticks(range(len(rows)), rows, fontsize=9)
    plot.spines[:].set_visible(False)
    plot.tick_params(length=0)
    plot.set_title(title, fontsize=10, loc="left")
    for (row, column), value in np.ndenumerate(values):
        plot.text(column, row, f"{value:.3f}", ha="center", va="center", fontsize=9, color="white" if value > 0.8 else "black")
    return png(figure)


def risk_coverage(panels: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]], marked: float) -> bytes:
    """Share of wrong decisions among the surest faces, by how many are decided: a panel a split, a line a rule.

    Args:
        panels: coverage and risk, `[n]` each, by rule, by split.
        marked: the coverage that a dotted line shows.
    """
    figure = Figure(figsize=(4.3 * len(panels), 3.6), layout="constrained")
    for plot, (title, rules) in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True):
        for (name, (coverage, risk)), colour in zip(rules.items(), SPLIT_COLOURS, strict=False):
            plot.plot(coverage, risk, linewidth=1.4, color=colour, label=name)
        plot.axvline(marked, color=GREY, linewidth=0.8, linestyle=":")
        settled = max(risk[coverage > 0.05].max(initial=0) for coverage, risk in rules.values())  # the first few faces jump
        plot.set(xlabel="share of faces decided", ylabel="share of them decided wrongly", xlim=(0, 1.01))
        plot.set_ylim(0, 1.08 * settled + 0.01)
        plot.set_title(title, fontsize=10, loc="left")
        plot.spines[["top", "right"]].set_visible(False)
        plot.legend(frameon=False, fontsize=9)
    return png(figure)


def ladders(
    blur: list[dict[str, float]], jpeg: list[dict[str, float]], enough: float, limits: dict[str, float | None]
) -> bytes:
    """Balanced accuracy on the rungs of blur and of compression, against what the service measures, with its limits."""
    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    for plot, ladder, limit, what, title in zip(
        figure.subplots(1, 2),
        (blur, jpeg),
        (limits["min_sharpness"], limits["max_jpeg_step"]),
        ("median sharpness of the crops, in grey levels", "mean step of the JPEG table, in grey levels"),
        ("Blur, by its radius in px of the crop", "JPEG, by its quality"),
        strict=True,
    ):
        measures = [rung["measure"] for rung in ladder]
        accuracies = [rung["balanced_accuracy"] for rung in ladder]
        plot.plot(measures, accuracies, marker="o", markersize=4, linewidth=1.2, color=SPLIT_COLOURS[0])
        for rung in ladder:
            place = rung["measure"], rung["balanced_accuracy"]
            plot.annotate(f"{rung['strength']:g}", place, (0, 6), textcoords="offset points", fontsize=8, ha="center")
        plot.axhline(enough, color=GREY, linewidth=0.8, linestyle="--")
        if limit is not None:
            plot.axvline(limit, color=AI, linewidth=1, label=f"limit {limit:.1f}")
            plot.legend(frameon=False, fontsize=9)
        plot.set(xscale="log", xlabel=what, ylabel="balanced accuracy at 0.5", ylim=(0.4, 1.05))
        plot.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        plot.xaxis.set_major_formatter("{x:g}")
        plot.xaxis.set_minor_locator(NullLocator())
        plot.set_title(title, fontsize=10, loc="left")
        plot.spines[["top", "right"]].set_visible(False)
    return png(figure)

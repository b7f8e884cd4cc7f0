"""What a model should reach, and whether it does: the bands of the controls and the goals, each with its one number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from training.bootstrap import Interval

CHANCE = (0.45, 0.55)  # of an AUC that should say nothing
UNMOVED = (-0.03, 0.03)  # of the change of an AUC that should not move

CONTROLS = {
    "reencoded_reals": "the model, asked to tell reals from the same reals saved as JPEG 84",
    "crops": "a forest that sees only sides and bytes of the processed crops, as PNG and at three JPEG qualities",
    "files": "a forest that sees only width, height, bytes and face size of the original files; the model sees none of it",
    "random_labels": "a linear probe on the model's features, for labels dealt at random",
    "real_as_jpeg": "change of the model's AUC when the reals alone are saved as JPEG 75",
    "ai_as_jpeg": "change of the model's AUC when the AIs alone are saved as JPEG 75",
    "real_as_webp": "change of the model's AUC when the reals alone are saved as WebP 75",
    "ai_as_webp": "change of the model's AUC when the AIs alone are saved as WebP 75",
}


@dataclass(frozen=True)
class Checked:
    """A figure beside what it should be.

    Attributes:
        name: of the control or of what is measured.
        band: least and most; None is no bound.
    """

    name: str
    text: str
    figure: Interval
    band: tuple[float | None, float | None]

    @property
    def met(self) -> bool:
        """Whether the value, not its interval, is inside."""
        low, high = self.band
        return (low is None or self.figure["value"] >= low) and (high is None or self.figure["value"] <= high)

    @property
    def wanted(self) -> str:
        low, high = self.band
        if low is None or high is None:
            return f"at most {high:g}" if low is None else f"at least {low:g}"
        return f"{low:g} to {high:g}"


def controls(evaluation: dict[str, Any]) -> list[Checked]:
    """Each control beside its band."""
    found = evaluation["controls"]
    return [
        Checked(name, CONTROLS[name], figure, band)
        for group, band in (("chance", CHANCE), ("swapped", UNMOVED))
        for name, figure in found[group].items()
    ]


def goals(evaluation: dict[str, Any]) -> list[Checked]:
    """Each goal that the evaluation has a figure for."""
    return [Checked(name, text, figure, band) for name, text, band, find in GOALS for figure in find(evaluation)]


Find = Callable[[dict[str, Any]], Iterator[Interval]]


def pooled(split: str, figure: str) -> Find:
    def find(evaluation: dict[str, Any]) -> Iterator[Interval]:
        if split in evaluation["splits"]:
            yield evaluation["splits"][split]["pooled"][figure]

    return find


def weakest_ai_source(evaluation: dict[str, Any]) -> Iterator[Interval]:
    if "ood" in evaluation["splits"]:
        sources = evaluation["splits"]["ood"]["sources"]["ai"].values()
        yield min((source["figures"]["auc"] for source in sources), key=lambda auc: auc["value"])


def error_ratio(split: str) -> Find:
    def find(evaluation: dict[str, Any]) -> Iterator[Interval]:
        if split in evaluation["abstention"]["splits"]:
            yield evaluation["abstention"]["splits"][split]["selective"]["ratio"]

    return find


def worst_cell(evaluation: dict[str, Any]) -> Iterator[Interval]:
    if evaluation["robustness"]:
        yield evaluation["robustness"]["worst"]["balanced_accuracy"]


def explanation(*path: str) -> Find:
    def find(evaluation: dict[str, Any]) -> Iterator[Interval]:
        figure = evaluation["explanations"]
        for key in path:
            figure = figure and figure[key]
        if figure:
            yield figure

    return find


def inputs(figure: str) -> Find:
    def find(evaluation: dict[str, Any]) -> Iterator[Interval]:
        if evaluation["inputs"][figure]:
            yield evaluation["inputs"][figure]["share"]

    return find


GOALS: tuple[tuple[str, str, tuple[float | None, float | None], Find], ...] = (
    ("held_out_auc", "AUC, Held-out", (0.85, None), pooled("ood", "auc")),
    ("weakest_source", "AUC of the weakest AI source, Held-out", (0.65, None), weakest_ai_source),
    ("held_in_ece", "expected calibration error, Held-in", (None, 0.03), pooled("test", "ece")),
    ("held_out_ece", "expected calibration error, Held-out", (None, 0.10), pooled("ood", "ece")),
    ("held_in_selective", "error at 80 % coverage over full error, Held-in", (None, 0.5), error_ratio("test")),
    ("held_out_selective", "error at 80 % coverage over full error, Held-out", (None, 0.5), error_ratio("ood")),
    ("worst_cell", "balanced accuracy of the worst cell of the robustness grid", (0.8, None), worst_cell),
    (
        "insertion_deletion",
        "heat maps: insertion minus deletion, above that of random maps",
        (0.1, None),
        explanation("insertion_deletion", "above_random"),
    ),
    ("pointing", "heat maps: AI patches pointed at", (0.6, None), explanation("pointing", "hits")),
    ("randomised", "heat maps: rank correlation with those of shuffled weights", (-0.2, 0.2), explanation("randomised")),
    ("no_face", "pictures without a face answered so", (0.98, None), inputs("without_face")),
    ("refused", "photos of a face in which none was found", (None, 0.02), inputs("refused")),
)

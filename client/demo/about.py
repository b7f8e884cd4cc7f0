"""The key figures and the limits of a release, from what it says of itself."""

from html import escape
from typing import Any

from client.demo.card import terms
from client.versions import Description

SPLITS = {"test": "sources it was trained on", "ood": "sources it had never seen"}  # new faces, either way
FIGURES = {
    "ai_called_ai": "AI-generated faces recognised",
    "real_called_ai": "real faces taken for AI",
    "balanced_accuracy": "right on average",
}
LIMITS = (
    "Pictures by generators that are newer than the training data, or of another kind, may pass as real.",
    "Strong compression, blur and small faces remove what a generator leaves behind.",
    "Only the largest face of a picture is judged. It was not made for faces changed in part, for video, or for drawings.",
    "Where AI-generated faces are rare, most of those that are called AI are not.",
    "The heat map shows which regions moved the score, not where a picture was altered.",
    "It is for research and demonstration: a hint for a person who can look further, never the only ground for a decision.",
)


def about(description: Description | None) -> str:
    """HTML: which release, how good, and where it ends.

    Args:
        description: None where the management API is out of reach.
    """
    limits = "".join(f"<li>{limit}</li>" for limit in LIMITS)
    return (
        f"{identity(description) if description else ''}"
        f"<h2>How good it is</h2>{figures(description)}<h2>Where it ends</h2><ul>{limits}</ul>"
        "<p>The model card, model_card.md in the release's folder, has all figures by source, the data and the licence.</p>"
    )


def identity(description: Description) -> str:
    model = description.model
    return terms(
        {
            "Model": f"{escape(model.name)} {escape(model.version)}",
            "Weights": f"SHA-256 <code>{escape(model.sha256)}</code>",
            "Created": escape(description.created[:10]),
            "Computed by": escape(description.runtime),
        }
    )


def figures(description: Description | None) -> str:
    """A table of the key figures that the release has, each with its interval."""
    found = {split: description.metrics.get(split) for split in SPLITS} if description else {}
    found = {split: metrics for split, metrics in found.items() if isinstance(metrics, dict) and any(map(metrics.get, FIGURES))}
    if not found:
        return "<p>The figures cannot be read from here; the model card has them.</p>"
    heads = "".join(f'<th scope="col">{SPLITS[split]}</th>' for split in found)
    lines = "".join(
        f'<tr><th scope="row">{words}</th>'
        + "".join(f"<td>{share(metrics.get(name))}</td>" for metrics in found.values())
        + "</tr>"
        for name, words in FIGURES.items()
    )
    return (
        "<table class='figures'><caption>On new faces; in brackets 95 % intervals.</caption>"
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{lines}</tbody></table>"
    )


def share(figure: Any) -> str:
    """A proportion with its interval, in per cent."""
    if not isinstance(figure, dict):
        return "–"
    value, low, high = (f"{100 * figure[key]:.0f}" for key in ("value", "low", "high"))
    return f"{value} % [{low}, {high}]"

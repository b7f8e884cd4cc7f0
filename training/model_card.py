"""The model card: words from a YAML file, figures from the evaluation (Mitchell et al. 2019, arXiv 1810.03993)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training import report
from training.settings import SettingsError, read_yaml

UNSTATED = "Not stated."


@dataclass(frozen=True)
class CardWords:
    """What a person must say of a model because no evaluation knows it; all of it in Markdown."""

    summary: str = UNSTATED
    licence: str = UNSTATED
    data: str = UNSTATED
    weights: str = UNSTATED
    intended_use: list[str] = field(default_factory=list)
    out_of_scope: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    ethics: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path) -> "CardWords":
        """Reads a card's YAML file.

        Raises:
            SettingsError: a key is unknown.
        """
        values = read_yaml(path)
        if unknown := values.keys() - cls.__dataclass_fields__.keys():
            raise SettingsError(f"{path}: unknown parts of a model card: {', '.join(sorted(unknown))}")
        return cls(**values)


def render(serving: dict[str, Any], evaluation: dict[str, Any], words: CardWords) -> str:
    """The card as Markdown.

    Args:
        serving: what `serving.json` holds (see `handler.release`).
        evaluation: what `evaluation.json` holds (see `training.evaluate`).
    """
    card = report.environment().get_template("model_card.md.j2")
    return card.render(serving=serving, words=words, **report.facts(evaluation))

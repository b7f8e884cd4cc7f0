"""Results of experiments -> one page of Markdown: what was asked, and what the sources that were held out say."""

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

BASE = "base"


def write_table(results: Path, path: Path, introduction: str, recipes: dict[str, str]) -> None:
    """Writes the results as a table, and the `recipes` that have none.

    Those that were trained on all folds come before the others, in each case the best one first. Recipes are compared with the
    base over the folds and seeds that both were trained on, as pairs: folds differ far more from one another than recipes do.
    Where there are more folds than recipes, each fold has a line instead.

    Args:
        results: see `read_results`.
        introduction: what the page begins with.
        recipes: questions by name.
    """
    found = read_results(results)
    folds = sorted({fold for trials in found.values() for fold, _ in trials})
    rows = by_recipe(found, folds) if len(folds) <= len(found) else by_fold(found, folds)
    lines = [
        introduction.strip(),
        "",
        *("| " + " | ".join(cells) + " |" for cells in (rows[0], ["---"] * len(rows[0]), *rows[1:])),
        "",
        *(f"- Not trained yet: {name}, {question}." for name, question in recipes.items() if name not in found),
    ]
    path.write_text("\n".join(lines).rstrip() + "\n")


def by_recipe(found: dict, folds: list[str]) -> list[list[str]]:
    """Cells by line, the first of them the head."""

    def order(name: str) -> tuple[bool, float]:
        value = overall(found[name], folds)
        return value is None, -(value or mean(gains(found, name) or [0]))

    head = ["recipe", "what it asks", "trainings", "held out", *folds, "against base", "held in", "minutes each"]
    return [head, *(row(found, name, folds) for name in sorted(found, key=order))]


def by_fold(found: dict, folds: list[str]) -> list[list[str]]:
    """Cells by line, the first of them the head, the last the means."""
    lines = [[fold, *(average(of_fold(trials, fold)) for trials in found.values())] for fold in folds]
    return [["held out", *found], *lines, ["mean", *(bold(overall(trials, folds)) for trials in found.values())]]


def read_results(path: Path) -> dict[str, dict[tuple[str, int], dict[str, Any]]]:
    """`{recipe: {(fold, seed): result}}` of a file with a result, in JSON, on each line; there need not be one yet."""
    found: dict[str, dict] = defaultdict(dict)
    for line in path.read_text().splitlines() if path.exists() else []:
        result = json.loads(line)
        found[result["recipe"]][result["fold"], result["seed"]] = result
    return found


def held_out(result: dict[str, Any]) -> float:
    return result["auc"]["ood"]["balanced"]


def of_fold(trials: dict, fold: str) -> list[float]:
    """One figure a seed."""
    return [held_out(result) for (of, _), result in trials.items() if of == fold]


def overall(trials: dict, folds: list[str]) -> float | None:
    """The mean over all folds, if the recipe was trained on each."""
    values = [of_fold(trials, fold) for fold in folds]
    return mean(mean(one) for one in values) if all(values) else None


def average(values: list[float]) -> str:
    """The mean, and what seeds lie between, where there are several."""
    if not values:
        return ""
    return f"{mean(values):.3f}" + (f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else "")


def bold(value: float | None) -> str:
    return "" if value is None else f"**{value:.3f}**"


def gains(found: dict, name: str) -> list[float]:
    """Differences to the base, one a fold and seed that both have."""
    base = found.get(BASE, {})
    return [held_out(result) - held_out(base[key]) for key, result in found[name].items() if key in base]


def row(found: dict, name: str, folds: list[str]) -> list[str]:
    trials = found[name]
    return [
        name,
        next(iter(trials.values()))["question"],
        str(len(trials)),
        bold(overall(trials, folds)),
        *(average(of_fold(trials, fold)) for fold in folds),
        difference(gains(found, name)) if name != BASE else "",
        f"{mean(result['auc']['test']['balanced'] for result in trials.values()):.3f}",
        f"{mean(result['minutes'] for result in trials.values()):.1f}",
    ]


def difference(values: list[float]) -> str:
    if not values:
        return ""
    error = f" ± {stdev(values) / len(values) ** 0.5:.3f}" if len(values) > 1 else ""
    return f"{mean(values):+.3f}{error}"

"""Results of experiments -> one Markdown table: what was asked, and what the sources that were held out say."""

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

BASE = "base"


def write_table(results: Path, path: Path, recipes: dict[str, str]) -> None:
    """Writes the table of the results, the best recipe first, and the `recipes` that have none.

    Recipes are compared with the base over the folds and seeds that both were trained on, as pairs: folds differ far more from
    one another than recipes do.

    Args:
        results: see `read_results`.
        recipes: questions by name.
    """
    found = read_results(results)
    ordered = sorted(found, key=lambda name: -mean(gains(found, name) or [0]))
    folds = sorted({fold for trials in found.values() for fold, _ in trials})
    head = ["recipe", "what it asks", "trainings", "held out", *folds, "against base", "held in", "minutes each"]
    lines = [
        "# What was tried",
        "",
        "Each recipe is trained without the sources of a fold and judged on them: area under the ROC curve, every source",
        "counting alike, mean over seeds. *Against base*: the mean difference over the folds and seeds that both have, and its",
        "standard error. Made by `python -m training experiment --config config/training/experiments.yaml --raw R --out O`;",
        "recipes and folds stand in `config/training/`.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row(found, name, folds)) + " |" for name in ordered),
        "",
        *(f"- Not trained yet: {name}, {question}." for name, question in recipes.items() if name not in found),
    ]
    path.write_text("\n".join(lines).rstrip() + "\n")


def read_results(path: Path) -> dict[str, dict[tuple[str, int], dict[str, Any]]]:
    """`{recipe: {(fold, seed): result}}` of a file with a result, in JSON, on each line; there need not be one yet."""
    found: dict[str, dict] = defaultdict(dict)
    for line in path.read_text().splitlines() if path.exists() else []:
        result = json.loads(line)
        found[result["recipe"]][result["fold"], result["seed"]] = result
    return found


def held_out(result: dict[str, Any]) -> float:
    return result["auc"]["ood"]["balanced"]


def gains(found: dict, name: str) -> list[float]:
    """Differences to the base, one a fold and seed that both have."""
    base = found.get(BASE, {})
    return [held_out(result) - held_out(base[key]) for key, result in found[name].items() if key in base]


def row(found: dict, name: str, folds: list[str]) -> list[str]:
    trials = found[name]
    by_fold = {fold: [held_out(result) for (of, _), result in trials.items() if of == fold] for fold in folds}
    complete = all(by_fold.values())
    return [
        name,
        next(iter(trials.values()))["question"],
        str(len(trials)),
        f"**{mean(mean(values) for values in by_fold.values()):.3f}**" if complete else "",
        *(f"{mean(values):.3f}" if values else "" for values in by_fold.values()),
        difference(gains(found, name)) if name != BASE else "",
        f"{mean(result['auc']['test']['balanced'] for result in trials.values()):.3f}",
        f"{mean(result['minutes'] for result in trials.values()):.1f}",
    ]


def difference(values: list[float]) -> str:
    if not values:
        return ""
    error = f" ± {stdev(values) / len(values) ** 0.5:.3f}" if len(values) > 1 else ""
    return f"{mean(values):+.3f}{error}"

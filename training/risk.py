"""When to abstain: which sign of doubt puts the wrong decisions last, and what is left wrong when the doubtful are left out."""

from typing import Any

import numpy as np

from training import bootstrap
from training.scorer import Scored

NEIGHBOUR = 10  # the distance to the tenth nearest training face counts
COVERAGE = 0.8
SHIPPED = "softmax"  # the rule that the service can follow: its two thresholds are on the score
TIE = 1e-9  # sums of weights round


def confidences(scores: np.ndarray, scored: Scored, temperature: float, bank: np.ndarray | None) -> dict[str, np.ndarray]:
    """How sure each rule is of each of n faces, `[n]`; only their order counts.

    Returns:
        softmax: the probability of the likelier class (Hendrycks and Gimpel 2017, arXiv 1610.02136), in logits.
        energy: T log(sum of exp(logit / T)) (Liu et al. 2020, arXiv 2010.03759).
        knn: minus the distance of the normalised features to the tenth nearest of `bank`, `[m, channels]` (Sun et al. 2022,
            arXiv 2204.06507); left out where there is no bank.
    """
    logits = scored.logits / temperature
    scores = scores.clip(np.finfo(float).eps, 1 - np.finfo(float).eps)
    rules = {
        "softmax": np.abs(np.log(scores / (1 - scores))),
        "energy": np.logaddexp(logits[:, 0], logits[:, 1]) * temperature,
    }
    if bank is not None:
        similar = normalised(scored.features) @ normalised(bank).T
        place = min(NEIGHBOUR, similar.shape[1])
        rules["knn"] = np.partition(similar, -place, axis=1)[:, -place]
    return rules


def normalised(features: np.ndarray) -> np.ndarray:
    return features / np.linalg.norm(features, axis=1, keepdims=True).clip(np.finfo(np.float32).tiny)


def risk_coverage(wrong: np.ndarray, confidence: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coverage, and the share that is wrong of what is covered, with the surest first; `[n]` each."""
    order = np.argsort(-confidence, kind="stable")
    mass = np.cumsum(weights[order])
    return mass / mass[-1], np.cumsum(weights[order] * wrong[order]) / mass


def area(wrong: np.ndarray, confidence: np.ndarray, weights: np.ndarray) -> float:
    """The area under the risk-coverage curve (Geifman and El-Yaniv 2017, arXiv 1705.08500): less is better."""
    coverage, risk = risk_coverage(wrong, confidence, weights)
    return float(np.diff(coverage, prepend=0.0) @ risk)


def compare(
    targets: np.ndarray,
    wrong: np.ndarray,
    rules: dict[str, np.ndarray],
    weights: np.ndarray,
    units: np.ndarray | None = None,
) -> dict[str, dict[str, Any]]:
    """The area of each rule, and how much more it is than that of the shipped one, with intervals of paired resamples.

    Args:
        wrong: 1 where the decision at 0.5 is, `[n]`.
        rules: see `confidences`.
        units: see `bootstrap.intervals`.
    """
    columns = np.column_stack([wrong, *rules.values()])

    def areas(_: np.ndarray, drawn: np.ndarray, mass: np.ndarray) -> dict[str, float]:
        return {name: area(drawn[:, 0], drawn[:, 1 + place], mass) for place, name in enumerate(rules)}

    def excess(*given: np.ndarray) -> dict[str, float]:
        found = areas(*given)
        return {name: value - found[SHIPPED] for name, value in found.items()}

    found, more = (bootstrap.intervals(function, targets, columns, weights, units=units) for function in (areas, excess))
    return {name: {"area": found[name], "more_than_shipped": more[name]} for name in rules}


def choose(compared: dict[str, dict[str, Any]]) -> str:
    """The shipped rule, unless another has a smaller area in 95 % of the resamples; then the one with the smallest."""
    better = [name for name, one in compared.items() if one["more_than_shipped"]["high"] < 0]
    return min(better, key=lambda name: compared[name]["area"]["value"], default=SHIPPED)


def selective(targets: np.ndarray, scores: np.ndarray, confidence: np.ndarray) -> dict[str, Any]:
    """What is wrong at full coverage and among the surest `COVERAGE` of the faces, in all and by class, with intervals.

    Returns:
        `{"error": {"all", "real", "ai"}, "error_at_coverage": {...}, "coverage": {"real", "ai"}, "ratio": ...}`; `ratio` is the
        error at coverage over the full one, and `coverage` how much of a class is among the surest.
    """

    def function(targets: np.ndarray, columns: np.ndarray, weights: np.ndarray) -> dict[str, float]:
        wrong = (columns[:, 0] >= 0.5) != (targets == 1)
        order = np.argsort(-columns[:, 1], kind="stable")
        mass = np.cumsum(weights[order])
        kept = np.zeros(len(targets), bool)
        kept[order[mass <= COVERAGE * mass[-1] + TIE]] = True
        found = {}
        for name, members in (("all", targets >= 0), ("real", targets == 0), ("ai", targets == 1)):
            found[f"error {name}"] = share(wrong, members, weights)
            found[f"error_at_coverage {name}"] = share(wrong, members & kept, weights)
            found[f"coverage {name}"] = share(kept, members, weights)
        return found | {"ratio": found["error_at_coverage all"] / max(found["error all"], TIE)}

    found = bootstrap.intervals(function, targets, np.column_stack([scores, confidence]), np.ones(len(targets)))
    parts: dict[str, Any] = {"ratio": found.pop("ratio")}
    for name, interval in found.items():
        figure, group = name.split()
        parts.setdefault(figure, {})[group] = interval
    return parts


def share(event: np.ndarray, among: np.ndarray, weights: np.ndarray) -> float:
    """The share, by weight, of `among` that `event` holds for; 0 where there is nobody."""
    mass = weights[among].sum()
    return float(weights[among] @ event[among] / mass) if mass else 0.0

"""The evaluation as one HTML page that opens offline and that a person can judge the model by."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training import goals, plots, quality_limits, risk
from training.breakdown import VERDICTS
from training.metrics import PREVALENCES

TEMPLATES = Path(__file__).parent / "templates"
WEAK_AUC = 0.7  # a source below it is named as a known limit

SPLITS = {
    "test": ("Held-in", "new faces of the sources that the model was trained on"),
    "ood": ("Held-out", "faces of sources that no training, calibration or choice has seen"),
    "photos": ("Photos", "the given folder"),
}
FIGURES = {
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy at 0.5",
    "accuracy": "accuracy at 0.5",
    "f1": "F1 of ai at 0.5",
    "tpr_at_fpr_1": "AIs found at 1 % of reals called ai",
    "tpr_at_fpr_5": "AIs found at 5 % of reals called ai",
    "ece": "expected calibration error",
    "nll": "negative log likelihood",
    "brier": "Brier score",
}
KINDS = {
    "none": "as the network says",
    "temperature": "temperature",
    "platt": "Platt: temperature and bias",
    "ensemble": "ensemble of temperatures",
    "shipped": "as released",
}
RULES = {
    "softmax": "the score itself (softmax)",
    "energy": "energy of the logits",
    "knn": "distance to training faces (kNN)",
}
SLICES = {"skin": "apparent skin tone", "size": "size of the face in the photo"}
SLICE_FIGURES = {
    "auc": "AUC",
    "balanced_accuracy": "balanced accuracy at 0.5",
    "ai_called_ai": "AI called ai",
    "real_called_ai": "real called ai",
}


def environment() -> Environment:
    """Templates of training/templates with the filters that print figures; an undefined name is an error."""
    loaded = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: ".html" in (name or ""),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    loaded.filters |= {"figure": figure, "percent": percent, "title": split_title}
    loaded.globals |= {"FIGURES": FIGURES, "VERDICTS": VERDICTS, "PREVALENCES": PREVALENCES, "KINDS": KINDS, "RULES": RULES}
    loaded.globals |= {
        "SLICES": SLICES,
        "SLICE_FIGURES": SLICE_FIGURES,
        "COVERAGE": risk.COVERAGE,
        "ENOUGH": quality_limits.ENOUGH,
    }
    return loaded


def figure(interval: dict[str, float]) -> str:
    """`0.951 [0.934, 0.967]`"""
    return f"{interval['value']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def percent(interval: dict[str, float]) -> str:
    """`95.1 % [93.4, 96.7]`"""
    value, low, high = (100 * interval[key] for key in ("value", "low", "high"))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def split_title(name: str) -> str:
    return SPLITS.get(name, (name.capitalize(), ""))[0]


def headline_first(splits: dict[str, Any]) -> dict[str, Any]:
    """The splits, opened by the one that says most about unknown faces: held-out sources where there are any."""
    return {name: splits[name] for name in sorted(splits, key=lambda name: name != "ood")}


def describe(name: str) -> str:
    """What the faces of a split are."""
    return SPLITS.get(name, ("", "one split of the prepared data"))[1]


def weak_sources(split: dict[str, Any]) -> list[tuple[str, str, dict[str, float]]]:
    """Label, source and AUC of each source whose AUC is below `WEAK_AUC`, the weakest first."""
    return sorted(
        (
            (label, source, entry["figures"]["auc"])
            for label, sources in split["sources"].items()
            for source, entry in sources.items()
            if entry["figures"]["auc"]["value"] < WEAK_AUC
        ),
        key=lambda item: item[2]["value"],
    )


def facts(evaluation: dict[str, Any]) -> dict[str, Any]:
    """What page and card both say, beside the figures themselves."""
    splits = headline_first(evaluation["splits"])
    return {
        "evaluation": evaluation,
        "splits": splits,
        "describe": {name: describe(name) for name in splits},
        "weak": {name: weak_sources(split) for name, split in splits.items()},
        "weak_auc": WEAK_AUC,
        "goals": goals.goals(evaluation),
        "controls": goals.controls(evaluation),
    }


def render(
    evaluation: dict[str, Any],
    faces: dict[str, tuple[np.ndarray, np.ndarray]],
    rules: dict[str, dict[str, np.ndarray]],
) -> str:
    """The page.

    Args:
        evaluation: what `evaluation.json` holds.
        faces: targets and calibrated scores, `[n]` each, by split.
        rules: how sure each rule of abstention is of each face, `[n]`, by split.
    """
    said = facts(evaluation)
    splits = said["splits"]
    operating = evaluation["model"]["calibration"]
    groups = {split_title(name): (*faces[name], np.ones(len(faces[name][0]))) for name in splits}
    band = operating["real_at_most"], operating["ai_at_least"]
    pictures = {
        "roc": inline(plots.roc(groups)),
        "reliability": inline(plots.reliability(groups)),
        "histogram": {name: inline(plots.histogram(groups[split_title(name)], *band)) for name in splits},
        "sources": {name: inline(plots.by_source(source_rows(split))) for name, split in splits.items()},
        "robustness": [inline(picture) for picture in robustness_pictures(evaluation["robustness"])],
        "abstention": inline(plots.risk_coverage(abstention_curves(splits, faces, rules), risk.COVERAGE)),
        "quality": (found := evaluation["quality"])
        and inline(plots.ladders(found["blur"], found["jpeg"], quality_limits.ENOUGH, found["limits"])),
    }
    page = environment().get_template("report.html.j2")
    return page.render(headline=next(iter(splits)), pictures=pictures, **said)


def abstention_curves(
    splits: dict[str, Any],
    faces: dict[str, tuple[np.ndarray, np.ndarray]],
    rules: dict[str, dict[str, np.ndarray]],
) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Coverage and risk by rule, by split, each under the name that the page gives it."""
    curves: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for name in splits:
        targets, scores = faces[name]
        wrong = ((scores >= 0.5) != (targets == 1)).astype(float)
        curves[split_title(name)] = {
            rule: risk.risk_coverage(wrong, confidence, np.ones(len(wrong))) for rule, confidence in rules[name].items()
        }
    return curves


def source_rows(split: dict[str, Any]) -> list[tuple[str, str, dict[str, float]]]:
    """Sources of both classes, AI first, the strongest of a class on top."""
    return [
        (source, label, entry["figures"]["auc"])
        for label in ("ai", "real")
        for source, entry in sorted(split["sources"][label].items(), key=lambda item: -item[1]["figures"]["auc"]["value"])
    ]


def robustness_pictures(robustness: dict[str, Any] | None) -> list[bytes]:
    """One table a figure: JPEG quality across, scale and blur down."""
    if robustness is None:
        return []
    cells = robustness["cells"]
    rows = list(dict.fromkeys((cell["scale"], cell["blur"]) for cell in cells))
    columns = list(dict.fromkeys(cell["quality"] for cell in cells))
    place = {(cell["scale"], cell["blur"], cell["quality"]): cell for cell in cells}
    names = [f"scale {scale:g}, blur {blur:g} px" for scale, blur in rows]
    return [
        plots.grid(
            np.array([[place[*row, column][key]["value"] for column in columns] for row in rows]),
            names,
            [f"JPEG {column}" for column in columns],
            title,
        )
        for key, title in (("balanced_accuracy", "Balanced accuracy at 0.5"), ("auc", "AUC"))
    ]


def inline(picture: bytes) -> str:
    """A PNG as the address of an image that lies in the page itself."""
    return "data:image/png;base64," + base64.b64encode(picture).decode()

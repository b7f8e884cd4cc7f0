"""Fit scores, thresholds, the limits of the quality gate, and the scale of heat maps on the calibration split."""

import argparse
import json
import logging
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from handler.calibration import Calibration
from handler.features import EDGES
from training import calibrators, plots, quality_limits, risk
from training.bootstrap import intervals
from training.dataset import source_weights
from training.manifest import Row, data_hash, read_manifest
from training.metrics import figures
from training.perturb import PerturbationRange
from training.photos import DataError
from training.robustness import thinned
from training.scorer import Scored, Scorer
from training.settings import add_flags, resolve
from training.temperature import thresholds
from training.trained import CALIBRATION, Trained

log = logging.getLogger(__name__)
UNCALIBRATED = Calibration(temperature=1.0, ai_at_least=0.5, real_at_most=0.5)
RECIPE = Path(__file__).parents[1] / "config" / "training" / "calibrate.yaml"
MAP_QUANTILE = 0.99  # one cell in a hundred is painted at full strength


@dataclass(frozen=True)
class CalibrateSettings:
    run: Path = field(metadata={"help": "run folder; calibration.json and calibration.png are written into it"})
    data: Path = field(metadata={"help": "prepared folder"})
    views: int = field(metadata={"help": "perturbed copies of each face"})
    perturbation: dict = field(metadata={"help": "see PerturbationRange in training/perturb.py"})
    false_ai_rate: float = field(metadata={"help": "share of reals that may be called ai"})
    false_real_rate: float = field(metadata={"help": "share of AIs that may be called real"})
    source_power: float = field(metadata={"help": "a source weighs its size to this power; both classes weigh the same"})
    bank: int = field(default=1000, metadata={"help": "training faces that a face's neighbours are sought among"})
    quality_faces: int = field(default=300, metadata={"help": "faces on the ladders of blur and compression"})
    seed: int = field(default=0, metadata={"help": "of the perturbations"})
    threads: int | None = field(default=None, metadata={"help": "of torch"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_flags(parser, CalibrateSettings)
    parser.set_defaults(config=RECIPE)


def run(arguments: argparse.Namespace) -> None:
    calibrate(resolve(CalibrateSettings, arguments))


def calibrate(settings: CalibrateSettings) -> None:
    """Writes `calibration.json` and `calibration.png` into the run folder.

    Raises:
        DataError: a class is missing from the calibration split, or the data was prepared otherwise than the run's.
    """
    trained = Trained.load(settings.run)
    trained.check_data(settings.data)
    rows = read_manifest(settings.data, "calibration")
    if len({row.label for row in rows}) < 2:
        raise DataError(f"the calibration split of {settings.data} needs both classes")
    scorer = Scorer(trained, settings.threads)
    clean = scorer.score_rows(settings.data, rows, "as they are")
    views = joined([perturbed(scorer, rows, settings, view) for view in range(settings.views)])

    # the bootstrap and the fits see faces x views; the views of a face share its weight
    logits = views.logits
    targets = np.tile([row.target for row in rows], settings.views)
    weights = np.tile(source_weights(rows, settings.source_power, {}), settings.views)
    sources = np.tile([row.source for row in rows], settings.views)
    compared = calibrators.compare(targets, logits[:, 1] - logits[:, 0], weights, sources)
    kind = calibrators.choose(compared)
    chosen = compared[kind]["calibrator"]
    scores = scaled(1 / chosen.slope, chosen.bias).score_ai(logits)
    ai_at_least, real_at_most = thresholds(
        targets, scores, weights, false_ai_rate=settings.false_ai_rate, false_real_rate=settings.false_real_rate
    )
    calibration = Calibration(1 / chosen.slope, ai_at_least, real_at_most, chosen.bias)
    bank = scorer.score_rows(
        settings.data, thinned(read_manifest(settings.data, "train"), settings.bank), "neighbours"
    ).features
    abstention = risk.compare(
        targets,
        ((scores >= 0.5) != (targets == 1)).astype(float),
        risk.confidences(scores, views, calibration.temperature, bank),
        weights,
        units=np.arange(len(targets)) % len(rows),
    )
    rule = risk.choose(abstention)
    if rule != risk.SHIPPED:
        log.warning("%s puts the wrong faces last better than the score does, which the service abstains by", rule)
    decided = (scores >= calibration.ai_at_least) | (scores <= calibration.real_at_most)
    before = UNCALIBRATED.score_ai(logits)
    found = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "weights_sha256": trained.sha256,
        "data_sha256": data_hash(settings.data),
        "settings": {key: value for key, value in asdict(settings).items() if key not in ("run", "data", "threads")},
        "faces": {label: sum(row.label == label for row in rows) for label in ("real", "ai")},
        "calibration": asdict(calibration),
        "calibrators": {name: one | {"calibrator": asdict(one["calibrator"])} for name, one in compared.items()},
        "calibrator": kind,
        "abstention": {"rules": abstention, "best": rule, "coverage": float(np.average(decided, weights=weights))},
        "quality": quality_limits.measure_limits(scorer, settings.data, thinned(rows, settings.quality_faces), calibration),
        "before": summary(targets, before, weights, UNCALIBRATED, len(rows)),
        "after": summary(targets, scores, weights, calibration, len(rows)),
        "full_scale": float(np.quantile(np.abs(clean.maps), MAP_QUANTILE)),
        "reference": reference(calibration.score_ai(clean.logits), rows),
    }
    (settings.run / CALIBRATION).write_text(json.dumps(found, indent=2) + "\n")
    picture = plots.reliability({"before": (targets, before, weights), "after": (targets, scores, weights)})
    (settings.run / "calibration.png").write_bytes(picture)
    log.info(
        "%s: temperature %.3f, ai from %.3f, real up to %.3f, bias %.3f; ECE %.4f -> %.4f, NLL %.4f -> %.4f",
        kind,
        *asdict(calibration).values(),
        *(found[when][figure]["value"] for figure in ("ece", "nll") for when in ("before", "after")),
    )


def perturbed(scorer: Scorer, rows: list[Row], settings: CalibrateSettings, view: int) -> Scored:
    """What the model says of one perturbed copy of each face."""
    ranges = PerturbationRange(**settings.perturbation)

    def change(pixels: np.ndarray, index: int) -> np.ndarray:
        return ranges.draw(settings.seed, view, index)(pixels)

    return scorer.score_rows(settings.data, rows, f"perturbed {view + 1}/{settings.views}", change)


def joined(parts: list[Scored]) -> Scored:
    """Several scorings, one after the other."""
    return Scored(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("logits", "maps", "features")))


def scaled(temperature: float, bias: float = 0.0) -> Calibration:
    """A calibration whose thresholds are not known yet."""
    return Calibration(temperature, UNCALIBRATED.ai_at_least, UNCALIBRATED.real_at_most, bias)


def reference(scores: np.ndarray, rows: list[Row]) -> dict:
    """Histograms of what the service met when it was calibrated, against which drift is measured."""
    found = {"score_ai": scores, "face_size": [row.face_size for row in rows]}
    return {
        feature: {"edges": list(EDGES[feature]), "counts": np.histogram(values, EDGES[feature])[0].tolist()}
        for feature, values in found.items()
    }


def summary(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray, calibration: Calibration, faces: int) -> dict:
    """The figures of the perturbed views with intervals; a resample draws faces, with all the views of each."""
    return intervals(
        lambda *given: figures(*given, calibration), targets, scores, weights, units=np.arange(len(targets)) % faces
    )

import numpy as np
import pytest

from handler.calibration import Calibration
from training import calibrators
from training.calibrators import Calibrator, choose, compare, fit, logistic, source_folds


def draws(count: int, slope: float, bias: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Targets and margins of faces whose true probability of ai is logistic(slope x margin + bias)."""
    random = np.random.default_rng(seed)
    margins = random.normal(0, 3, count)
    return (random.random(count) < logistic(slope * margins + bias)).astype(int), margins


def test_a_known_slope_and_bias_are_found():
    targets, margins = draws(20_000, 0.5, -1.0)
    found = fit("platt", targets, margins, np.ones(len(targets)))
    # about three standard errors of 20,000 faces
    assert (found.slope, found.bias) == (pytest.approx(0.5, abs=0.03), pytest.approx(-1.0, abs=0.08))


@pytest.mark.parametrize("kind", calibrators.KINDS)
def test_no_fit_is_worse_than_none(kind):
    targets, margins = draws(2000, 0.4, -0.5)
    weights = np.random.default_rng(1).random(len(targets))

    def nll(one):
        return np.average(calibrators.surprise(one(margins), targets), weights=weights)

    assert nll(fit(kind, targets, margins, weights)) <= nll(Calibrator()) + 1e-6


def test_the_ensemble_mixes_its_parts():
    mixed = Calibrator(slope=0.5, mixture=0.6, plain=0.3)
    # 0.6 logistic(1) + 0.3 logistic(2) + 0.1 / 2
    assert mixed(np.array([2.0])) == pytest.approx(0.6 * 0.7310586 + 0.3 * 0.8807971 + 0.05)


def test_the_service_scores_as_the_calibrator():
    logits = np.array([[0.0, 2.0], [1.0, -3.0], [500.0, -500.0]])
    chosen = Calibrator(slope=0.5, bias=-0.7)
    served = Calibration(1 / chosen.slope, 0.9, 0.1, chosen.bias).score_ai(logits)
    assert served == pytest.approx(chosen(logits[:, 1] - logits[:, 0]))


def test_folds_never_part_a_source():
    targets = np.repeat([0, 1], 40)
    sources = np.array([f"{target}-{number % 7}" for number, target in enumerate(targets)])
    folds = source_folds(targets, sources)
    for source in np.unique(sources):
        assert len(np.unique(folds[sources == source])) == 1


@pytest.mark.parametrize(("bias", "kind"), [(0.0, "temperature"), (-1.5, "platt")])
def test_a_bias_ships_only_where_it_is_needed(bias, kind):
    targets, margins = draws(6000, 0.6, bias)
    sources = np.random.default_rng(2).integers(0, 12, len(targets))
    compared = compare(targets, margins, np.ones(len(targets)), sources.astype(str))
    assert choose(compared) == kind
    assert compared["temperature"]["gain"] == 0

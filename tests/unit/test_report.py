import re

import numpy as np
import pytest

from handler.calibration import Calibration
from training import bootstrap, report, risk
from training.breakdown import breakdown
from training.manifest import Row

CALIBRATION = Calibration(temperature=1.2, ai_at_least=0.7, real_at_most=0.3, bias=-0.25)
ONE = {"value": 0.5, "low": 0.4, "high": 0.6}
OUT = {"value": 0.77, "low": 0.7, "high": 0.8}


def row(label, source, number):
    values = dict.fromkeys(Row.__dataclass_fields__, 1) | {"id": str(number), "label": label, "source": source}
    return Row(**values)


@pytest.fixture
def rows():
    """Four sources of three faces each: the AI source `missed` gets the scores of reals."""
    names = [("real", "r1"), ("real", "r2"), ("ai", "found"), ("ai", "missed")]
    return [row(*name, number) for name in names for number in range(3)]


SCORES = np.array([0.1, 0.2, 0.35, 0.15, 0.25, 0.8, 0.9, 0.95, 0.75, 0.12, 0.05, 0.5])


@pytest.fixture
def split(rows, monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 20)
    return breakdown(rows, SCORES, CALIBRATION)


@pytest.fixture
def evaluation(split):
    cells = [
        {"quality": q, "scale": s, "blur": 0.0, "balanced_accuracy": ONE, "auc": ONE} for s in (1.0, 0.5) for q in (95, 30)
    ]
    groups = dict.fromkeys(("all", "real", "ai"), ONE)
    abstention = {
        "selective": {"ratio": ONE, "error": groups, "error_at_coverage": groups, "coverage": groups},
        "coverage": ONE,
    }
    kinds = {name: {"ece": ONE, "nll": ONE} for name in ("none", "temperature", "platt", "ensemble")}
    fitted = {name: {"ece": 0.02, "nll": 0.2, "gain": 0.03, "gain_error": 0.01} for name in kinds}
    bands = {"light": {"faces": {"real": 30, "ai": 30}, "figures": dict.fromkeys(report.SLICE_FIGURES, ONE)}}
    bands["dark"] = {"faces": {"real": 3, "ai": 0}, "figures": None}
    rung = {"strength": 1.0, "measure": 5.0, "balanced_accuracy": 0.9}
    return {
        "created": "2026-01-02T03:04:05+00:00",
        "model": {"weights_sha256": "a" * 64, "calibration": vars(CALIBRATION)},
        "data": {"sha256": "b" * 64, "refused": {"no_face": 2}},
        "method": {"resamples": 20, "level": 0.95, "ece_bins": 15},
        "splits": {"test": split, "ood": split},
        "calibration": {
            "chosen": {"calibrator": "platt", "calibrators": fitted},
            "splits": {"test": kinds, "ood": kinds},
        },
        "abstention": {
            "chosen": {"rules": {name: {"area": ONE} for name in report.RULES}, "best": "softmax", "coverage": 0.93},
            "splits": {"test": abstention, "ood": abstention},
        },
        "quality": {
            "limits": {"min_sharpness": 2.35, "max_jpeg_step": None},
            "blur": [rung, rung | {"measure": 2.0}],
            "jpeg": [rung, rung | {"measure": 9.0}],
        },
        "inputs": {
            "refused": {"share": ONE, "photos": 12},
            "without_face": {"share": ONE, "photos": 7},
            "blurred": {"test": ONE},
        },
        "slices": {name: {"skin": bands, "size": bands} for name in ("test", "ood")},
        "controls": {
            "split": "test",
            "faces": 12,
            "chance": {"reencoded_reals": ONE, "files": OUT, "crops": ONE, "random_labels": ONE},
            "swapped": {"real_as_jpeg": ONE | {"value": 0.0}},
            "sanity": {"true_labels": OUT},
        },
        "explanations": {
            "split": "test",
            "method": "grad-cam",
            "layer": "layer4",
            "steps": 8,
            "faces": {"real": 6, "ai": 6},
            "insertion_deletion": dict.fromkeys(
                ("grad_cam", "random", "centre", "above_random", "grad_cam_ai", "grad_cam_real"), ONE
            ),
            "pointing": {"hits": ONE, "random": ONE, "patches": 18},
            "randomised": ONE,
        },
        "robustness": {"split": "test", "faces": {"real": 6, "ai": 6}, "cells": cells, "worst": cells[-1]},
    }


def rendered(evaluation, rows):
    faces = np.array([one.target for one in rows]), SCORES
    rules = dict.fromkeys(report.RULES, np.abs(SCORES - 0.5))
    return report.render(evaluation, {"test": faces, "ood": faces}, {"test": rules, "ood": rules})


@pytest.fixture
def page(evaluation, rows):
    return rendered(evaluation, rows)


def test_a_source_is_measured_against_the_whole_other_class(split):
    found, missed = (split["sources"]["ai"][name]["figures"]["auc"]["value"] for name in ("found", "missed"))
    assert found == pytest.approx((6 + 6 + 5) / 18)  # 0.75 is below one of the six reals
    assert missed == pytest.approx((1 + 0 + 5) / 18)  # 0.12 is above 0.1 alone, 0.5 below 0.8 alone


def test_verdicts_count_every_face_once(split):
    assert split["verdicts"] == {
        "real": {"real": 4, "uncertain": 1, "ai": 1},
        "ai": {"real": 2, "uncertain": 1, "ai": 3},
    }


def test_balanced_figures_weigh_sources_alike(rows):
    # one face of `missed` less: pooled recall is 3 of 5, balanced the mean of 3 of 3 and 0 of 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "RESAMPLES", 2)
        found = breakdown(rows[:-1], SCORES[:-1], CALIBRATION)
    assert found["pooled"]["ai_called_ai"]["value"] == pytest.approx(3 / 5)
    assert found["balanced_by_source"]["ai_called_ai"]["value"] == pytest.approx(1 / 2)


def test_weak_sources_are_named(split):
    assert [source for _, source, _ in report.weak_sources(split)] == ["missed", "r2"]  # r1 has 13 of 18 pairs right


def test_the_page_needs_nothing_but_itself(page):
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert all(source.startswith("data:image/png;base64,") for source in re.findall(r'src="([^"]+)"', page))


def test_the_page_says_on_what_it_rests(page):
    for text in ("2026-01-02", "a" * 16, "b" * 16, "6 real and 6 AI faces", "Held-out", "2 no_face", "missed"):
        assert text in page
    assert page.index("Held-out, faces of sources") < page.index("Held-in")


def test_what_was_not_measured_is_not_on_the_page(evaluation, rows):
    released = {"calibration": evaluation["calibration"] | {"chosen": None}}
    released["abstention"] = evaluation["abstention"] | {"chosen": None}
    page = rendered(evaluation | released | {"robustness": None, "explanations": None, "quality": None}, rows)
    for text in ("Robustness grid", "heat maps tell the truth", "Platt's bias gains", "sharpness 2.35", "None"):
        assert text not in page


def test_a_control_outside_its_band_is_red(page, evaluation, rows):
    assert page.count('<td class="missed">outside</td>') == 1  # `files`, at 0.77
    assert "1 of 5 controls" in page and 'class="alarm"' in page
    evaluation["controls"]["chance"]["files"] = ONE
    evaluation["explanations"]["insertion_deletion"]["centre"] = ONE | {"value": 0.0}
    inside = rendered(evaluation, rows)
    assert "outside</td>" not in inside and 'class="alarm"' not in inside


def test_goals_come_before_the_figures(page):
    assert page.index("What it should reach") < page.index("What a verdict means")
    assert page.count('<td class="missed">missed</td>') > 0


def test_a_slice_without_faces_has_no_figures(page):
    assert "too few of a class" in page
    assert "no measurement of fairness" in page


def test_the_curves_end_at_full_coverage(evaluation, rows):
    targets = np.array([one.target for one in rows])
    curves = report.abstention_curves(
        evaluation["splits"],
        {"test": (targets, SCORES)} | {"ood": (targets, SCORES)},
        {name: {risk.SHIPPED: np.abs(SCORES - 0.5)} for name in ("test", "ood")},
    )
    coverage, wrong = curves["Held-in"][risk.SHIPPED]
    assert coverage[-1] == pytest.approx(1)
    assert wrong[-1] == pytest.approx(3 / 12)  # at 0.5: 0.8 of `r2` is called ai, 0.12 and 0.05 of `missed` are called real

import re

import numpy as np
import pytest

from handler.calibration import Calibration
from training import bootstrap, report
from training.breakdown import breakdown
from training.manifest import Row

CALIBRATION = Calibration(temperature=1.2, ai_at_least=0.7, real_at_most=0.3)
ONE = {"value": 0.5, "low": 0.4, "high": 0.6}


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
    return {
        "created": "2026-01-02T03:04:05+00:00",
        "model": {"weights_sha256": "a" * 64, "calibration": vars(CALIBRATION)},
        "data": {"sha256": "b" * 64, "refused": {"no_face": 2}},
        "method": {"resamples": 20, "level": 0.95, "ece_bins": 15},
        "splits": {"test": split, "ood": split},
        "controls": {"split": "test", "reencoded_reals": ONE, "files": ONE, "crops": ONE},
        "robustness": {"split": "test", "faces": {"real": 6, "ai": 6}, "cells": cells},
    }


@pytest.fixture
def page(evaluation, rows):
    faces = np.array([one.target for one in rows]), SCORES
    return report.render(evaluation, {"test": faces, "ood": faces})


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


def test_the_page_without_a_grid(evaluation, rows):
    faces = np.array([one.target for one in rows]), SCORES
    page = report.render(evaluation | {"robustness": None}, {"test": faces, "ood": faces})
    assert "Robustness grid" not in page

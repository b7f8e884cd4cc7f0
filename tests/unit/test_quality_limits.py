import numpy as np
import pytest

from handler.calibration import Calibration
from handler.quality import sharpness
from tests.faces import write_prepared
from training.manifest import read_manifest
from training.quality_limits import BLURS, QUALITIES, crossing, measure_limits, table_step
from training.scorer import Scored


def rungs(*pairs):
    return [{"measure": measure, "balanced_accuracy": accuracy} for measure, accuracy in pairs]


def test_the_crossing_lies_between_two_rungs():
    # 0.9 -> 0.6 passes 0.8 after a third of the way, in logarithms: 8 * (1/8)^(1/3) = 4
    assert crossing(rungs((20, 0.95), (8, 0.9), (1, 0.6), (0.5, 0.5))) == pytest.approx(4)
    assert crossing(rungs((10, 0.9), (1000, 0.7))) == pytest.approx(100)  # steps grow where sharpness falls


@pytest.mark.parametrize("accuracies", [(0.95, 0.9, 0.85), (0.7, 0.6, 0.5)])
def test_a_ladder_that_never_crosses_sets_no_limit(accuracies):
    assert crossing(rungs(*zip((3, 2, 1), accuracies, strict=True))) is None


def test_steps_are_those_of_the_standard_table():
    assert table_step(50) == pytest.approx(3688 / 64)
    assert table_step(95) < table_step(50) < table_step(10)


class SharpnessJudge:
    """A scorer that tells the classes apart by the sign of a colour, and no more once the crop is blurred."""

    def score_rows(self, data, rows, what, change):
        logits = []
        for index, row in enumerate(rows):
            pixels = change(np.random.default_rng(index).integers(0, 256, (32, 32, 3), np.uint8), index)
            sure = sharpness(pixels) > self.least
            logits.append([0.0, (1.0 if row.label == "ai" else -1.0) if sure else -1.0])
        return Scored(np.array(logits), np.zeros((len(rows), 1, 1)), np.zeros((len(rows), 1)))

    least = 30.0


def test_a_model_that_needs_sharpness_gets_a_limit_near_what_it_needs(tmp_path):
    write_prepared(tmp_path, counts={"calibration": 6}, size=32)
    rows = read_manifest(tmp_path, "calibration")
    found = measure_limits(SharpnessJudge(), tmp_path, rows, Calibration(1, 0.5, 0.5))
    measures = [rung["measure"] for rung in found["blur"]]
    assert len(found["blur"]) == len(BLURS) and len(found["jpeg"]) == len(QUALITIES)
    assert measures == sorted(measures, reverse=True)
    above = min(measure for measure in measures if measure > SharpnessJudge.least)
    below = max(measure for measure in measures if measure <= SharpnessJudge.least)
    assert below < found["limits"]["min_sharpness"] < above

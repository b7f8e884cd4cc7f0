import json

import numpy as np
import pytest

from handler.calibration import Calibration
from tests.faces import write_prepared
from tests.runs import write_run
from training import bootstrap
from training.__main__ import main
from training.trained import CALIBRATION, Trained


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """A prepared folder, and a run that was calibrated on it."""
    root = tmp_path_factory.mktemp("calibrated")
    write_prepared(root / "data")
    write_run(root / "run", root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "RESAMPLES", 20)
        assert (
            main(
                ["calibrate", "--run", str(root / "run"), "--data", str(root / "data"), "--views", "2", "--quality-faces", "8"]
            )
            == 0
        )
    return root


def test_the_run_has_a_calibration(calibrated):
    found = json.loads((calibrated / "run" / CALIBRATION).read_text())
    assert Trained.load(calibrated / "run").calibration() == Calibration(**found["calibration"])
    assert found["faces"] == {"real": 8, "ai": 8}
    assert found["full_scale"] > 0
    assert found["after"]["nll"]["value"] <= found["before"]["nll"]["value"] + 1e-9
    assert found["calibration"]["bias"] == (
        0.0 if found["calibrator"] == "temperature" else pytest.approx(found["calibrators"]["platt"]["calibrator"]["bias"])
    )
    assert found["abstention"]["rules"].keys() == {"softmax", "energy", "knn"}
    assert 0 <= found["abstention"]["coverage"] <= 1
    assert found["quality"]["limits"].keys() == {"min_sharpness", "max_jpeg_step"}
    assert (calibrated / "run" / "calibration.png").read_bytes().startswith(b"\x89PNG")


def test_reference_histograms_count_every_face(calibrated):
    reference = json.loads((calibrated / "run" / CALIBRATION).read_text())["reference"]
    for histogram in reference.values():
        assert sum(histogram["counts"]) == 16
        assert len(histogram["edges"]) == len(histogram["counts"]) + 1
        assert (np.diff(histogram["edges"]) > 0).all()
    assert len(reference["score_ai"]["counts"]) == 20


def test_a_calibration_of_other_weights_is_refused(calibrated, tmp_path):
    write_run(tmp_path / "run", calibrated / "data", seed=1)
    (tmp_path / "run" / CALIBRATION).write_bytes((calibrated / "run" / CALIBRATION).read_bytes())
    assert main(["evaluate", "--run", str(tmp_path / "run"), "--data", str(calibrated / "data")]) == 2


def test_a_calibration_from_before_the_comparison_is_refused(calibrated, tmp_path, capsys):
    write_run(tmp_path / "run", calibrated / "data")
    found = json.loads((calibrated / "run" / CALIBRATION).read_text())
    del found["calibrators"]
    (tmp_path / "run" / CALIBRATION).write_text(json.dumps(found))
    assert main(["evaluate", "--run", str(tmp_path / "run"), "--data", str(calibrated / "data")]) == 2
    assert "calibrate` again" in capsys.readouterr().err


def test_data_that_was_cut_otherwise_is_refused(calibrated, tmp_path, capsys):
    write_prepared(tmp_path / "data", size=96)
    assert main(["calibrate", "--run", str(calibrated / "run"), "--data", str(tmp_path / "data")]) == 2
    assert "was prepared with crop" in capsys.readouterr().err

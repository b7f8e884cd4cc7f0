import json

import numpy as np
import openvino as ov
import pytest
from safetensors.numpy import load_file

from handler.openvino_network import NORMS, OpenVinoNetwork, read_int8
from handler.release import Release, ReleaseError
from handler.runtime import Runtime, torch_runtime
from tests.faces import write_prepared
from tests.runs import write_run
from training import bootstrap
from training.__main__ import main
from training.int8 import FLOAT_CONVOLUTIONS, quantise
from training.trained import Trained

COUNTS = {"train": 4, "val": 8, "calibration": 8, "test": 8, "ood": 6}


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A prepared folder, and a run that was calibrated and evaluated on it."""
    root = tmp_path_factory.mktemp("evaluated")
    write_prepared(root / "data", counts=COUNTS)
    write_run(root / "run", root / "data")
    given = ["--run", str(root / "run"), "--data", str(root / "data")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "RESAMPLES", 10)
        assert main(["calibrate", *given, "--views", "1"]) == 0
        assert main(["evaluate", *given, "--robustness-faces", "4"]) == 0
    return root


@pytest.fixture
def release(evaluated, tmp_path):
    assert export(evaluated, tmp_path / "release") == 0
    return tmp_path / "release"


def export(evaluated, out, *more, int8="null"):
    given = ["--run", str(evaluated / "run"), "--data", str(evaluated / "data"), "--int8", int8]
    return main(["export", *given, "--version", "1.0", "--out", str(out), *more])


def test_the_service_loads_what_was_exported(evaluated, release):
    loaded = Release.load(release)
    trained = Trained.load(evaluated / "run")
    assert (loaded.name, loaded.version, loaded.labels) == ("face", "1.0", ["real", "ai"])
    assert loaded.weights.sha256 == trained.sha256
    assert vars(loaded.calibration) == vars(trained.calibration())
    assert vars(loaded.crop) == trained.preparation["crop"]
    assert vars(loaded.limits) == {"max_pixels": 1_000_000, "max_instances": 16, "overlay_max_side": 1024}
    assert loaded.metrics["ood"]["faces"] == {"real": 6, "ai": 6}
    assert sorted(path.name for path in (release / "report").iterdir()) == ["evaluation.json", "report.html"]


def test_a_release_can_be_evaluated_again(evaluated, release, tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 10)
    given = [
        "--run",
        str(release),
        "--data",
        str(evaluated / "data"),
        "--out",
        str(tmp_path / "again"),
        "--robustness-faces",
        "0",
    ]
    assert main(["evaluate", *given]) == 0
    first, again = (json.loads((folder / "evaluation.json").read_text()) for folder in (release / "report", tmp_path / "again"))
    assert again["splits"] == first["splits"]
    assert again["model"] == first["model"]


def test_changed_weights_are_refused(release):
    with open(release / "model.safetensors", "r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    with pytest.raises(ReleaseError, match="is not the file"):
        Release.load(release)


def test_the_card_opens_with_the_held_out_result(evaluated, release):
    card = (release / "model_card.md").read_text()
    figures = json.loads((release / "report" / "evaluation.json").read_text())["splits"]["ood"]["pooled"]
    assert f"AUC {figures['auc']['value']:.3f}" in card
    assert card.index("**Held-out**") < card.index("**Held-in**")
    assert "Not stated." in card  # nobody gave words


def test_the_card_of_the_release_says_what_it_must(evaluated, tmp_path):
    assert export(evaluated, tmp_path / "release", "--card", "config/training/card-face-1.0.yaml") == 0
    card = (tmp_path / "release" / "model_card.md").read_text()
    assert "research and demonstration only" in card
    assert "Not stated." not in card
    assert "%%" not in card and "{{" not in card


def test_an_evaluation_of_another_calibration_is_refused(evaluated, tmp_path):
    path = evaluated / "run" / "calibration.json"
    before = path.read_text()
    changed = json.loads(before)
    changed["calibration"]["temperature"] *= 2
    path.write_text(json.dumps(changed))
    try:
        assert export(evaluated, tmp_path / "release") == 2
        assert not (tmp_path / "release").exists()
    finally:
        path.write_text(before)


def test_int8_is_made_measured_and_served(evaluated, tmp_path):
    wide = "{label_flips: 1, score_change_p99: 1, auc_drop: 1}"
    assert export(evaluated, tmp_path / "release", int8=wide) == 0
    release = Release.load(tmp_path / "release")
    assert release.int8.agreement.keys() == release.int8.bounds.keys()
    assert 0 < release.int8.agreement["score_change_p99"] < 0.1  # it is rounded, and it is the same network
    crops = np.random.default_rng(0).integers(0, 256, (3, *[release.crop.size] * 2, 3), np.uint8)
    exact = torch_runtime(release.weights_path, **vars(release.normalise)).infer(crops)
    served = Runtime(
        "int8", OpenVinoNetwork(read_int8(release.int8_path), release.crop.size), load_file(release.weights_path)
    ).infer(crops)
    assert np.corrcoef(exact.features.ravel(), served.features.ravel())[0, 1] > 0.99
    assert int8_kernels(release.int8_path) == len(NORMS)


def test_no_more_stays_in_float_than_the_bounds_ask_for(evaluated, tmp_path, monkeypatch):
    monkeypatch.setattr("training.int8.rounded", lambda network, *_, **__: network)  # half a minute, and not what is asked
    unreachable = {"label_flips": 0.0, "score_change_p99": 0.0, "auc_drop": 0.0}
    quantise(Trained.load(evaluated / "run"), evaluated / "data", tmp_path, bounds=unreachable)
    assert int8_kernels(tmp_path / "int8.xml") == len(NORMS) - len(FLOAT_CONVOLUTIONS)


def int8_kernels(path) -> int:
    return sum(
        node.get_element_type() == ov.Type.i8 for node in read_int8(path).get_ops() if node.get_type_name() == "Constant"
    )


def test_int8_beyond_its_bounds_is_refused(evaluated, tmp_path, capsys, monkeypatch):
    # the figures of the network that the test above has made: making it once is enough
    figures = {"label_flips": 0.0, "score_change_p99": 0.05, "auc_drop": 0.0}
    monkeypatch.setattr("training.export.quantise", lambda *_, **__: {})
    monkeypatch.setattr("training.export.agreement", lambda *_: {"int8": figures})
    assert export(evaluated, tmp_path / "release", int8="{label_flips: 1, score_change_p99: 0.03, auc_drop: 1}") == 2
    assert "score_change_p99 0.0500 > 0.03" in capsys.readouterr().err
    assert not (tmp_path / "release").exists()


def test_a_folder_that_is_no_release_is_left_alone(evaluated, tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "photo.jpg").write_bytes(b"precious")
    assert export(evaluated, out) == 2
    assert (out / "photo.jpg").exists()

import json

from tests.faces import write_prepared
from tests.unit.test_engine import AUGMENTATION
from training import speed
from training.__main__ import main


def test_loader_step_and_both_are_measured_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    write_prepared(tmp_path / "data")
    monkeypatch.setattr(speed, "BATCHES", 2)
    given = ["--config", "config/training/face-1.0.yaml", "--data", str(tmp_path / "data"), "--batch-size", "8"]
    assert main(["speed", *given, "--augmentation", json.dumps(AUGMENTATION), "--loader-workers", "0"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found.keys() == {"loader", "step", "both", "both_over_step"}
    assert min(found.values()) > 0
    assert {path.name for path in tmp_path.iterdir()} == {"data"}

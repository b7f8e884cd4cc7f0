from tests.bench.scale import measure


def test_the_loader_is_measured_on_all_faces_and_on_a_hundredth(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.bench.scale.WARM_UP", 1)
    monkeypatch.setattr("tests.bench.scale.BATCHES", 2)
    found = measure(tmp_path, entries=6400, size=32)
    assert found["crops_per_second"]["all"] > 0
    assert found["crops_per_second"]["few"] > 0
    assert found["all_over_few"] > 0

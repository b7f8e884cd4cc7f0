"""How a start is resolved: cores, workers, settings, environment."""

from pathlib import Path

import pytest

from config.start import MAX_WORKERS, environment, resolved_properties, share_cores


@pytest.mark.parametrize(
    "cores, workers, threads, expected",
    [
        (1, None, None, (1, 1)),
        (2, None, None, (2, 1)),
        (64, None, None, (MAX_WORKERS, 4)),
        (8, 2, None, (2, 4)),
        (8, None, 4, (2, 4)),
        (2, None, 4, (1, 4)),
        (2, 4, None, (4, 1)),
        (2, 3, 3, (3, 3)),  # both given: the operator knows
    ],
)
def test_workers_times_threads_is_no_more_than_the_cores(cores, workers, threads, expected):
    assert share_cores(cores, workers, threads) == expected


def properties(**changes) -> dict[str, str]:
    arguments = {"host": "0.0.0.0", "port": 8080, "store": Path("store"), "models": ["a.mar", "b.mar"], "workers": 2} | changes
    text = resolved_properties("# comment\nallowed_urls=\n", **arguments)
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


def test_only_inference_leaves_the_loopback():
    resolved = properties()
    assert resolved["inference_address"] == "http://0.0.0.0:8080"
    assert resolved["management_address"] == "http://127.0.0.1:8081"
    assert resolved["metrics_address"] == "http://127.0.0.1:8082"
    assert (resolved["grpc_inference_port"], resolved["grpc_management_port"]) == ("8083", "8084")


def test_what_is_loaded_is_named_and_the_base_is_kept():
    resolved = properties()
    assert resolved["load_models"] == "a.mar,b.mar"
    assert resolved["default_workers_per_model"] == "2"
    assert resolved["allowed_urls"] == ""


def test_workers_never_see_the_repo(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "here")
    monkeypatch.setenv("KEPT", "yes")
    resolved = environment(threads=3)
    assert [path.name for path in Path(resolved["PYTHONPATH"]).iterdir() if path.suffix == ".py"] == ["sitecustomize.py"]
    assert (resolved["KEPT"], resolved["OMP_NUM_THREADS"]) == ("yes", "3")

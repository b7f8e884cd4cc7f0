"""Two versions beside each other, each with its own weights and its own code, and what the management API allows."""

import requests

from tests.conftest import SECOND_RUNTIME
from tests.pictures import portrait


def verdict_of(server, path: str) -> dict:
    answer = requests.post(f"{server.inference}/predictions/{path}", data=portrait(), timeout=60)
    assert answer.status_code == 200
    return answer.json()


def test_the_path_chooses_the_version(server):
    default, first, second = (verdict_of(server, path) for path in ("face", "face/1.0", "face/2.0"))
    assert [answer["model"]["version"] for answer in (default, first, second)] == ["1.0", "1.0", "2.0"]
    assert default["scores"] == first["scores"] != second["scores"]
    assert first["model"]["sha256"] != second["model"]["sha256"]


def test_an_unknown_version_is_not_found(server):
    assert requests.post(f"{server.inference}/predictions/face/9.9", data=portrait(), timeout=60).status_code == 404


def test_each_version_runs_the_code_of_its_archive(server):
    """2.0 was packed with a changed word: neither the repo's code nor the other version's may stand in for it."""
    runtimes = {version: description(server, version)["runtime"] for version in ("1.0", "2.0")}
    assert runtimes == {"1.0": "openvino-fp32", "2.0": SECOND_RUNTIME}


def test_a_release_describes_itself(server):
    told = description(server, "1.0")
    assert told["model"] == verdict_of(server, "face")["model"]
    assert told["labels"] == ["real", "ai"]
    assert told["calibration"] == {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4}
    assert told["data"]["sha256"] == "0" * 64
    assert told["errors"]["image_too_large"] == 413


def description(server, version: str) -> dict:
    """The release's own words in the management API's answer."""
    answer = requests.get(f"{server.management}/models/face/{version}", params={"customized": "true"}, timeout=30)
    return answer.json()[0]["customizedMetadata"]


def test_a_version_is_registered_from_the_store_and_removed_again(server):
    store_file = "face-1.0.mar"
    requests.delete(f"{server.management}/models/face/2.0", timeout=30).raise_for_status()
    assert requests.post(f"{server.inference}/predictions/face/2.0", data=portrait(), timeout=60).status_code == 404
    again = {"url": "face-2.0.mar", "initial_workers": 1, "synchronous": "true"}
    requests.post(f"{server.management}/models", params=again, timeout=120).raise_for_status()
    assert verdict_of(server, "face/2.0")["model"]["version"] == "2.0"
    assert requests.post(f"{server.management}/models", params={"url": store_file}, timeout=30).status_code == 409


def test_nothing_is_registered_from_elsewhere(server):
    for url in ("http://127.0.0.1:9/face.mar", "file:///tmp/face.mar", "../face.mar"):
        answer = requests.post(f"{server.management}/models", params={"url": url}, timeout=30)
        assert answer.status_code >= 400, url
    models = requests.get(f"{server.management}/models", timeout=30).json()["models"]
    assert {model["modelName"] for model in models} == {"face"}

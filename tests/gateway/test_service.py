"""The gateway in front of the real service: verdicts come through, TorchServe's back doors do not."""

import base64
import subprocess
import sys

import pytest
import requests

from config.server import ROOT
from tests.gateway.running import KEYS
from tests.pictures import portrait
from tests.ports import free_port
from tests.waiting import wait_until


def ask(gateway, path: str, **headers: str) -> requests.Response:
    headers = {"X-Api-Key": KEYS["alice"]} | headers
    return requests.post(f"{gateway.url}{path}", data=portrait(), headers=headers, timeout=60)


def test_a_prediction_and_a_heat_map(service):
    gateway, _ = service
    answer = ask(gateway, "/predictions/face/1.0")
    assert answer.json()["face"]["count"] == 1
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
    assert gateway.logged(1)[0]["request_id"] == answer.json()["request_id"]
    picture = ask(gateway, "/explanations/face", Accept="image/png", **{"X-Explain-Target": "ai"})
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["X-Face-Verdict"]
    assert ask(gateway, "/explanations/face", **{"X-Explain-Target": "x"}).json()["code"] == "bad_option"


@pytest.mark.parametrize("header", ["describe", "explain", "Describe", "Explain"])
def test_torchserves_own_headers_do_nothing_from_outside(service, header):
    gateway, server = service
    answer = ask(gateway, "/predictions/face", **{header: "True"}).json()
    assert answer["verdict"] and "explanation" not in answer and "limits" not in answer
    if header == "describe":  # past the gateway it would
        inside = requests.post(f"{server.inference}/predictions/face", data=portrait(), headers={header: "True"}, timeout=60)
        assert "limits" in inside.json()


def test_kserve_form(service):
    gateway, _ = service
    instances = {"instances": [{"image": {"b64": base64.b64encode(portrait()).decode()}}]}
    headers = {"Authorization": f"Bearer {KEYS['bob']}"}
    answer = requests.post(f"{gateway.url}/v1/models/face:predict", json=instances, headers=headers, timeout=60)
    assert answer.json()["predictions"][0]["face"]["count"] == 1


def test_probes_and_metrics(service):
    gateway, server = service
    before = requests.get(f"{server.metrics}/metrics", timeout=10).text.count("face_verdicts_total{")
    assert requests.get(f"{gateway.internal}/ready", timeout=10).json()["model"]["name"] == "face"
    assert requests.get(f"{gateway.internal}/live", timeout=10).json() == {"status": "Healthy"}
    metrics = requests.get(f"{gateway.internal}/metrics", timeout=10).text
    assert metrics.count("face_verdicts_total{") == before  # readiness is no verdict
    probe = [sys.executable, "-m", "config.gateway.probe", "--url", f"{server.inference}/predictions/face"]
    told = subprocess.run(probe, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.strip() in ("ai", "real", "uncertain", "no_face")


def test_a_dead_worker_is_not_ready_though_torchserve_says_healthy(service):
    gateway, server = service
    requests.put(f"{server.management}/models/face?min_worker=0&synchronous=true", timeout=60)
    assert requests.get(f"{gateway.internal}/live", timeout=10).ok
    assert requests.get(f"{gateway.internal}/ready", timeout=10).status_code == 503
    requests.put(f"{server.management}/models/face?min_worker=1&synchronous=true", timeout=120)
    wait_until(lambda: requests.get(f"{gateway.internal}/ready", timeout=10).ok, 60)


def test_the_probe_fails_where_nothing_answers():
    probe = [sys.executable, "-m", "config.gateway.probe", "--url", f"http://127.0.0.1:{free_port()}/predictions/face"]
    told = subprocess.run(probe, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert told.returncode == 1
    assert told.stderr.startswith("no verdict")

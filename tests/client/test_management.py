"""ManagementClient: TorchServe's words in ours."""

import pytest

from client.errors import BadAnswer, Refused
from client.management import ManagementClient
from tests.client.bodies import encoded
from tests.client.stub import Reply, Request

MODEL = {"name": "face", "version": "1.0", "sha256": "0" * 64}
DESCRIPTION = {
    "model": MODEL,
    "created": "2026-01-01T00:00:00+00:00",
    "runtime": "torch",
    "labels": ["real", "ai"],
    "formats": ["JPEG"],
    "limits": {"max_pixels": 5, "max_instances": 4},
    "calibration": {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4},
    "data": {},
    "metrics": {},
    "news": "of a later release",
}


def entry(version: str, *statuses: str, memory: int = 0) -> dict:
    workers = [
        {"id": f"{9000 + number}", "startTime": "2026", "status": status, "memoryUsage": memory, "pid": 7, "gpu": False}
        for number, status in enumerate(statuses)
    ]
    queue = {"remainingCapacity": 98, "pendingRequests": 2}
    return {
        "modelName": "face",
        "modelVersion": version,
        "modelUrl": f"face-{version}.mar",
        "batchSize": 8,
        "minWorkers": len(statuses),
        "responseTimeout": 60,
        "workers": workers,
        "jobQueueStatus": queue,
    }


@pytest.fixture
def management(stub):
    entries = [entry("1.0", "UNLOADED", "READY", memory=1000), entry("2.0", "UNLOADED")]

    def answer(request: Request) -> Reply:
        if request.path == "/models/face?customized=true":
            return Reply(body=encoded([entries[0] | {"customizedMetadata": DESCRIPTION}]))
        return Reply(body=encoded(entries if request.path == "/models/face/all" else entries[:1]))

    stub.answer = answer
    with ManagementClient(stub.url, timeout=5) as client:
        yield client


def test_versions_with_their_workers(management):
    first, second = management.versions()
    assert (first.version, first.default, first.archive, first.pending, first.batch_size) == ("1.0", True, "face-1.0.mar", 2, 8)
    assert [worker.status for worker in first.workers] == ["UNLOADED", "READY"]
    assert (first.workers[0].pid, first.workers[0].memory, first.ready) == (7, 1000, 1)
    assert (second.default, second.ready) == (False, 0)
    assert second.workers[0].memory is None  # 0 is what TorchServe says where it does not measure


def test_ready_means_a_worker_of_that_version(management):
    assert management.ready()
    assert management.ready("1.0")
    assert not management.ready("2.0")
    assert not management.ready("3.0")


def test_a_release_in_its_own_words(management):
    described = management.describe()
    assert (described.model.version, described.runtime, described.labels) == ("1.0", "torch", ("real", "ai"))
    assert described.calibration.ai_at_least == 0.7
    assert described.limits["max_pixels"] == 5


@pytest.mark.parametrize("body", [{}, [], [1], [{}], [entry("1.0") | {"workers": None}]])
def test_another_server_is_found_out(stub, body):
    stub.answer = lambda request: Reply(body=encoded(body))
    with ManagementClient(stub.url) as management, pytest.raises(BadAnswer):
        management.versions()


def test_no_model_is_a_refusal(stub):
    stub.replies(Reply(404, encoded({"code": 404, "type": "ModelNotFoundException", "message": "Model not found: face"})))
    with ManagementClient(stub.url) as management, pytest.raises(Refused, match="Model not found"):
        management.versions()

"""`face status` and `face models`."""

import re

from tests.client.bodies import encoded
from tests.client.commands.process import lines, nobody
from tests.client.stub import Reply


def test_models_lists_versions_and_their_workers(face):
    done = face("models")
    assert done.returncode == 0
    first, second = sorted(lines(done), key=lambda line: line["version"])
    assert (first["version"], first["default"], first["status"]) == ("1.0", True, "READY")
    assert (second["version"], second["default"]) == ("2.0", False)
    assert first["pid"] > 0
    assert re.search(r"1\.0 +yes +face-1\.0\.mar .* READY ", face("models", "--format", "table").stdout.decode())


def test_status_tells_the_release(face, server):
    done = face("status")
    assert (done.returncode, done.stderr) == (0, b"")
    (line,) = lines(done)
    assert (line["url"], line["healthy"], line["ready_workers"]) == (server.inference, True, 1)
    assert line["model"]["version"] == "1.0"
    assert line["calibration"] == {"temperature": 1.3, "ai_at_least": 0.7, "real_at_most": 0.4}
    assert line["runtime"]
    assert re.search(r"calibration\.ai_at_least +0\.700", face("status", "--format", "table").stdout.decode())


def test_status_without_the_management_api_says_so_and_no_more(face):
    done = face("status", FACE_MANAGEMENT_URL=nobody())
    assert done.returncode == 0
    assert lines(done)[0].keys() == {"url", "healthy", "ready_workers"}
    assert b"Workers and release unknown" in done.stderr


def test_status_fails_where_no_worker_can_answer(face, stub):
    none = Reply(404, encoded({"code": 404, "type": "ModelNotFoundException", "message": "Model not found: face"}))
    hangs = Reply(delay=30)
    for management, ready in ((none, 0), (hangs, None)):
        health = Reply(body=encoded({"status": "Healthy"}))
        stub.answer = lambda request, management=management, health=health: health if request.path == "/ping" else management
        done = face("status", "--timeout", "1", FACE_URL=stub.url, FACE_MANAGEMENT_URL=stub.url)
        assert done.returncode == 1
        assert lines(done)[0]["ready_workers"] == ready

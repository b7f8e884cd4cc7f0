"""`face watch` on a real server."""

import json

import pytest
import requests

from tests.client.load import Load


def test_watch_counts_what_comes_in(face, server):
    with Load(server.inference, clients=1) as load:
        done = face("watch", "--every", "1", "--for", "6", "--format", "jsonl")
        requests.post(f"{server.inference}/predictions/face", data=b"text", timeout=60)
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    version = [row for row in rows if row["version"] == "1.0"][-1]
    everything = [row for row in rows if row["version"] == "all"]
    assert len(everything) >= 5
    assert 0 < everything[-1]["count"] <= load.versions.total() + 10
    assert everything[-1]["error_share"] == 0
    assert everything[-1]["mean_ms"] > 0
    assert 0 < version["p50_ms"] <= version["p95_ms"]
    assert sum(version[name] for name in ("ai", "real", "uncertain", "no_face")) == pytest.approx(1)

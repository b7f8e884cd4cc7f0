"""`face compare` on a real server."""

import re

import pytest

from tests.client.rollouts.site import register, told


def test_compare_tells_versions_apart(face, server, store):
    register(server, store.mar("worse"))
    same, other = (told(face("compare", "1.0", version, *face.golden)) for version in ("1.0", "worse"))
    assert (same["images"], same["flip_rate"], same["score_shift"], same["error_rate"]) == (2, 0, 0, 0)
    assert same["heat_map_overlap"] == pytest.approx(1)
    assert other["score_shift"] > 0.01
    assert other["heat_map_overlap"] < 0.9
    assert 0 < other["latency_ratio"] < 100
    table = face("compare", "1.0", "worse", *face.golden, "--format", "table").stdout
    assert re.search(r"score_shift +0\.\d{3}", table)
    missing = face("compare", "1.0", "9.9", *face.golden)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "9.9" in missing.stderr

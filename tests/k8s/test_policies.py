"""checkov on everything rendered, and on the Dockerfile."""

import json
import os
import shutil
import subprocess

import pytest
import yaml

from config.server import ROOT
from tests.k8s.rendering import EVERYTHING, JOBS, render

# What the product leaves to its user, or has decided otherwise
SKIPPED = {
    "CKV_K8S_15": "images are pinned by version, so that pulling them each time brings nothing",
    "CKV_K8S_43": "the digest is that of an image that the user builds; the overlay says where it goes",
    "CKV_K8S_35": "an init container takes the storage's keys from the environment, as S3 clients do",
    "CKV_K8S_21": "a Job goes into the namespace that kubectl is told",
    "CKV_DOCKER_7": "the base image's version is in the argument's default",
}


def checkov(*arguments: str) -> list[str]:
    """Failed checks as `id resource`."""
    program = shutil.which("checkov", path=f"{ROOT / '.venv' / 'checkov' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if not program:
        pytest.skip("checkov is not installed (pip, in an environment of its own: it pins what it shares with others)")
    command = [
        program,
        *arguments,
        "--output",
        "json",
        "--quiet",
        "--compact",
        "--skip-download",
        "--skip-check",
        ",".join(SKIPPED),
    ]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)
    report = json.loads(told.stdout)
    assert report["summary"]["passed"] > 20 if "summary" in report else report["passed"] > 20
    return [f"{check['check_id']} {check['resource']}" for check in report.get("results", {}).get("failed_checks", [])]


def test_manifests(tmp_path):
    for number, (name, components) in enumerate(EVERYTHING):
        suffix = "jobs" if name in JOBS else "overlays"
        (tmp_path / f"{number}-{suffix}.yaml").write_text(yaml.safe_dump_all(render(name, components)))
    assert checkov("--directory", str(tmp_path), "--framework", "kubernetes") == []


def test_dockerfile():
    assert checkov("--file", "Dockerfile", "--framework", "dockerfile") == []

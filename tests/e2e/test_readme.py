"""The README's commands do what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CURLS = sorted(set(re.findall(r"^curl .*$", README, re.MULTILINE)) | set(re.findall(r"`(curl [^`]*)`", README)))


@pytest.mark.parametrize("line", CURLS)
def test_every_curl_line_is_answered(server, tmp_path, line):
    for port, base in ((8080, server.inference), (8081, server.management), (8082, server.metrics)):
        line = line.replace(f"http://127.0.0.1:{port}", base)
    line = line.replace("photo.jpg", "config/sample/astronaut.jpg").replace("map.png", str(tmp_path / "map.png"))
    done = subprocess.run([*shlex.split(line), "-sS", "--fail"], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answer = (tmp_path / "map.png").read_bytes() if "map.png" in line else done.stdout
    assert answer.startswith(b"\x89PNG") if "map.png" in line else answer.strip()


def test_the_curl_lines_are_found():
    assert len(CURLS) >= 8


def test_make_knows_the_targets_that_the_readme_names():
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    for target in set(re.findall(r"`?make ([a-z]+)", README)):
        assert re.search(rf"^{target}\s", told, re.MULTILINE), target


@pytest.mark.parametrize("line", re.findall(r"^bin/face .*$", README, re.MULTILINE))
def test_every_line_of_the_command_line_works(server, tmp_path, line):
    line = line.replace("build/heat-maps", str(tmp_path / "maps"))
    urls = os.environ | {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management}
    done = subprocess.run(shlex.split(line), cwd=ROOT, env=urls, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert ("heatmaps" not in line) or list((tmp_path / "maps").iterdir())


def test_the_python_example_works(server):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    code = example.replace("http://127.0.0.1:8080", server.inference)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split()[0] in {"ai", "real", "uncertain"}

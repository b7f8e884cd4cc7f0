"""The README's commands do what it says."""

import re
import shlex
import subprocess
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

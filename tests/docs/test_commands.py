"""Every command of the documentation: run against the service, or held against the programs that it names."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config.server import ROOT
from tests.docs.pages import COMMANDS, Block
from tests.folders import Folder
from tests.gateway.running import Gateway
from tests.releases import make_release
from training.archive import archive

SHARED = ("bin", "client", "config", "docs", "handler", "training", "Makefile", "pyproject.toml")
GATEWAY_URL = "http://127.0.0.1:8000"
RUN = [block for block in COMMANDS if not block.not_run]
NOT_RUN = [block for block in COMMANDS if block.not_run]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the repository as a reader has it, but for what it would write, with photos and a second release."""
    folder = tmp_path_factory.mktemp("reader")
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    (folder / "model_store").mkdir()
    (folder / "model_store" / "face-1.0").symlink_to(ROOT / "model_store" / "face-1.0")
    make_release(folder / "model_store" / "face-1.1", "1.1", seed=3)
    archive(folder / "model_store" / "face-1.1")
    (folder / "photos").mkdir()
    shutil.copy(ROOT / "config" / "sample" / "astronaut.jpg", folder / "photos")
    return folder


@pytest.fixture(scope="module")
def gateway(server, nginx) -> Iterator[Gateway]:
    with Folder() as folder:
        running = Gateway(folder, int(server.inference.rpartition(":")[2]))
        yield running
        running.stop()


def script(block: Block, server, request, folder: Path) -> str:
    """The block with the addresses of this session; the second version is called 2.0 here."""
    text = block.text.replace("compare 1.0 1.1", "compare 1.0 2.0")
    for port, base in ((8080, server.inference), (8081, server.management), (8082, server.metrics)):
        text = text.replace(f"http://127.0.0.1:{port}", base)
    if GATEWAY_URL in text:
        gateway = request.getfixturevalue("gateway")
        shutil.copy(gateway.keys, folder / "clients.map")
        text = text.replace(GATEWAY_URL, gateway.url)
    return text.replace("curl ", "curl -sS --fail-with-body ")


@pytest.mark.parametrize("block", RUN, ids=str)
def test_it_works(block, server, request, folder):
    urls = {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management, "FACE_METRICS_URL": server.metrics}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | urls | {"PATH": path, "XDG_STATE_HOME": str(folder / "state")}
    command = ["bash", "-euo", "pipefail", "-c", script(block, server, request, folder)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{block}: {done.stdout[-1000:]}{done.stderr[-1000:]}"
    if "map.png" in block.text:
        assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")


def test_there_is_something_to_run():
    assert len(RUN) >= 8


@pytest.mark.parametrize("block", NOT_RUN, ids=str)
def test_what_is_not_run_names_what_exists(block):
    for test in re.findall(r"tests/\S+", block.not_run):
        assert (ROOT / test).exists(), f"{block}: {test}"
    for line in filter(None, (line.partition(" #")[0].strip() for line in block.text.splitlines())):
        words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*", word)]
        program = Path(words[0]).name
        if program == "make":
            assert words[1:2] and re.search(rf"^{words[1]}\s", helped("make", "help"), re.MULTILINE), f"{block}: {line}"
        elif program == "python":
            check_python(words[1:], f"{block}: {line}")
        elif program == "face":
            check_flags(words[2:], helped(sys.executable, "-m", "client", words[1], "--help"), f"{block}: {line}")
        else:
            assert program == "docker", f"{block}: {line}: say how to check it"


def check_python(words: list[str], where: str) -> None:
    """A module of ours is asked for its options, by the sub-command where it has some; a script must be there."""
    if words[0] != "-m":
        assert (ROOT / words[0]).is_file(), where
    elif (ROOT / words[1].split(".")[0]).is_dir():
        command = words[1:3] if words[1] == "training" else words[1:2]
        check_flags(words, helped(sys.executable, "-m", *command, "--help"), where)


def check_flags(words: list[str], told: str, where: str) -> None:
    for flag in (word for word in words if word.startswith("--")):
        assert re.search(rf"(^|\W){re.escape(flag)}\b", told), f"{where}: there is no {flag}"


@cache
def helped(*command: str) -> str:
    """What a program says of itself."""
    wide = os.environ | {"COLUMNS": "200", "TERM": "dumb"}
    return subprocess.run(command, cwd=ROOT, env=wide, capture_output=True, text=True, timeout=300, check=True).stdout

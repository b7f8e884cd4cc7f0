"""`face` as a user runs it: a process of its own, against a real service."""

import os
import subprocess
from pathlib import Path

import pytest

from config.server import ROOT
from tests.client.commands.process import FACE
from tests.pictures import no_face, portrait


@pytest.fixture
def environment(server) -> dict[str, str]:
    # wide, so that no table wraps
    own = {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management, "COLUMNS": "250", "PYTHONPATH": str(ROOT)}
    return os.environ | own


@pytest.fixture
def face(environment, tmp_path):
    """Runs `face` in an empty folder and returns the finished process."""

    def face(*arguments: str, stdin: bytes = b"", **changed: str) -> subprocess.CompletedProcess:
        options = {"env": environment | changed, "cwd": tmp_path, "timeout": 120, "check": False}
        done = subprocess.run([*FACE, *arguments], input=stdin, capture_output=True, **options)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return face


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(portrait())
    (folder / "room.png").write_bytes(no_face())
    (folder / "sub" / "a.webp").write_bytes(portrait("WEBP"))
    return folder

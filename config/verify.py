"""Looks at an archive before a server is started on it: are its files those that its release was written for?

Without this a worker would refuse it again and again, and clients would wait for one that never comes.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FOLDER = "release/"  # of the archive (training/archive.py)
# By the archive's own code, in a process that sees no other
CHECK = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from handler.release import Release, ReleaseError
try:
    Release.load(Path(sys.argv[2]))
except ReleaseError as error:
    sys.exit(str(error))
"""


class WrongRelease(Exception):
    """The archive holds a release that no worker will serve; the message says why."""


def verify(mar: Path) -> None:
    """Returns if the archive's release is complete and unchanged, or if it holds none: of that TorchServe itself speaks.

    Raises:
        WrongRelease: a file is missing or has another checksum.
    """
    if not zipfile.is_zipfile(mar):
        return
    with tempfile.TemporaryDirectory(prefix="face-") as folder:
        with zipfile.ZipFile(mar) as file:
            members = [name for name in file.namelist() if name.startswith(FOLDER)]
            file.extractall(folder, members)
        if not members:
            return
        command = [sys.executable, "-I", "-c", CHECK, str(mar), str(Path(folder) / FOLDER)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WrongRelease(f"{mar} is not started: {done.stderr.strip()}")

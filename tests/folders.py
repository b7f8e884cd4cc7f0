"""Temporary folders for the servers under test."""

import shutil
import tempfile
from pathlib import Path


class Folder:
    """A temporary folder that every user may enter: started by root, nginx works as another user. A context manager.

    It is in the system's temporary one: the path of a worker's Unix socket may have 107 characters only.
    """

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(prefix="face-"))
        self.path.chmod(0o711)
        return self.path

    def __exit__(self, *_) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

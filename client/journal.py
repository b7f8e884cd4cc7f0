"""What a roll-out must remember: which version served before, and how far it got. A file a server, in the user's state folder.

Where the roll-out stands is the server's to tell; a step is written down before it is taken, so that whatever ends the command,
even `kill -9`, the next one finds what to go back to.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from client.parsing import Mismatch, parse
from client.site import Impossible
from client.traffic import Window

Step = Literal["trial", "watch", "retire", "done", "undo"]


@dataclass(frozen=True)
class Kept:
    """A version that can be gone back to."""

    version: str
    archive: str


@dataclass(frozen=True)
class Record:
    """One roll-out.

    Attributes:
        version, archive: the new version and its file.
        former: the default before.
        workers: of the former, and so of the new one.
        adopted: whether the new version was registered already: then it is not the roll-out's to remove.
        step: trial: being compared; watch: the default, or about to be; retire: the former is being reduced; done;
            undo: being taken back.
        before: what was seen before the switch.
        earlier: the former of the last roll-out, which stays until this one is done.
    """

    version: str
    archive: str
    former: Kept
    workers: int
    adopted: bool
    step: Step
    before: Window | None
    earlier: Kept | None

    def concerns(self, default: str) -> bool:
        """Whether it tells of the server as it is: a restart, or somebody's hand, may have made another version the default."""
        return default == self.version or (default == self.former.version and self.step in ("trial", "watch", "undo"))

    def without(self) -> "Record | None":
        """What is left to remember when this roll-out is taken back: the one before it, if there was one."""
        if not self.earlier:
            return None
        now, before = self.former, self.earlier
        return replace(self, version=now.version, archive=now.archive, former=before, step="done", before=None, earlier=None)

    def role(self, version: str) -> str | None:
        """What a version is in the roll-out, in a word; None where it is nothing special."""
        roles = {"trial": "candidate", "watch": "watched", "retire": "watched", "done": "rolled out", "undo": "leaving"}
        formers = [kept.version for kept in (self.former, self.earlier) if kept]
        return roles[self.step] if version == self.version else "former" if version in formers else None


class Journal:
    """The record of one server.

    Args:
        management_url: what the server is known by.
    """

    def __init__(self, management_url: str):
        parts = urlsplit(management_url)
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "face"
        self.path = folder / f"rollout-{parts.hostname}-{parts.port or parts.scheme}.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other commands of this user from changing the same server meanwhile; ends with the process at the latest.

        Raises:
            Impossible: one is at it.
        """
        import fcntl  # which Windows lacks: it may ask the service, but not run it

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.with_suffix(".lock").touch()
        except OSError as error:
            raise Impossible(f"{self.path.parent} cannot be written: {error.strerror}. XDG_STATE_HOME moves it.") from None
        with open(self.path.with_suffix(".lock"), "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Impossible("Another roll-out or rollback of this server is running.") from None
            yield

    def read(self) -> Record | None:
        """The last record.

        Raises:
            Impossible: the file is damaged.
        """
        try:
            return parse(Record, json.loads(self.path.read_text()), "record")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, Mismatch) as error:
            raise Impossible(f"{self.path} cannot be read ({error}): look at `face models`, and remove the file.") from None

    def write(self, record: Record | None) -> None:
        """Puts it on the disk, all of it or nothing; None forgets the last one."""
        if record is None:
            self.path.unlink(missing_ok=True)
            return
        part = self.path.with_suffix(".part")
        with open(part, "w") as file:
            json.dump(asdict(record), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)

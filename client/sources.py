"""What the user names -> the images to ask about: files, folders, globs, `-` for the standard input, and URLs."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import unquote, urlsplit

from client.download import download, is_url
from client.errors import Unreadable
from client.service import MAX_BYTES, limited, read_image

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")  # what is taken from folders; a file that is named is sent whatever it is called
HEAT_MAP = ".face.png"
STDIN = "-"


@dataclass(frozen=True)
class Source:
    """One image before it is read.

    Attributes:
        name: as results call it.
        relative: path below the folder that the user named; where there is none, the last part of the name.
    """

    name: str
    relative: PurePath

    def read(self) -> bytes:
        """The encoded image.

        Raises:
            Unreadable: it cannot be had, or is too large.
        """
        raise NotImplementedError

    @property
    def folder(self) -> Path:
        """Where a file that belongs to the image goes."""
        return Path()


@dataclass(frozen=True)
class FileSource(Source):
    path: Path

    def read(self) -> bytes:
        return read_image(self.path)

    @property
    def folder(self) -> Path:
        return self.path.parent


@dataclass(frozen=True)
class StdinSource(Source):
    def read(self) -> bytes:
        return limited(sys.stdin.buffer.read(MAX_BYTES + 1))


@dataclass(frozen=True)
class UrlSource(Source):
    seconds: float

    def read(self) -> bytes:
        return download(self.name, seconds=self.seconds)


@dataclass(frozen=True)
class EmptySource(Source):
    """A folder or a pattern that names no image: reported as a failure instead of passed over in silence."""

    reason: str

    def read(self) -> bytes:
        raise Unreadable(self.reason)


def find(names: Iterable[str], *, seconds: float = 60.0) -> Iterator[Source]:
    """The images of all names, in their order, folders sorted. Nothing is read yet.

    Args:
        seconds: that a download may take.
    """
    for name in names:
        if name == STDIN:
            yield StdinSource("stdin", PurePath("stdin"))
        elif is_url(name):
            yield UrlSource(name, PurePath(file_name(name)), seconds)
        elif Path(name).is_dir():
            yield from of_folder(name)
        elif glob.has_magic(name) and not Path(name).exists():
            yield from of_pattern(name)
        else:
            yield file_source(name)


def of_folder(folder: str) -> Iterator[Source]:
    """The images below a folder, but for heat maps of an earlier run. Links to folders are not followed."""
    empty = True
    for here, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            if file.lower().endswith(SUFFIXES) and not file.endswith(HEAT_MAP):
                empty = False
                path = Path(here, file)
                yield FileSource(str(path), path.relative_to(folder), path)
    if empty:
        yield EmptySource(folder, PurePath(folder), f"The folder holds no {', '.join(SUFFIXES)} file.")


def of_pattern(pattern: str) -> Iterator[Source]:
    """The files that a pattern matches, for shells that do not expand it; `**` crosses folders.

    Each file comes once: `**` follows links, which may lead to it in many ways.
    """
    matches = glob.glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
    paths = [path for path in sorted(matches) if Path(path).is_file() and not path.endswith(HEAT_MAP)]
    seen = set()
    for path in paths:
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            yield file_source(path)
    if not paths:
        yield EmptySource(pattern, PurePath(pattern), "No file matches.")


def file_source(name: str) -> FileSource:
    path = Path(name)
    return FileSource(name, PurePath(path.name), path)


def file_name(url: str) -> str:
    """The last part of a URL's path, safe as the name of a file."""
    try:
        path = urlsplit(url).path
    except ValueError:  # no URL after all, which the download will say
        path = ""
    name = PurePath(unquote(path).replace("\0", "")).name
    return name if name not in ("", "..") else "image"

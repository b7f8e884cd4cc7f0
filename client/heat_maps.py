"""Where heat maps are written: beside their images, or below one folder."""

from pathlib import Path

from client.errors import FaceError
from client.sources import HEAT_MAP, Source


class Unwritable(FaceError):
    """The heat map was answered, but could not be written."""

    code = "unwritable"


class HeatMaps:
    """Writes `photo.jpg.face.png` for `photo.jpg`.

    Args:
        folder: below which the images' own folders are repeated; None for beside each image.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = folder
        self.written: set[Path] = set()

    def write(self, source: Source, png: bytes) -> Path:
        """Writes one map over that of an earlier run, but never over another one of this run.

        Raises:
            Unwritable: the folder or the file cannot be made.
        """
        path = self.free(source)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png)
        except OSError as error:
            raise Unwritable(f"The heat map {path} cannot be written: {error.strerror}.") from None
        return path

    def free(self, source: Source) -> Path:
        """The map's path; numbered where two images of one run have the same name."""
        base = self.folder / source.relative if self.folder else source.folder / source.relative.name
        number = 1
        while (path := base.with_name(base.name + (f".{number}" if number > 1 else "") + HEAT_MAP)) in self.written:
            number += 1
        self.written.add(path)
        return path

"""The golden set: images on which two versions are compared."""

from collections.abc import Sequence
from pathlib import Path

from client.errors import Unreadable
from client.sources import EmptySource, Source, find

SAMPLE = Path(__file__).parents[1] / "config" / "sample"  # the default; one portrait, so that a folder of your own tells more


def golden_set(folder: Path) -> Sequence[Source]:
    """The images of a folder, in the order of their names.

    Raises:
        Unreadable: it is not there, or holds none.
    """
    images = tuple(find([str(folder)]))
    if not folder.is_dir() or isinstance(images[0], EmptySource):
        raise Unreadable(f"The golden set {folder} is no folder with images.")
    return images

"""Views of a prepared folder in which some of its sources are held out, as an unknown generator or camera would be."""

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from training.manifest import PREPARE, read_manifest, write_manifest
from training.photos import DataError


def write_fold(data: Path, held_out: Collection[str], folder: Path) -> None:
    """Makes `folder` a prepared folder like `data`, with the sources `held_out` as its `ood` split.

    They are held out whole: none of their faces trains, validates or calibrates. The held-out sources of `data` itself are not
    in the view at all, so that no choice made on folds has seen them. Crops are linked, not copied.

    Raises:
        DataError: a source is not in the data, or a class would have no source on one of the two sides.
    """
    rows = [row for row in read_manifest(data) if row.split != "ood"]
    if missing := set(held_out) - {row.source for row in rows}:
        raise DataError(f"{data} has no source {', '.join(sorted(missing))}")
    moved = [replace(row, split="ood") if row.source in held_out else row for row in rows]
    for label in ("real", "ai"):
        if len({row.split == "ood" for row in moved if row.label == label}) < 2:
            raise DataError(f"holding out {', '.join(sorted(held_out))} leaves one side without a face of class '{label}'")
    folder.mkdir(parents=True, exist_ok=True)
    write_manifest(folder, moved)
    for name in ("crops", PREPARE):
        link(Path(data) / name, folder / name)


def link(target: Path, name: Path) -> None:
    name.unlink(missing_ok=True)
    name.symlink_to(os.path.relpath(target.resolve(), name.parent.resolve()))

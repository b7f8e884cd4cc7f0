"""Decoded crops in one memory-mapped file: reading a crop from it costs a copy, where its PNG costs as much as augmenting it.

It is made by the first training on a prepared folder, takes 3 x size^2 bytes a crop, and may be deleted at any time.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from training.manifest import Row, data_hash, read_crop

FOLDER = "cache"


def cached_crops(folder: Path, rows: Sequence[Row]) -> np.ndarray:
    """The crops of `rows`: uint8 `[n, size, size, 3]`, read-only, in memory only as far as the system keeps it there."""
    path = cache_path(folder, rows)
    if not path.exists():
        write_cache(path, folder, rows)
    return np.load(path, mmap_mode="r")


def cache_path(folder: Path, rows: Sequence[Row]) -> Path:
    """Where the crops of `rows` lie: another file for other rows, or other data."""
    names = "\n".join([data_hash(folder), *(row.crop for row in rows)])
    return Path(folder) / FOLDER / f"{hashlib.sha256(names.encode()).hexdigest()[:16]}.npy"


def write_cache(path: Path, folder: Path, rows: Sequence[Row]) -> None:
    """Decodes every crop once; the file is there whole or not at all, also where several processes write it."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    shape = (len(rows), *read_crop(folder, rows[0]).shape)
    crops = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
    for number, row in enumerate(tqdm(rows, desc="cache", unit="crop")):
        crops[number] = read_crop(folder, row)
    crops.flush()
    part.replace(path)

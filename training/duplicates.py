"""Exact and near duplicates, so that no face stands on both sides of a split."""

from collections import defaultdict

import imagehash
import numpy as np
from PIL import Image

BITS = 64
MAX_DISTANCE = 3  # bits of 64: the same picture re-encoded or resized; two pictures of one person differ in far more
BANDS = MAX_DISTANCE + 1


def perceptual_hash(pixels: np.ndarray) -> int:
    """64-bit pHash (DCT signs) of a crop, as `imagehash` computes it."""
    bits = imagehash.phash(Image.fromarray(pixels)).hash.flatten()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def duplicate_groups(hashes: list[int]) -> list[list[int]]:
    """Indices of pictures that are near duplicates of each other, transitively; groups of two or more only.

    Two hashes within `MAX_DISTANCE` bits agree wholly in at least one of `MAX_DISTANCE` + 1 bands (pigeonhole), so only
    pictures that share a band are compared: the cost grows with the duplicates, not with the square of the data set.
    """
    parent = list(range(len(hashes)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    width = BITS // BANDS
    for band in range(BANDS):
        buckets = defaultdict(list)
        for index, value in enumerate(hashes):
            buckets[value >> band * width & (1 << width) - 1].append(index)
        for bucket in buckets.values():
            for position, index in enumerate(bucket):
                for other in bucket[position + 1 :]:
                    if (hashes[index] ^ hashes[other]).bit_count() <= MAX_DISTANCE:
                        parent[root(other)] = root(index)
    groups = defaultdict(list)
    for index in range(len(hashes)):
        groups[root(index)].append(index)
    return [group for group in groups.values() if len(group) > 1]

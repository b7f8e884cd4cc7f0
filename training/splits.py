"""Which split a face belongs to: stratified by source, and the same on every machine."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence


def assign_splits(sources: Sequence[str], keys: Sequence[str], fractions: dict[str, float], seed: int) -> list[str]:
    """The split of each face.

    Args:
        sources: label and source of each face, the strata.
        keys: what identifies each face whatever its path: its file's SHA-256.
        fractions: of each source, by split; they sum to 1. The first split takes what rounding leaves.
        seed: another one deals the faces anew.
    """
    if abs(sum(fractions.values()) - 1) > 1e-6:
        raise ValueError(f"fractions must sum to 1: {fractions}")
    strata = defaultdict(list)
    for index, source in enumerate(sources):
        strata[source].append(index)
    first, *others = fractions
    splits = [first] * len(sources)
    for members in strata.values():
        members.sort(key=lambda index: hashlib.sha256(f"{seed}:{keys[index]}".encode()).digest())
        start = 0
        for split in others:
            count = round(len(members) * fractions[split])
            for index in members[start : start + count]:
                splits[index] = split
            start += count
    return splits

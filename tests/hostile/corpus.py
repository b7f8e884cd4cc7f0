"""The families of inputs, how often each is drawn, and the draws of a seed."""

from collections.abc import Callable, Iterator
from random import Random

from tests.hostile.case import Case
from tests.hostile.families import (
    animations,
    bombs,
    damaged,
    disguised,
    forms,
    json_bodies,
    metadata,
    options,
    shapes,
    wire,
)

# family: its `make`, and its share among the others
FAMILIES: dict[str, tuple[Callable[[Random], Case], int]] = {
    "damaged": (damaged.make, 30),
    "bombs": (bombs.make, 5),
    "animations": (animations.make, 10),
    "metadata": (metadata.make, 12),
    "shapes": (shapes.make, 12),
    "disguised": (disguised.make, 10),
    "forms": (forms.make, 10),
    "json": (json_bodies.make, 12),
    "options": (options.make, 8),
    "wire": (wire.make, 8),
}


def draw(count: int, seed: int) -> Iterator[tuple[str, Case]]:
    """`count` inputs with the names of their families, the same ones for the same seed."""
    order = Random(seed)
    names = list(FAMILIES)
    shares = [share for _, share in FAMILIES.values()]
    for number, name in enumerate(order.choices(names, shares, k=count)):
        yield name, FAMILIES[name][0](Random(f"{seed}/{number}"))

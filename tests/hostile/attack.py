"""Sends inputs by several clients at once, and notes what did not come back as it may."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.hostile.case import Case
from tests.hostile.client import Exchange
from tests.hostile.service import LOG_LINE, Service

CLIENTS = 4
SAY_EVERY = 1_000  # inputs


@dataclass
class Family:
    """What came of the inputs of one family.

    Attributes:
        sent: inputs.
        outcomes: of their answers.
        unexpected: outcomes that no input of its kind may get, by kind.
        front: kinds of which TorchServe's own front end said that it was its fault.
        slowest: seconds, as the client saw it, in the queue behind all others; and the kind.
    """

    sent: int = 0
    outcomes: Counter = field(default_factory=Counter)
    unexpected: Counter = field(default_factory=Counter)
    front: Counter = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")

    def add(self, case: Case, came: Exchange, defects: frozenset[str]) -> None:
        self.sent += 1
        self.slowest = max(self.slowest, (came.seconds, case.kind))
        for outcome in came.outcomes:
            self.outcomes[outcome] += 1
            if outcome in defects:
                self.front[case.kind, outcome] += 1
            elif outcome not in case.allowed:
                self.unexpected[case.kind, outcome] += 1


@dataclass
class Attack:
    """All of it: by family, and of each answer with an id the kind of its input.

    Attributes:
        defects: answers that are no input's fault (`Service.defects`).
    """

    defects: frozenset[str] = frozenset()
    families: dict[str, Family] = field(default_factory=lambda: defaultdict(Family))
    kinds: dict[str, tuple[str, Case]] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        return sum(family.sent for family in self.families.values())


async def attack(service: Service, inputs: Iterable[tuple[str, Case]], say: Callable[[str], None] = print) -> Attack:
    """Sends all inputs, each over a connection of its own; `CLIENTS` are under way at any time."""
    result, following = Attack(service.defects), iter(inputs)

    async def client() -> None:
        for family, case in following:
            case = service.fitted(case)
            came = await service.ask(case)
            result.families[family].add(case, came, service.defects)
            for reply in came.replies:
                if reply.request_id:
                    result.kinds[reply.request_id] = family, case
            if result.sent % SAY_EVERY == 0:
                say(f"  {result.sent} sent, {sum(sum(one.unexpected.values()) for one in result.families.values())} unexpected")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(CLIENTS):
            tasks.create_task(client())
    return result


def work(service: Service, kinds: dict[str, tuple[str, Case]]) -> list[tuple[float, str, Case]]:
    """Seconds of a worker's time for each image, by its log; with the family and the input, the heaviest first."""
    if service.log is None:
        return []
    found = []
    for line in LOG_LINE.findall(service.log.read_bytes()):
        entry = json.loads(line)
        if entry["request_id"] in kinds:
            found.append((sum(entry["stage_ms"].values()) / 1000, *kinds[entry["request_id"]]))
    return sorted(found, key=lambda one: -one[0])

"""The figures of an attack against what is promised, as JSON and as a table."""

from collections import Counter
from dataclasses import asdict, dataclass

from tests.hostile.alone import Cost
from tests.hostile.attack import Attack
from tests.hostile.case import SILENT, Case

MB = 1 << 20
CPU_SECONDS = 5.0  # of a worker for one input; the server waits 60 for a batch of three
RISE = 700 * MB  # of a worker's memory for one input; two such workers, with Java, fit the 3 GB of the pod (k8s/base)
KEPT = 300 * MB  # of a worker's memory after all inputs, in heaps that the allocator does not give back
DESCRIPTORS = 20  # more than before the attack; each worker has some tens
HEAVIEST = 10  # inputs that the report names


@dataclass(frozen=True)
class Watch:
    """What was seen of the workers before and after: ids, resident bytes, descriptors; and the highest peak of bytes."""

    pids: tuple[list[int], list[int]]
    memory: tuple[list[int], list[int]]
    descriptors: tuple[list[int], list[int]]
    peak: int


@dataclass(frozen=True)
class Promise:
    """A bound, in words, what was measured, and whether it holds; None where it could not be measured."""

    text: str
    measured: str
    holds: bool | None


def promises(attack: Attack, costs: list[Cost], watch: Watch) -> list[Promise]:
    """What an attack must not change."""
    families = attack.families.values()
    unexpected = sum(sum(family.unexpected.values()) for family in families)
    outcomes = [(outcome, count) for family in families for outcome, count in family.outcomes.items()]
    whose = " of the model" if attack.defects else ""
    front = sum(sum(family.front.values()) for family in families)
    failures = sum(count for outcome, count in outcomes if outcome.startswith("5") or outcome.endswith("internal"))
    silent = sum(count for outcome, count in outcomes if outcome == SILENT)
    cpu = max((cost.cpu for cost in costs), default=None)
    rise = max((cost.peak for cost in costs), default=None)
    kept = max((after - before for before, after in zip(*watch.memory, strict=False)), default=None)
    opened = max((after - before for before, after in zip(*watch.descriptors, strict=False)), default=None)
    known = bool(watch.pids[0])
    return [
        Promise("answers other than the kind of input may get: 0", str(unexpected), unexpected == 0),
        Promise(f"5xx{whose} caused by an input: 0", str(failures - front), failures == front),
        Promise("inputs without an answer in 60 s: 0", str(silent), silent == 0),
        Promise(
            "workers replaced: 0",
            str(len(set(watch.pids[0]) - set(watch.pids[1]))) if known else "not seen",
            watch.pids[0] == watch.pids[1] if known else None,
        ),
        bound(f"a worker's CPU time for an input: at most {CPU_SECONDS:g} s", cpu, CPU_SECONDS, seconds),
        bound(f"a worker's memory for an input: at most {RISE // MB} MB more", rise, RISE, megabytes),
        bound(f"kept of it after all of them: at most {KEPT // MB} MB", kept, KEPT, megabytes),
        bound(f"open descriptors of a worker: at most {DESCRIPTORS} more", opened, DESCRIPTORS, str),
    ]


def bound(text: str, value: float | None, limit: float, shown) -> Promise:
    return Promise(text, "not seen" if value is None else shown(value), None if value is None else value <= limit)


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def megabytes(value: int) -> str:
    return f"{value / MB:.0f} MB"


def page(attack: Attack, work: list[tuple[float, str, Case]], costs: list[Cost], kept: list[Promise], title: str) -> str:
    """All of it in Markdown."""
    lines = [f"{title}\n", "| promise | measured | |", "|---|---|---|"]
    verdicts = {True: "kept", False: "**broken**", None: "not measured"}
    lines += [f"| {one.text} | {one.measured} | {verdicts[one.holds]} |" for one in kept]
    lines += ["\n| family | inputs | answers | slowest, s (in the queue) |", "|---|---|---|---|"]
    for name, family in sorted(attack.families.items()):
        longest, kind = family.slowest
        answers = ", ".join(f"{count} x {outcome}" for outcome, count in family.outcomes.most_common(6))
        lines.append(f"| {name} | {family.sent} | {answers} | {longest:.1f}: {kind} |")
    if work:
        lines += ["\n| longest in a worker, among the others | s by the clock |", "|---|---|"]
        heaviest: dict[str, float] = {}
        for spent, _, case in work:
            heaviest.setdefault(case.kind, spent)
        lines += [f"| {kind} | {spent:.2f} |" for kind, spent in list(heaviest.items())[:HEAVIEST]]
    if costs:
        heads = ("CPU, s", "memory at most", "kept", "answered after")
        lines += [f"\n| heaviest inputs, alone | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
        lines += [
            f"| {one.kind} | {one.cpu:.2f} | +{megabytes(one.peak)} | {megabytes(one.kept)} | {one.seconds:.2f} s |"
            for one in costs[:HEAVIEST]
        ]
    if front := sum((family.front for family in attack.families.values()), Counter()):
        lines.append(f"\nTorchServe's own front end answered {sum(front.values())} inputs with 500, without asking a worker:")
        lines += [f"- {count} x {outcome.removeprefix('500 ')}: {kind}" for (kind, outcome), count in sorted(front.items())]
    broken = [(name, *key, count) for name, one in attack.families.items() for key, count in one.unexpected.items()]
    if broken:
        lines += ["\nNot as it may be:"] + [f"- {name}, {kind}: {count} x {outcome}" for name, kind, outcome, count in broken]
    return "\n".join(lines) + "\n"


def figures(attack: Attack, costs: list[Cost], kept: list[Promise], watch: Watch, run: dict) -> dict:
    """The same for programs."""
    families = {
        name: {
            "sent": family.sent,
            "outcomes": dict(family.outcomes),
            "unexpected": [[*key, count] for key, count in family.unexpected.items()],
            "front_end": [[*key, count] for key, count in family.front.items()],
            "slowest_seconds": family.slowest[0],
        }
        for name, family in attack.families.items()
    }
    return run | {
        "promises": [asdict(one) for one in kept],
        "families": families,
        "alone": [asdict(cost) for cost in costs],
        "workers": asdict(watch),
    }

"""`python -m tests.hostile`: thousands of hostile inputs at the service, and whether it keeps what it promises.

Ctrl-C ends the sending; the report is of what was sent by then.
"""

import argparse
import asyncio
import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable

from config.server import ROOT
from tests.hostile.alone import costs as weigh
from tests.hostile.attack import attack, work
from tests.hostile.case import Case
from tests.hostile.corpus import draw
from tests.hostile.report import HEAVIEST, Promise, Watch, figures, page, promises
from tests.hostile.service import Service, add_arguments, asked_for, write_report

REPORT = ROOT / "build" / "hostile" / "inputs.json"


def main() -> int:
    arguments = parser().parse_args()
    enough = threading.Event()
    with asked_for(arguments) as service:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: enough.set())
        table, numbers, kept = run(service, arguments.count, arguments.seed, lambda line: print(line, flush=True), enough)
    write_report(arguments.report, numbers, table)
    print(table)
    return 0 if all(one.holds is not False for one in kept) else 1


def run(
    service: Service, count: int, seed: int, say: Callable[[str], None], enough: threading.Event
) -> tuple[str, dict, list[Promise]]:
    """Attacks a service, and weighs the heaviest inputs one at a time afterwards.

    Args:
        enough: ends the sending when it is set.

    Returns:
        the table, the figures, and the promises.
    """
    asyncio.run(attack(service, draw(8, seed), say))  # what a worker allocates once is none of the inputs'
    before = service.workers()
    pids, memory, open_before = service.pids(), [one.memory() for one in before], [one.descriptors() for one in before]
    start = time.monotonic()
    inputs = itertools.takewhile(lambda _: not enough.is_set(), draw(count, seed))
    result = asyncio.run(attack(service, inputs, say))
    seconds = time.monotonic() - start
    spent = work(service, result.kinds)
    peak = max((one.peak() for one in service.workers()), default=0)
    costs = weigh(service, distinct(spent)) if before else []
    after = service.workers()
    watch = Watch(
        (pids, service.pids()),
        (memory, [one.memory() for one in after]),
        (open_before, [one.descriptors() for one in after]),
        peak,
    )
    kept = promises(result, costs, watch)
    release = service.description()
    about = {
        "inputs": result.sent,
        "asked_for": count,
        "seed": seed,
        "seconds": round(seconds, 1),
        "through": "gateway" if service.key else "torchserve",
        "put_off": dict(service.put_off),
        "model": release.get("model"),
        "runtime": release.get("runtime"),
    }
    served = f"{(about['model'] or {}).get('version', 'unknown')} on {about['runtime'] or 'an unknown run-time'}"
    put_off = ", ".join(f"{count} x {outcome}" for outcome, count in service.put_off.items()) or "nothing"
    door = f"through the gateway (put off and sent again: {put_off})" if service.key else "at TorchServe itself"
    title = f"{result.sent:,} inputs, seed {seed}, in {seconds:.0f} s, {door}, against release {served}; {len(pids)} workers."
    return page(result, spent, costs, kept, title), figures(result, costs, kept, watch, about), kept


def distinct(spent: list[tuple[float, str, Case]]) -> list[Case]:
    """The heaviest input of each of the heaviest kinds."""
    cases: dict[str, Case] = {}
    for _, _, case in spent:
        cases.setdefault(case.kind, case)
    return list(cases.values())[: 2 * HEAVIEST]


def parser() -> argparse.ArgumentParser:
    cli = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__.splitlines()[0])
    cli.add_argument("--count", type=int, default=20_000, help="inputs")
    cli.add_argument("--seed", type=int, default=0, help="of the inputs: the same seed, the same inputs")
    add_arguments(cli, REPORT)
    return cli


if __name__ == "__main__":
    sys.exit(main())

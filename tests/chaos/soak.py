"""`python -m tests.chaos.soak --minutes 30 --share 0.7`: a load for long, or one beyond capacity (`--minutes 5 --share 3`).

It goes through the gateway, at a share of what the service was measured to answer just before. Writes a .json and a .md.
"""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from config.server import ROOT
from tests.bench import load
from tests.bench.connection import message
from tests.chaos.clients import NO_ANSWER
from tests.chaos.repeating import Repeating
from tests.chaos.service import Service
from tests.chaos.weight import Growth, Scales
from tests.folders import Folder
from tests.gateway.running import KEYS
from tests.pictures import portrait
from tests.waiting import wait_until

CLIENTS = {f"client{number}": f"{number:032x}" for number in range(64)}  # of the gateway, which limits each of them
MEASURE = 10.0  # seconds in which capacity is measured
AT_ONCE = 8  # requests while it is
MEMORY = 0.05  # growth of a process: the limit
SPARE = 8  # descriptors more than before that are no growth: connections come and go
GOODPUT = 0.7  # of capacity, which must be left beyond it: the clients share the machine
CALM = 15.0  # seconds after the end of the load within which the service must be as before
SOON = 1.0  # seconds: an answer as before


@dataclass(frozen=True)
class Report:
    """What the load brought.

    Attributes:
        capacity, offered, goodput: requests a second.
        p50_ms, p99_ms: of those answered with 200, from their scheduled arrival.
        errors: by status or exception.
        probes: outcomes of one more client that looks at the headers: `200`, `503 with Retry-After`, ...
        calm: seconds after the end of the load until answers came as before.
        growth: by process.
    """

    minutes: float
    share: float
    capacity: float
    offered: float
    goodput: float
    p50_ms: float
    p99_ms: float
    errors: dict[str, int]
    probes: dict[str, int]
    calm: float
    growth: list[Growth]

    @property
    def broken(self) -> list[str]:
        broken = []
        if other := set(self.errors) - {"503"}:
            broken.append(f"answered otherwise than with 200 or 503: {sorted(other)}")
        if self.share < 1 and self.errors:
            broken.append(f"errors below capacity: {self.errors}")
        if self.goodput < GOODPUT * min(self.offered, self.capacity):
            broken.append(f"goodput {self.goodput:.0f}/s")
        if set(self.probes) - {"200", "503 with Retry-After"}:
            broken.append(f"what a client saw: {self.probes}")
        if self.calm > CALM:
            broken.append(f"calm after {self.calm:.1f} s (limit {CALM:g} s)")
        if self.share < 1:  # beyond capacity, buffers are filled that were empty before
            broken += [
                f"{one.name} grew from {one.mb[0]} to {one.mb[1]} MB" for one in self.growth if one.memory_share > MEMORY
            ]
        for one in self.growth:
            if self.share < 1 and one.descriptors[1] > one.descriptors[0] + SPARE:
                broken.append(f"{one.name} grew from {one.descriptors[0]:g} to {one.descriptors[1]:g} descriptors")
        return broken

    def as_json(self) -> dict:
        return asdict(self) | {"broken": self.broken}


def ask(url: str) -> str:
    """The outcome of one photo in words."""
    try:
        answer = requests.post(f"{url}/predictions/face", data=portrait(), headers={"X-Api-Key": KEYS["bob"]}, timeout=30)
    except requests.Timeout:
        return NO_ANSWER
    except requests.RequestException as error:
        return type(error).__name__
    told = " with Retry-After" if "Retry-After" in answer.headers else ""
    return f"{answer.status_code}{told}"


def calm_after(url: str) -> float:
    """Seconds until five photos in a row are answered as before."""
    begun = time.monotonic()

    def calm() -> bool:
        for _ in range(5):
            sent = time.monotonic()
            if ask(url) != "200" or time.monotonic() - sent > SOON:
                return False
        return True

    wait_until(calm, 10 * CALM)
    return time.monotonic() - begun


def soak(minutes: float, share: float) -> Report:
    """Starts the service, measures its capacity, loads it, and sees it calm again."""
    with Folder() as folder:
        service = Service(folder)
        try:
            gateway = service.gateway
            gateway.write_keys(KEYS | CLIENTS)
            wait_until(lambda: gateway.predict(b"", key=CLIENTS["client0"]).status_code != 401, 20)
            photos = [message("/predictions/face", portrait(), {"X-Api-Key": key}) for key in CLIENTS.values()]
            full = load.run(load.closed_loop, gateway.port, photos, concurrency=AT_ONCE, warm_up=MEASURE / 2, seconds=MEASURE)
            capacity = len(full.latencies) / full.seconds
            rate, seconds = share * capacity, 60 * minutes
            say(f"capacity {capacity:.0f}/s; {rate:.0f}/s for {minutes:g} minutes")
            scales, probes = Scales(service), Counter()

            def probe() -> None:
                probes[ask(gateway.url)] += 1

            with Repeating(scales.read, every=max(1.0, seconds / 200)), Repeating(probe, every=0.5):
                arrivals = load.schedule(rate, seconds, seed=0)
                brought = load.run(load.open_loop, gateway.port, photos, arrivals=arrivals, warm_up=0.0, seconds=seconds)
            calm = calm_after(gateway.url)
        finally:
            service.stop()
    latencies = sorted(brought.latencies)
    return Report(
        minutes=minutes,
        share=share,
        capacity=round(capacity, 1),
        offered=round(len(arrivals) / seconds, 1),
        goodput=round(len(latencies) / seconds, 1),
        p50_ms=round(1000 * latencies[len(latencies) // 2], 1) if latencies else 0.0,
        p99_ms=round(1000 * latencies[int(0.99 * len(latencies))], 1) if latencies else 0.0,
        errors=dict(brought.errors),
        probes=dict(probes),
        calm=round(calm, 2),
        growth=scales.growth(),
    )


def page(report: Report) -> str:
    """The report as markdown."""
    listed = [f"{name}: {count}" for name, count in sorted(report.errors.items())] or ["none"]
    lines = [
        f"# {report.minutes:g} minutes at {report.share:.0%} of capacity",
        "",
        "| capacity | offered | goodput | p50 | p99 | errors | calm after |",
        "|---|---|---|---|---|---|---|",
        f"| {report.capacity:g}/s | {report.offered:g}/s | {report.goodput:g}/s | {report.p50_ms:g} ms | {report.p99_ms:g} ms "
        f"| {', '.join(listed)} | {report.calm:g} s |",
        "",
        "One client that looks at headers saw " + ", ".join(f"{name}: {n}" for name, n in sorted(report.probes.items())) + ".",
        "",
        "| process | memory, MB | growth | descriptors |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {one.mb[0]:g} -> {one.mb[1]:g} | {one.memory_share:+.1%} "
            f"| {one.descriptors[0]:g} -> {one.descriptors[1]:g} |"
            for one in report.growth
        ),
        "",
        f"**Broken**: {'; '.join(report.broken)}" if report.broken else "All promises kept.",
    ]
    return "\n".join(lines) + "\n"


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__.splitlines()[0])
    cli.add_argument("--minutes", type=float, default=30, help="how long")
    cli.add_argument("--share", type=float, default=0.7, help="of the capacity that is measured first")
    cli.add_argument("--out", type=Path, default=ROOT / "build" / "chaos", help="folder for the results")
    arguments = cli.parse_args()
    report = soak(arguments.minutes, arguments.share)
    arguments.out.mkdir(parents=True, exist_ok=True)
    name = f"soak-{arguments.share:g}"
    (arguments.out / f"{name}.json").write_text(json.dumps(report.as_json(), indent=2) + "\n")
    (arguments.out / f"{name}.md").write_text(page(report))
    say(page(report))
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""The run: in every repeat all contestants start afresh, and take turns at every cell."""

import dataclasses
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from config.serve import STORE, newest_release
from config.server import MODEL, ROOT, ServerError
from tests.bench import load, machine, photos
from tests.bench.contestants import ALL
from tests.bench.contestants.contestant import Contestant, StartError
from tests.bench.figures import percentiles_ms, summary
from tests.bench.memory import growth
from tests.bench.plan import CONTESTANTS, FACE, GOAL_SIZE, KINDS, PREDICT, SIZES, Cell, cells, rotated
from training.archive import archive

SAMPLE = ROOT / "config" / "sample" / "astronaut.jpg"
WARM_UP = 1.0  # seconds at the start of each load that do not count
SETTLE = Cell(PREDICT, GOAL_SIZE, 32)  # what a contestant gets, uncounted, after its start, so that every worker is warm
OPEN_LOAD = 0.7  # of the capacity that the same repeat showed
OPEN_LENGTH = 4  # times the seconds of a cell: a p99 wants many requests
SEED = 20


@dataclass(frozen=True)
class Settings:
    """What to measure, and for how long.

    Attributes:
        seconds: of each cell, without its warm-up.
        photos: a photo, or a folder of them.
        release: the folder of the release; None: the newest of the model store.
        only, kinds, sizes, concurrency: a part of the whole.
        memory: numbers of requests after which to weigh the service's workers; none: no such check.
    """

    repeats: int = 3
    seconds: float = 6.0
    photos: Path = SAMPLE
    release: Path | None = None
    only: tuple[str, ...] = CONTESTANTS
    kinds: tuple[str, ...] = KINDS
    sizes: tuple[int, ...] = SIZES
    concurrency: tuple[int, ...] = (1, 8, 32)
    memory: tuple[int, ...] = ()

    def as_json(self) -> dict:
        """Without the paths, which are of no use on another machine."""
        kept = {name: value for name, value in dataclasses.asdict(self).items() if name != "release"}
        return kept | {"photos": self.photos.name, "warm_up": WARM_UP}


class Bench:
    """One run. `result` grows while it lasts; `save` is called with it after every repeat."""

    def __init__(self, settings: Settings, save: Callable[[dict], None], say: Callable[[str], None] = print):
        self.settings = settings
        self.save = save
        self.say = say
        self.cells = cells(settings.kinds, settings.sizes, settings.concurrency)
        found = photos.find(settings.photos)
        self.photos = {size: photos.make(found, size) for size in sorted({*settings.sizes, GOAL_SIZE})}
        missing = {name: [one for one in ALL[name].packages if not machine.installed(one)] for name in settings.only}
        self.names = [name for name in settings.only if not missing[name]]
        self.result = {
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "machine": machine.facts(),
            "settings": settings.as_json(),
            "contestants": {name: ALL[name].description for name in self.names},
            "left_out": {name: f"not installed: {', '.join(packages)}" for name, packages in missing.items() if packages},
            "photos": {
                "different": min(len(found), photos.COUNT),
                "mean_kb": {size: round(sum(map(len, files)) / len(files) / 1000, 1) for size, files in self.photos.items()},
            },
            "repeats": [],
        }

    def run(self) -> dict:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            release = self.settings.release or newest_release(STORE)
            self.result["release"] = release.name
            self.archive = archive(release, Path(folder) / f"{release.name}.mar")
            for number in range(self.settings.repeats):
                self.say(f"repeat {number + 1} of {self.settings.repeats}")
                self.result["repeats"].append(self.repeat(number, Path(folder)))
                self.save(self.result)
            if self.settings.memory and FACE in self.names:
                with self.running(FACE, Path(folder)) as face:
                    self.result["memory_growth"] = growth(face, self.photos[GOAL_SIZE], self.settings.memory, self.say)
                self.save(self.result)
        return self.result

    def repeat(self, number: int, folder: Path) -> dict:
        """All cells once, with fresh processes."""
        result: dict = {"start": {}, "cells": [], "memory": {}}
        with ExitStack() as stack:
            contestants: dict[str, Contestant] = {}
            for name in rotated(self.names, number):
                try:
                    one = stack.enter_context(self.running(name, folder))
                except (StartError, ServerError) as error:
                    self.result["left_out"][name] = str(error)
                    self.say(str(error))
                    continue
                contestants[name] = one
                result["start"][name] = one.started
                one.measure(SETTLE, self.photos[GOAL_SIZE], warm_up=0, seconds=WARM_UP)
                one.group.pause()
            self.names = [name for name in self.names if name in contestants]
            if number == 0 and FACE in contestants:
                self.result["photos"]["with_face"] = self.faces(contestants[FACE])
            for turn, cell in enumerate(self.cells):
                for name in rotated([name for name in self.names if cell.answered_by(name)], number + turn):
                    result["cells"].append(self.measure(contestants[name], cell))
            if FACE in contestants:
                result["open_loop"] = self.open_loop(contestants[FACE], result["cells"], seed=SEED + number)
            for name, one in contestants.items():
                result["memory"][name] = dataclasses.asdict(one.group.memory())
        return result

    @contextmanager
    def running(self, name: str, folder: Path) -> Iterator[Contestant]:
        """A contestant from its start to its stop."""
        with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=folder) as own:
            one = ALL[name](self.archive, Path(own))
            try:
                one.started = one.start(self.photos[GOAL_SIZE][0])
                self.say(f"  {name}: ready after {one.started['ready_s']} s, first answer after {one.started['answer_s']} s")
                yield one
            finally:
                one.stop()

    def measure(self, one: Contestant, cell: Cell) -> dict:
        """One contestant at one cell, while the others stand still."""
        with working(one) as used:
            done = one.measure(cell, self.photos[cell.size], warm_up=WARM_UP, seconds=self.settings.seconds)
        line = {"contestant": one.name, **dataclasses.asdict(cell), **summary(done), **used(done.answered)}
        failure = f"  FAILED {line['errors'] or 'no answer in time'}" if line["failed"] else ""
        self.say(f"  {cell} {one.name}: {line['rate']:.1f} req/s, p50 {line['p50_ms']} ms{failure}")
        return line

    def open_loop(self, face: Contestant, measured: list[dict], seed: int) -> dict | None:
        """The service at a part of its capacity: the highest rate that it reached at the size of the goals."""
        rates = [
            line["rate"]
            for line in measured
            if (line["contestant"], line["kind"], line["size"], line["failed"]) == (FACE, PREDICT, GOAL_SIZE, False)
        ]
        if not rates:
            return None
        seconds = self.settings.seconds * OPEN_LENGTH
        rate = OPEN_LOAD * max(rates)
        arrivals = load.schedule(rate, WARM_UP + seconds, seed)
        requests_ = [face.request(PREDICT, photo) for photo in self.photos[GOAL_SIZE]]
        with working(face) as used:
            done = load.run(load.open_loop, face.port, requests_, arrivals=arrivals, warm_up=WARM_UP, seconds=seconds)
        line = {"offered_rate": round(rate, 3), "capacity": max(rates), "seed": seed, **summary(done), **used(done.answered)}
        line["sent_late"] = percentiles_ms(done.lag)
        self.say(f"  open loop at {rate:.1f} req/s: p50 {line['p50_ms']} ms, p99 {line['p99_ms']} ms")
        return line

    def faces(self, face: Contestant) -> dict[int, int]:
        """In how many of the photos of each size the service finds a face: without one, it has less to do."""
        with working(face):
            url = f"{face.server.inference}/predictions/{MODEL}"
            return {
                size: sum(requests.post(url, data=photo, timeout=60).json()["face"] is not None for photo in files)
                for size, files in self.photos.items()
            }


@contextmanager
def working(one: Contestant) -> Iterator[Callable[[int], dict]]:
    """Lets a contestant run, and tells what its load used: by the end, `used(answers)` has the figures.

    CPU time is given in ms an answer, of the contestant and of the load generator; `foreign_cores` is what everything else on
    the machine took meanwhile, which should be nothing.
    """
    one.group.resume()
    began, generator, group, busy = time.monotonic(), time.process_time(), one.group.cpu_seconds(), busy_seconds()
    ended: dict[str, float] = {}

    def used(answers: int) -> dict:
        own, load_generator = ended["group"] - group, ended["generator"] - generator
        foreign = ended["busy"] - busy - own - load_generator
        each = 1000 / answers if answers else 0
        return {
            "server_cpu_ms": round(own * each, 3),
            "generator_cpu_ms": round(load_generator * each, 3),
            "foreign_cores": round(max(0.0, foreign / (ended["time"] - began)), 2),
        }

    try:
        yield used
    finally:
        ended |= {"time": time.monotonic(), "generator": time.process_time()}
        ended |= {"group": one.group.cpu_seconds(), "busy": busy_seconds()}
        one.group.pause()


def busy_seconds() -> float:
    """CPU time that the whole machine has spent on anything, so far."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)


def write(result: dict, path: Path) -> None:
    path.write_text(json.dumps(result, indent=1))

"""Does `face predict` keep the service busy? `python -m tests.load.saturation`

A folder of photos by the command, against the same photos by a bare closed loop with as many requests at a time, taking turns
on one service. The ratio is what counts: both share the machine with the service, and with whatever else runs there.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from client.service import CONCURRENCY
from config.serve import SAMPLE, STORE, newest_release, packed
from config.server import MODEL, ROOT, Server
from tests.bench import photos
from tests.bench.connection import message
from tests.bench.load import closed_loop, run
from tests.folders import Folder
from tests.serving import serving

SIZE = 512  # pixels
GOAL = 0.9


@dataclass(frozen=True)
class Turn:
    """Seconds of the clock and of the processor that the client took for all photos."""

    wall: float
    cpu: float


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m tests.load.saturation", description=__doc__.splitlines()[0])
    cli.add_argument("--release", type=Path, help="release folder (default: the newest version of model_store/)")
    cli.add_argument("--photos", type=Path, default=SAMPLE, help="folder or file to make them of")
    cli.add_argument("--count", type=int, default=1000)
    cli.add_argument("--turns", type=int, default=5, help="of each; the medians count")
    cli.add_argument("--workers", type=int, default=2, help="of the service, a thread each")
    arguments = cli.parse_args()
    made = photos.make(photos.find(arguments.photos), SIZE)
    files = [made[number % len(made)] for number in range(arguments.count)]
    with Folder() as folder:
        (folder / "photos").mkdir()
        for number, data in enumerate(files):
            (folder / "photos" / f"{number:06}.jpg").write_bytes(data)
        mar = packed(arguments.release or newest_release(STORE))
        with serving(mar.parent, mar.name, workers=arguments.workers, log=folder / "server.log") as server:
            return compared(server, folder / "photos", files, arguments.turns)


def compared(server: Server, folder: Path, files: list[bytes], turns: int) -> int:
    """Lets both take turns and prints their rates; 0 where the command reaches the goal."""
    bare(server, files)  # to warm up
    first = next(folder.iterdir())
    taken: dict[str, list[Turn]] = {"bare": [], "face": [], "start": []}
    for _ in range(turns):
        taken["bare"].append(bare(server, files))
        taken["face"].append(by_command(server, folder, len(files)))
        taken["start"].append(by_command(server, first, 1))
    wall = {name: statistics.median(turn.wall for turn in those) for name, those in taken.items()}
    cpu = {name: statistics.median(turn.cpu for turn in those) / len(files) for name, those in taken.items()}
    for name, words in (("bare", "bare closed loop"), ("face", "face predict")):
        rate = len(files) / wall[name]
        print(f"{words:<18}{rate:7.1f} images a second, {1000 * cpu[name]:.2f} ms of a core for each")
    ratio = statistics.median(one.wall / other.wall for one, other in zip(taken["bare"], taken["face"], strict=True))
    working = wall["bare"] / (wall["face"] - wall["start"])
    print(f"ratio {ratio:.3f}, goal {GOAL}; {working:.3f} without the {wall['start']:.2f} s of its start")
    return 0 if ratio >= GOAL else 1


def bare(server: Server, files: list[bytes]) -> Turn:
    """All files once, by a client that does next to nothing."""
    port = int(server.inference.rpartition(":")[2])
    requests = [message(f"/predictions/{MODEL}", data) for data in files]
    started, used = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    load = run(closed_loop, port, requests, concurrency=CONCURRENCY, limit=len(files))
    turn = Turn(time.perf_counter() - started, sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - used)
    assert (load.answered, load.errors) == (len(files), {}), load.errors
    return turn


def by_command(server: Server, path: Path, count: int) -> Turn:
    """The same by `face predict`, from its start to its end."""
    command = [str(ROOT / "bin" / "face"), "predict", str(path), "--format", "jsonl", "--url", server.inference]
    started, used = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    with tempfile.TemporaryFile() as out:
        subprocess.run([*command, "--concurrency", str(CONCURRENCY)], stdout=out, check=True, env=os.environ)
        turn = Turn(time.perf_counter() - started, sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - used)
        out.seek(0)
        assert sum("verdict" in json.loads(line) for line in out) == count
    return turn


if __name__ == "__main__":
    sys.exit(main())

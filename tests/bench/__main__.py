"""`python -m tests.bench`: measures the service and its peers on this machine; writes bench.json, bench.md and bench.png."""

import argparse
import signal
import sys
from pathlib import Path

from config.server import ROOT
from tests.bench.figures import Repeats
from tests.bench.goals import goals
from tests.bench.plan import CONCURRENCY, CONTESTANTS, KINDS, SIZES
from tests.bench.plot import draw
from tests.bench.run import Bench, Settings, write
from tests.bench.table import page

MEMORY = (2_000, 20_000)  # requests


def main() -> int:
    arguments = vars(parser().parse_args())
    out = arguments.pop("out")
    if arguments["memory"] == []:
        arguments["memory"] = MEMORY
    out.mkdir(parents=True, exist_ok=True)
    settings = Settings(**{name: tuple(value) if isinstance(value, list) else value for name, value in arguments.items()})
    # asyncio ends a load in order on Ctrl-C if the handler is Python's own; a background job of a shell starts without it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))

    def save(result: dict) -> None:
        """What there is so far: a run that is broken off leaves the repeats that it finished."""
        reached = goals(result)
        result["goals"] = [goal.as_json() for goal in reached]
        repeats = Repeats(result["repeats"])
        result["failed"] = [f"{name}: {cell}" for name, cell in repeats.cells() if repeats.failed(name, cell)]
        write(result, out / "bench.json")
        (out / "bench.md").write_text(page(result, reached))
        draw(result, out / "bench.png")

    try:
        Bench(settings, save, say=lambda line: print(line, flush=True)).run()
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    print(f"\n{(out / 'bench.md').read_text()}\n{out}")
    return 0


def parser() -> argparse.ArgumentParser:
    defaults = Settings()
    cli = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    cli.add_argument("--repeats", type=int, default=defaults.repeats, help="how often everything is started and measured")
    cli.add_argument("--seconds", type=float, default=defaults.seconds, help="of each measurement")
    cli.add_argument("--photos", type=Path, default=defaults.photos, help="a folder of photos of faces, or one")
    cli.add_argument(
        "--release", type=Path, default=defaults.release, help="release folder (default: the newest of model_store/)"
    )
    cli.add_argument("--only", nargs="+", choices=CONTESTANTS, default=CONTESTANTS, help="who")
    cli.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="what is asked")
    cli.add_argument("--sizes", nargs="+", type=int, choices=SIZES, default=SIZES, help="long sides of the photos, px")
    cli.add_argument("--concurrency", nargs="+", type=int, choices=CONCURRENCY, default=CONCURRENCY, help="clients at a time")
    cli.add_argument(
        "--memory",
        nargs="*",
        type=int,
        default=(),
        help="weigh the workers after so many requests (without numbers: 2000 and 20000)",
    )
    cli.add_argument("--out", type=Path, default=ROOT / "build" / "bench", help="folder for the results")
    return cli


if __name__ == "__main__":
    sys.exit(main())

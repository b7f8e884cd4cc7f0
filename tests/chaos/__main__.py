"""`python -m tests.chaos`: does every fault to a service of its own, and writes chaos.json and chaos.md."""

import argparse
import json
import sys
from pathlib import Path

from config.server import ROOT
from tests.chaos.fault import Result, run
from tests.chaos.faults import FAULTS
from tests.chaos.table import page, row


def main() -> int:
    arguments = parser().parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    for name in arguments.only:
        result = run(FAULTS[name]())
        results.append(result)
        print(row(result), flush=True)
        (arguments.out / "chaos.json").write_text(json.dumps([one.as_json() for one in results], indent=2) + "\n")
        (arguments.out / "chaos.md").write_text(page(results))
    print(f"\n{page(results)}\n{arguments.out}")
    return 1 if any(result.broken for result in results) else 0


def parser() -> argparse.ArgumentParser:
    cli = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    cli.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS), help="these faults")
    cli.add_argument("--out", type=Path, default=ROOT / "build" / "chaos", help="folder for the results")
    return cli


if __name__ == "__main__":
    sys.exit(main())

"""Versions come and go under load: `python -m tests.load.rollout` (about five minutes).

It starts a service of its own on the newest release, and locust's mixture on it. Then a new version is rolled out and back, and
one that is broken and one that is worse are tried. It fails when a request is lost, or answered otherwise than is due, when a
bad version is not refused, or when another version answers after a step than should.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from config.serve import STORE, newest_release
from config.server import MODEL, ROOT, Server
from tests.folders import Folder
from tests.load.archives import pack, pack_broken, pack_worse
from tests.serving import serving
from training.archive import MODEL_CONFIG

FOLDER = ROOT / "build" / "rollout"
LOAD = "load"  # what locust's tables are called
STEADY_SECONDS = 2  # under load before the first step
PATIENCE = 600  # seconds that a step may take
SLOWDOWN = "10"  # the load shares the machine with the service, and with whatever else runs there


@dataclass(frozen=True)
class Step:
    """What is done, and what has to come of it.

    Attributes:
        arguments: of `face`.
        default: version that answers afterwards.
    """

    words: str
    arguments: tuple[str, ...]
    outcome: str
    default: str


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m tests.load.rollout", description=__doc__.splitlines()[0])
    usual = yaml.safe_load(MODEL_CONFIG.read_text())["responseTimeout"]
    cli.add_argument("--release", type=Path, help="release folder (default: the newest version of model_store/)")
    cli.add_argument("--requests", type=int, default=5000, help="at least")
    cli.add_argument("--peak", type=int, default=40, help="requests a second")
    cli.add_argument("--watch", type=int, default=20, help="seconds after the switch")
    cli.add_argument("--workers", type=int, default=2, help="of the service, a thread each")
    cli.add_argument("--response-timeout", type=int, default=usual, help="seconds; a version that leaves is waited for as long")
    cli.add_argument("--out", type=Path, default=FOLDER, help="reports and logs")
    arguments = cli.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with Folder() as folder:
        return rehearse(arguments, folder)


def rehearse(arguments: argparse.Namespace, folder: Path) -> int:
    """All steps under load; 0 where all went as it should."""
    release = arguments.release or newest_release(STORE)
    timeout = arguments.response_timeout
    first, following, broken, worse = (f"{number}.0" for number in range(1, 5))
    pack(release, folder, first, timeout)
    steps = [
        Step("a new version", rollout(pack(release, folder, following, timeout), arguments.watch), "rolled_out", following),
        Step("back", ("rollback",), "rolled_back", first),
        Step("a broken one", rollout(pack_broken(release, folder, broken, timeout), arguments.watch), "refused", first),
        Step("a worse one", rollout(pack_worse(release, folder, worse, timeout), arguments.watch), "refused", first),
    ]
    log = arguments.out / "server.log"
    with serving(folder, f"{MODEL}-{first}.mar", workers=arguments.workers, log=log) as server:
        with load(server.inference, arguments.peak, arguments.out) as locust:
            time.sleep(STEADY_SECONDS)
            good = all(tried(step, server, folder) for step in steps)
            while good and answered(arguments.out) < arguments.requests and locust.poll() is None:
                time.sleep(1)
        print((arguments.out / "locust.out").read_text(), end="")
        print(f"{answered(arguments.out)} requests, at {rate(arguments.out):.1f} a second")
    return 0 if good and locust.returncode == 0 else 1


def rollout(mar: Path, watch: int) -> tuple[str, ...]:
    return "rollout", str(mar), "--watch", str(watch), "--max-slowdown", SLOWDOWN


def tried(step: Step, server: Server, folder: Path) -> bool:
    """Takes a step and says how it went; whether that is as it should be."""
    urls = {"FACE_URL": server.inference, "FACE_MANAGEMENT_URL": server.management, "FACE_METRICS_URL": server.metrics}
    environment = os.environ | urls | {"XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "client", *step.arguments, "--format", "jsonl"]
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    seconds = time.monotonic() - started
    told = json.loads(done.stdout) if done.stdout else {"outcome": "no answer", "reasons": [done.stderr.strip()]}
    default = requests.get(f"{server.management}/models/{MODEL}", timeout=10).json()[0]["modelVersion"]
    good = (told["outcome"], default) == (step.outcome, step.default)
    print(f"{'pass' if good else 'FAIL'}  {step.words}: {told['outcome']} in {seconds:.0f} s, {default} answers", flush=True)
    for reason in told.get("reasons", ()):
        print(f"      {reason}", flush=True)
    return good


@contextmanager
def load(host: str, peak: int, out: Path) -> Iterator[subprocess.Popen]:
    """Locust's mixture until the block ends; then its last answers are waited for, and the process has its exit code."""
    for table in out.glob(f"{LOAD}_*.csv"):
        table.unlink()  # of an earlier run
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "tests" / "load" / "locustfile.py"), "--headless"]
    command += ["--host", host, "--peak", str(peak), "--seconds", "86400", "--max-p95", "60000"]
    command += ["--csv", str(out / LOAD), "--only-summary", "--loglevel", "ERROR"]
    with open(out / "locust.out", "w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


def answered(out: Path) -> int:
    """Requests so far; locust writes its table every second."""
    return int(total(out).get("Request Count") or 0)  # None where the table is being written


def rate(out: Path) -> float:
    return float(total(out).get("Requests/s") or 0)


def total(out: Path) -> dict[str, str]:
    """The table's last line; {} before there is one."""
    path = out / f"{LOAD}_stats.csv"
    with open(path) if path.exists() else open(os.devnull) as file:
        return next((row for row in csv.DictReader(file) if row["Name"] == "Aggregated"), {})


if __name__ == "__main__":
    sys.exit(main())

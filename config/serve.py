"""What `make serve` does: pack the newest release, start the service, show that it works, and stop it on Ctrl-C."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

import requests

from config.server import MODEL, ROOT, Server, ServerError
from training.archive import archive

STORE = ROOT / "model_store"
SAMPLE = ROOT / "config" / "sample" / "astronaut.jpg"
BUILD = ROOT / "build"


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m config.serve", description=__doc__.splitlines()[0])
    cli.add_argument("--port", type=int, default=8080, help="five ports in a row are used")
    cli.add_argument("--release", type=Path, help="release folder (default: the newest version of model_store/)")
    arguments = cli.parse_args()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, interrupt)
    BUILD.mkdir(exist_ok=True)
    started = time.monotonic()
    server = None
    try:
        with tempfile.TemporaryDirectory(prefix="face-") as run_dir:
            try:
                mar = packed(arguments.release or newest_release(STORE))
                log = BUILD / "serve.log"
                server = Server(port=arguments.port, models=[mar.name], model_store=mar.parent, run_dir=Path(run_dir), log=log)
                server.wait_until_ready()
                show(server, time.monotonic() - started)
                server.process.wait()
                raise ServerError(f"TorchServe ended by itself.\n{server.log_end()}")
            finally:
                if server:
                    server.stop()
    except KeyboardInterrupt:
        print("\nstopped")
        return 0
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1


def interrupt(number, frame) -> None:
    raise KeyboardInterrupt


def newest_release(store: Path) -> Path:
    """The release folder with the highest version.

    Raises:
        ServerError: the store has none.
    """
    releases = [path.parent for path in store.glob("*-*/serving.json")]
    if not releases:
        raise ServerError(f"{store} holds no release")
    return max(releases, key=lambda path: [int(part) for part in path.name.rpartition("-")[2].split(".") if part.isdigit()])


def packed(release: Path) -> Path:
    """The release's .mar, packed anew when it is older than what goes into it."""
    mar = release.with_name(release.name + ".mar")
    inputs = [*release.glob("*.*"), *(ROOT / "handler").glob("*.py"), ROOT / "config" / "model-config.yaml"]
    if not mar.exists() or mar.stat().st_mtime < max(path.stat().st_mtime for path in inputs):
        archive(release, mar)
    return mar


def show(server: Server, seconds: float) -> None:
    """Sends the sample photo and prints the answer, and how to ask for more."""
    photo = SAMPLE.read_bytes()
    answer = requests.post(f"{server.inference}/predictions/{MODEL}", data=photo, timeout=60).json()
    picture = requests.post(
        f"{server.inference}/explanations/{MODEL}", data=photo, headers={"Accept": "image/png"}, timeout=60
    ).content
    heat_map = BUILD / "heatmap.png"
    heat_map.write_bytes(picture)
    sample = SAMPLE.relative_to(ROOT)
    scores = ", ".join(f"{entry['label']} {entry['score']:.3f}" for entry in answer["scores"])
    print(
        f"""READY in {seconds:.1f} s: {answer["model"]["name"]} {answer["model"]["version"]}

  {sample} -> {answer["verdict"]} ({scores})
  its heat map -> {heat_map.relative_to(ROOT)}

  curl -T {sample} {server.inference}/predictions/{MODEL}
  curl -T {sample} -H 'Accept: image/png' -o heatmap.png {server.inference}/explanations/{MODEL}
  curl {server.management}/models/{MODEL}?customized=true
  curl {server.metrics}/metrics

log: {server.log.relative_to(ROOT)}; Ctrl-C stops the service""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

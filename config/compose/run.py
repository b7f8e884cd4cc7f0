"""Service, gateway, page and Prometheus in containers: `python -m config.compose.run`, and `--down` to stop them.

Writes what compose.yaml mounts, starts it with docker or podman, and waits for a verdict that comes through the gateway.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from client import FaceClient, FaceError
from config.gateway.probe import SAMPLE
from config.monitoring import run as monitoring
from config.serve import STORE, newest_release
from config.server import MODEL, ROOT, ServerError

BUILD = ROOT / "build" / "compose"
GATEWAY = ROOT / "config" / "gateway"
PAGE, PERSON = "page", "you"  # the clients that get a key
INTERNAL = "torchserve:9000"  # the gateway's internal port, as the other containers see it
START_SECONDS = 180.0


class ComposeError(Exception):
    """The containers cannot be started; the message says why."""


def main() -> int:
    arguments = parser().parse_args()
    ports = {"GATEWAY_PORT": arguments.port, "PAGE_PORT": arguments.page_port, "PROMETHEUS_PORT": arguments.prometheus_port}
    try:
        engine = find_engine()
        if arguments.down:
            return compose(engine, ["down"], {})
        keys = write_settings(BUILD)
        settings = {name: str(port) for name, port in ports.items()} | {"PAGE_KEY": keys[PAGE]}
        settings |= {"RELEASE": (arguments.release or newest_release(STORE)).name}
        if compose(engine, ["up", "--detach", *([] if arguments.no_build else ["--build"])], settings):
            raise ComposeError(f"`{' '.join(engine)} up` failed: see above")
        show(wait_for_verdict(arguments.port, keys[PERSON]), arguments, keys[PERSON], engine)
    except (ComposeError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    cli = argparse.ArgumentParser(prog="python -m config.compose.run", description=__doc__.splitlines()[0])
    cli.add_argument("--down", action="store_true", help="stop and remove the containers; samples and keys stay")
    cli.add_argument("--no-build", action="store_true", help="take the images as they are")
    cli.add_argument("--release", type=Path, help="release folder of model_store/ (default: the newest version)")
    cli.add_argument("--port", type=int, default=8000, help="of the gateway, on loopback as the others")
    cli.add_argument("--page-port", type=int, default=8501)
    cli.add_argument("--prometheus-port", type=int, default=9090)
    return cli


def find_engine() -> list[str]:
    """The words of a compose command that works here, docker's first.

    Raises:
        ComposeError: there is none.
    """
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    if shutil.which("docker") and succeeds("docker", "compose", "version") and succeeds("docker", "info"):
        return ["docker", "compose"]
    if shutil.which("podman") and (found := shutil.which("podman-compose", path=path)):
        return [found]
    raise ComposeError("neither docker with its compose plug-in nor podman with podman-compose is running here")


def succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def write_settings(folder: Path) -> dict[str, str]:
    """Writes the gateway's settings, with keys that are made once, and Prometheus's; returns the keys by client.

    Containers read all of it as users of their own, so everybody may; what the keys open listens on this machine alone.
    """
    gateway, prometheus = folder / "gateway", folder / "prometheus"
    (gateway / "keys").mkdir(parents=True, exist_ok=True)
    prometheus.mkdir(exist_ok=True)
    for path in (*GATEWAY.glob("*.conf"), GATEWAY / "gateway.sh"):
        shutil.copyfile(path, gateway / path.name)
    clients = gateway / "keys" / "clients.map"
    if not clients.exists():
        clients.write_text("".join(f"{secrets.token_hex(32)} {name};\n" for name in (PAGE, PERSON)))
    settings = yaml.safe_load((monitoring.FOLDER / "prometheus.yaml").read_text())
    (scrape,) = settings["scrape_configs"]
    scrape["static_configs"][0]["targets"] = [INTERNAL]
    (prometheus / "prometheus.yaml").write_text(yaml.safe_dump(settings))
    (prometheus / "rules.yaml").write_text(yaml.safe_dump(monitoring.rules()))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return {name: key for key, name in (line.rstrip(";\n").split() for line in clients.read_text().splitlines())}


def compose(engine: list[str], words: list[str], settings: dict[str, str]) -> int:
    """Runs one compose command on compose.yaml; returns its exit code."""
    return subprocess.run([*engine, *words], cwd=ROOT, env=os.environ | settings, check=False).returncode


def wait_for_verdict(port: int, key: str) -> str:
    """The verdict on the sample photo, by way of the gateway.

    Raises:
        ComposeError: none came in time.
    """
    deadline = time.monotonic() + START_SECONDS
    with FaceClient(f"http://127.0.0.1:{port}", api_key=key) as face:
        while True:
            try:
                return face.predict(SAMPLE).verdict
            except FaceError as error:  # not there yet, or 503 from the gateway
                if time.monotonic() > deadline:
                    raise ComposeError(f"no verdict within {START_SECONDS:.0f} s: {error.message}") from error
                time.sleep(1)


def show(verdict: str, arguments: argparse.Namespace, key: str, engine: list[str]) -> None:
    """Prints where everything is."""
    sample = SAMPLE.relative_to(ROOT)
    print(
        f"""
{sample} -> {verdict}

  page        http://127.0.0.1:{arguments.page_port}
  service     curl -T {sample} -H 'X-Api-Key: {key}' http://127.0.0.1:{arguments.port}/predictions/{MODEL}
  Prometheus  http://127.0.0.1:{arguments.prometheus_port}/alerts

keys: {(BUILD / "gateway" / "keys" / "clients.map").relative_to(ROOT)}; logs: {" ".join(engine)} logs; `make down` stops it""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

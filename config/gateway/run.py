"""The gateway on this machine, in front of a TorchServe that runs: `python -m config.gateway.run --keys clients.map`.

The process becomes gateway.sh, which runs nginx on a copy of this folder's settings with the ports and paths of this start.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
PATHS = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"))  # where Debian puts nginx


def main() -> None:
    arguments = parser().parse_args()
    if not shutil.which("nginx", path=PATHS):
        sys.exit("nginx is not installed; its stock package of the system will do")
    run_dir = Path(arguments.run_dir or tempfile.mkdtemp(prefix="gateway-")).resolve()
    write_settings(
        run_dir,
        port=arguments.port,
        internal_port=arguments.internal_port,
        tls_port=arguments.tls_port,
        torchserve_port=arguments.torchserve_port,
    )
    link(arguments.keys, run_dir / "keys" / "clients.map")
    if arguments.tls:
        link(run_dir / "tls.conf", run_dir / "tls" / "tls.conf")
        for name in ("tls.crt", "tls.key"):
            link(arguments.tls / name, run_dir / "tls" / name)
    os.execvpe("sh", ["sh", str(run_dir / "gateway.sh")], os.environ | {"PATH": PATHS})


def parser() -> argparse.ArgumentParser:
    cli = argparse.ArgumentParser(prog="python -m config.gateway.run", description=__doc__.splitlines()[0])
    cli.add_argument("--keys", type=Path, required=True, help="a line a client: `<at least 32 hexadecimal digits> <name>;`")
    cli.add_argument("--port", type=int, default=8000, help="public, in the clear")
    cli.add_argument("--tls", type=Path, help="folder of tls.crt and tls.key; turns on TLS")
    cli.add_argument("--tls-port", type=int, default=8443, help="public, by TLS")
    cli.add_argument("--internal-port", type=int, default=9000, help="probes and metrics")
    cli.add_argument("--torchserve-port", type=int, default=8080, help="TorchServe's inference; its metrics two above")
    cli.add_argument("--run-dir", help="where the resolved settings and temporary files go (default: a temporary folder)")
    return cli


def write_settings(run_dir: Path, *, port: int, internal_port: int, tls_port: int, torchserve_port: int) -> None:
    """Copies this folder's settings into `run_dir` with other ports, and with folders in it for those of a container."""
    changes = {
        "listen 8000;": f"listen 127.0.0.1:{port};",
        "listen 8443 ssl;": f"listen 127.0.0.1:{tls_port} ssl;",
        "listen 9000;": f"listen 127.0.0.1:{internal_port};",
        "server 127.0.0.1:8080;": f"server 127.0.0.1:{torchserve_port};",
        "server 127.0.0.1:8082;": f"server 127.0.0.1:{torchserve_port + 2};",
        "/tmp/": f"{run_dir}/tmp/",
        "/etc/gateway-tls/": f"{run_dir}/tls/",
    }
    run_dir.mkdir(parents=True, exist_ok=True)
    run_dir.chmod(0o711)  # started by root, nginx works as another user
    for name in ("tmp", "keys", "tls"):
        (run_dir / name).mkdir(exist_ok=True)
    found = set()
    for path in (*FOLDER.glob("*.conf"), FOLDER / "gateway.sh"):
        text = path.read_text()
        for old, new in changes.items():
            if old in text:
                found.add(old)
                text = text.replace(old, new)
        (run_dir / path.name).write_text(text)
    if missing := changes.keys() - found:
        raise ValueError(f"the settings of {FOLDER} no longer say {sorted(missing)}")


def link(target: Path, name: Path) -> None:
    """A symbolic link, so that a changed file is noticed."""
    name.unlink(missing_ok=True)
    name.symlink_to(target.resolve(strict=True))


if __name__ == "__main__":
    main()

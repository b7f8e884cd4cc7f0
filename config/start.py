"""Start TorchServe with the settings of this folder: `python -m config.start --models face-1.0.mar`.

The process becomes the Java server itself, so that it can be PID 1 of a container and SIGTERM reaches it.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from config.cores import usable_cores
from config.java import NoJava, find_java
from config.verify import WrongRelease, verify

CONFIG = Path(__file__).parent
MAX_WORKERS = 16  # by default; each is a process of 0.2 GB on OpenVINO
# The server only passes requests on: compiling its code further takes more of the workers' cores than it saves (measured)
JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
PORTS = ("inference", "management", "metrics", "grpc_inference", "grpc_management")


def main() -> None:
    arguments = parser().parse_args()
    store = Path(arguments.model_store).resolve()
    try:
        java = find_java()
        for name in arguments.models:
            verify(store / name)
    except (NoJava, WrongRelease) as error:
        sys.exit(str(error))
    run_dir = Path(arguments.run_dir or tempfile.mkdtemp(prefix="face-"))
    temporary = run_dir / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    workers, threads = share_cores(usable_cores(), arguments.workers, arguments.threads)
    properties = resolved_properties(
        (CONFIG / "config.properties").read_text(), arguments.host, arguments.port, store, arguments.models, workers
    )
    (run_dir / "config.properties").write_text(properties)
    os.chdir(run_dir)  # the worker must find no `handler` but its archive's
    os.execve(java, command(java, run_dir, temporary, store), environment(threads))


def parser() -> argparse.ArgumentParser:
    cli = argparse.ArgumentParser(prog="python -m config.start", description=__doc__.splitlines()[0])
    cli.add_argument("--models", nargs="+", required=True, help="archives of the model store to load")
    cli.add_argument("--model-store", default=CONFIG.parent / "model_store", help="folder of the archives")
    cli.add_argument("--host", default="127.0.0.1", help="address of the inference API; the others stay on loopback")
    cli.add_argument("--port", type=int, default=8080, help="inference; management, metrics and gRPC follow on the next four")
    cli.add_argument("--workers", type=int, default=os.environ.get("FACE_WORKERS"), help="processes (env FACE_WORKERS)")
    cli.add_argument("--threads", type=int, default=os.environ.get("FACE_THREADS"), help="threads each (env FACE_THREADS)")
    cli.add_argument("--run-dir", help="where the resolved settings and the unpacked archives go (default: a temporary folder)")
    return cli


def share_cores(cores: int, workers: int | None, threads: int | None) -> tuple[int, int]:
    """Workers and threads of each, such that workers x threads is no more than the cores unless both were given.

    More threads than cores spin on each other: measured, a third of the throughput.
    """
    workers = workers or max(1, min(MAX_WORKERS, cores // (threads or 1)))
    return workers, threads or max(1, cores // workers)


def resolved_properties(base: str, host: str, port: int, store: Path, models: list[str], workers: int) -> str:
    """The settings of this start: those of config.properties, and what depends on the machine."""
    lines = [base.rstrip(), "", "# added by config/start.py"]
    for offset, name in enumerate(PORTS):
        if name.startswith("grpc"):
            lines.append(f"{name}_port={port + offset}")
        else:
            lines.append(f"{name}_address=http://{host if name == 'inference' else '127.0.0.1'}:{port + offset}")
    lines += [f"metrics_config={CONFIG / 'metrics.yaml'}", f"model_store={store}"]
    lines += [f"load_models={','.join(models)}", f"default_workers_per_model={workers}"]
    return "\n".join(lines) + "\n"


def command(java: str, run_dir: Path, temporary: Path, store: Path) -> list[str]:
    """The server's command line, as TorchServe's own launcher builds it but for the process in between."""
    import ts

    site = Path(ts.__file__).parents[1]
    return [
        java,
        *JVM,
        f"-Dmodel_server_home={site}",
        f"-Djava.io.tmpdir={temporary}",
        f"-Dlog4j.configurationFile=file://{CONFIG / 'log4j2.xml'}",
        "-cp",
        f"{site}/ts/frontend/*",
        "org.pytorch.serve.ModelServer",
        "--python",
        sys.executable,
        "-f",
        str(run_dir / "config.properties"),
        "-s",
        str(store),
        "-ncs",
    ]


def environment(threads: int) -> dict[str, str]:
    """This process's environment for the server and its workers, with the threads that a worker may use.

    The caller's PYTHONPATH is dropped: a `handler` on it would be served in place of the archive's.
    """
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    return os.environ | limits | {"PYTHONPATH": str(CONFIG / "worker")}


if __name__ == "__main__":
    main()

"""Prometheus, and Grafana where it is installed, on the service that runs on this machine: `python -m config.monitoring.run`.

Both listen on loopback, as the service's metrics do. What they write stays in a folder, and goes on where it stopped.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

from config.server import MODEL, ROOT, is_free

FOLDER = Path(__file__).parent
BUILD = ROOT / "build" / "monitoring"
GRAFANA_HOMES = ("/usr/share/grafana", "/usr/local/share/grafana", "/opt/grafana")


class MonitoringError(Exception):
    """What is needed to watch the service is missing; the message says what."""


def main() -> int:
    cli = argparse.ArgumentParser(prog="python -m config.monitoring.run", description=__doc__.splitlines()[0])
    cli.add_argument("--service-port", type=int, default=8080, help="the service's inference; its metrics two above")
    cli.add_argument("--port", type=int, default=9090, help="of Prometheus")
    cli.add_argument("--grafana-port", type=int, default=3000)
    cli.add_argument("--run-dir", type=Path, default=BUILD, help="where settings, samples and logs go")
    arguments = cli.parse_args()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, interrupt)
    running = []
    try:
        run_dir = arguments.run_dir.resolve()
        write_settings(run_dir, metrics_port=arguments.service_port + 2)
        running.append(start("prometheus", prometheus_command(run_dir, arguments.port), run_dir, arguments.port))
        show("Prometheus", arguments.port, "/alerts", running[0][1])
        if grafana := find_grafana():
            write_provisioning(run_dir, prometheus_port=arguments.port)
            environment = grafana_environment(run_dir, arguments.grafana_port)
            running.append(start("grafana", grafana, run_dir, arguments.grafana_port, environment))
            show("Grafana", arguments.grafana_port, "/d/real-or-ai-face?var-namespace=local", running[1][1])
        else:
            print("Grafana is not installed: import config/monitoring/dashboard.json where you have one")
        print("Ctrl-C stops it", flush=True)
        while all(process.poll() is None for process, _ in running):
            time.sleep(0.5)
        raise MonitoringError(
            f"it ended by itself: see {', '.join(str(log) for process, log in running if process.poll() is not None)}"
        )
    except KeyboardInterrupt:
        print("\nstopped")
        return 0
    except MonitoringError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for process, _ in running:
            process.terminate()
        for process, _ in running:
            process.wait()


def interrupt(number, frame) -> None:
    raise KeyboardInterrupt


def write_settings(run_dir: Path, *, metrics_port: int) -> None:
    """Prometheus's settings with the service's port, and the rules that are in the operator's manifest."""
    run_dir.mkdir(parents=True, exist_ok=True)
    settings = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    (scrape,) = settings["scrape_configs"]
    scrape["static_configs"][0]["targets"] = [f"127.0.0.1:{metrics_port}"]
    (run_dir / "prometheus.yaml").write_text(yaml.safe_dump(settings))
    (run_dir / "rules.yaml").write_text(yaml.safe_dump(rules()))


def rules() -> dict:
    """The rules as a plain Prometheus reads them."""
    return yaml.safe_load((FOLDER / "rules.yaml").read_text())["spec"]


def prometheus_command(run_dir: Path, port: int) -> list[str]:
    """Prometheus's command line.

    Raises:
        MonitoringError: it is not installed.
    """
    prometheus = shutil.which("prometheus")
    if not prometheus:
        raise MonitoringError("Prometheus is not installed (Debian: apt-get install prometheus)")
    return [
        prometheus,
        f"--config.file={run_dir / 'prometheus.yaml'}",
        f"--storage.tsdb.path={run_dir / 'prometheus'}",
        "--storage.tsdb.retention.time=7d",
        f"--web.listen-address=127.0.0.1:{port}",
    ]


def find_grafana() -> list[str] | None:
    """Grafana's command line, by the folder of its package; None where there is none."""
    program = shutil.which("grafana") or shutil.which("grafana-server")
    if not program:
        return None
    command = [program] + (["server"] if Path(program).name == "grafana" else [])
    home = next((home for home in GRAFANA_HOMES if Path(home, "conf", "defaults.ini").is_file()), None)
    return command + (["--homepath", home] if home else [])


def grafana_environment(run_dir: Path, port: int) -> dict[str, str]:
    """Settings by environment: on loopback, everybody may look, and nothing is written outside the folder."""
    settings = {
        "SERVER_HTTP_ADDR": "127.0.0.1",
        "SERVER_HTTP_PORT": str(port),
        "PATHS_DATA": str(run_dir / "grafana"),
        "PATHS_LOGS": str(run_dir / "grafana"),
        "PATHS_PLUGINS": str(run_dir / "grafana" / "plugins"),
        "PATHS_PROVISIONING": str(run_dir / "provisioning"),
        "AUTH_ANONYMOUS_ENABLED": "true",
        "ANALYTICS_REPORTING_ENABLED": "false",
        "ANALYTICS_CHECK_FOR_UPDATES": "false",
    }
    return {f"GF_{name}": value for name, value in settings.items()}


def write_provisioning(run_dir: Path, *, prometheus_port: int) -> None:
    """What Grafana loads when it starts: Prometheus as its source, and the folder of the dashboard."""
    source = {
        "name": MODEL,
        "type": "prometheus",
        "access": "proxy",
        "url": f"http://127.0.0.1:{prometheus_port}",
        "isDefault": True,
    }
    provider = {"name": MODEL, "type": "file", "options": {"path": str(run_dir / "dashboards")}}
    for kind, content in (("datasources", {"datasources": [source]}), ("dashboards", {"providers": [provider]})):
        file = run_dir / "provisioning" / kind / f"{MODEL}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump({"apiVersion": 1} | content))
    (run_dir / "dashboards").mkdir(exist_ok=True)
    shutil.copyfile(FOLDER / "dashboard.json", run_dir / "dashboards" / f"{MODEL}.json")


def start(
    name: str, command: list[str], run_dir: Path, port: int, environment: dict[str, str] | None = None
) -> tuple[subprocess.Popen, Path]:
    """Starts a program whose output goes to a log in the folder.

    Raises:
        MonitoringError: its port is taken.
    """
    if not is_free(port):
        raise MonitoringError(f"port {port} for {name} is taken")
    log = run_dir / f"{name}.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command,
            cwd=run_dir,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C comes to this process alone, which stops it in order
        )
    return process, log


def show(name: str, port: int, path: str, log: Path) -> None:
    print(f"{name}: http://127.0.0.1:{port}{path}   log: {log}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Starts the demo page: `python -m client.demo`, then open http://127.0.0.1:8501."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from client.demo import connection
from client.options import URL, http_url

PAGE = Path(__file__).with_name("page.py")
ROOT = PAGE.parents[2]


def main(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Of the page.")] = 8501,
    host: Annotated[str, typer.Option(help="That the page listens on: any but the loopback shows it to others.")] = "127.0.0.1",
    service: Annotated[
        str, typer.Option(envvar=connection.SERVICE, callback=http_url, help="Inference API, or the gateway in front of it.")
    ] = URL,
    management: Annotated[
        str | None,
        typer.Option(
            envvar=connection.MANAGEMENT,
            help="Management API, which tells versions and key figures. Default: the port after that of the service; "
            "the page does without where nothing answers.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            envvar=connection.KEY,
            help="For a gateway. In the environment it is not seen by others on the machine.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Shows a page that asks the face service about your photos. Ctrl-C stops it."""
    settings = {connection.SERVICE: service, connection.MANAGEMENT: management and http_url(management), connection.KEY: key}
    environment = os.environ | {name: value for name, value in settings.items() if value}
    environment["PYTHONPATH"] = str(ROOT)  # Streamlit runs the page as a script, from its own folder
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(PAGE), "--server.address", host, "--server.port", str(port)]
    os.execve(sys.executable, command, environment)  # the rest of its settings: .streamlit/config.toml beside the page


if __name__ == "__main__":
    typer.run(main)

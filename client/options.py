"""The options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from client.answers import Target as TargetName
from client.output import Format as FormatName
from client.transport import Transport

URL = "http://127.0.0.1:8080"
MANAGEMENT_URL = "http://127.0.0.1:8081"
METRICS_URL = "http://127.0.0.1:8082"
SECONDS = 60.0

PROMETHEUS = "monitoring/prometheus-operated:9090"

SERVICE = "Service"  # panels of the help
CLUSTER = "Kubernetes"


def http_url(value: str) -> str:
    """The URL, if it is one that the client can speak to."""
    try:
        return Transport(value).url
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def header_value(value: str) -> str:
    """A key that can stand in a header."""
    if not (value.isascii() and value.isprintable()):
        raise typer.BadParameter("it must be one line of plain characters")  # and not shown: it is a secret
    return value


Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        help="Images, folders (searched for JPEG, PNG and WebP), patterns, http(s) URLs, or - for the standard input.",
        show_default=False,
    ),
]
Url = Annotated[
    str,
    typer.Option("--url", envvar="FACE_URL", callback=http_url, help="Inference API or gateway.", rich_help_panel=SERVICE),
]
ManagementUrl = Annotated[
    str,
    typer.Option(
        "--management-url",
        envvar="FACE_MANAGEMENT_URL",
        callback=http_url,
        help="Management API, on the server's loopback.",
        rich_help_panel=SERVICE,
    ),
]
MetricsUrl = Annotated[
    str,
    typer.Option(
        "--metrics-url",
        envvar="FACE_METRICS_URL",
        callback=http_url,
        help="Metrics endpoint, on the server's loopback.",
        rich_help_panel=SERVICE,
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key",
        envvar="FACE_API_KEY",
        parser=header_value,
        metavar="KEY",
        help="For a gateway. In the environment it is not seen by others on the machine.",
        rich_help_panel=SERVICE,
        show_default=False,
    ),
]
Kubernetes = Annotated[
    str | None,
    typer.Option(
        "--kubernetes",
        metavar="NAMESPACE",
        help="Move the weights of the canary there, in place of one server's versions.",
        rich_help_panel=CLUSTER,
        show_default=False,
    ),
]
Context = Annotated[
    str | None,
    typer.Option("--context", help="Of the kubeconfig. Default: the current one.", rich_help_panel=CLUSTER, show_default=False),
]
Prometheus = Annotated[
    str,
    typer.Option(
        "--prometheus", metavar="NAMESPACE/SERVICE:PORT", help="Where both versions are watched.", rich_help_panel=CLUSTER
    ),
]
Version = Annotated[
    str | None, typer.Option("--version", help="Of the model; the default one if not given.", rich_help_panel=SERVICE)
]
Timeout = Annotated[
    float, typer.Option("--timeout", min=0.1, help="Seconds for one answer or download.", rich_help_panel=SERVICE)
]
Concurrency = Annotated[
    int, typer.Option("--concurrency", min=1, max=64, help="Requests at the same time.", rich_help_panel=SERVICE)
]
Format = Annotated[
    FormatName | None,
    typer.Option("--format", help="Default: table on a terminal, else jsonl.", show_default=False),
]
Golden = Annotated[
    Path,
    typer.Option(
        "--golden",
        metavar="DIR",
        help="Images to compare and to warm up with. Default: one portrait.",
        show_default=False,
    ),
]
Target = Annotated[TargetName, typer.Option("--target", help="What the numbers of the grid speak for; red is always ai.")]

"""`face status`: can the service answer, and with what?"""

from dataclasses import asdict

import typer

from client import options
from client.errors import FaceError, Refused, TimedOut
from client.exits import ANSWERED, FAILED
from client.management import ManagementClient
from client.messages import say
from client.output import Row, print_one
from client.service import FaceClient
from client.versions import Description


def status(
    output_format: options.Format = None,
    url: options.Url = options.URL,
    management_url: options.ManagementUrl = options.MANAGEMENT_URL,
    api_key: options.ApiKey = None,
    timeout: options.Timeout = options.SECONDS,
) -> None:
    """Say whether the service can answer, and which release it serves by default.

    Healthy is what the server says of itself; only a ready worker can answer.
    Workers and release are the management API's to tell: where it cannot be
    reached, they stay unknown. Exit code 1: not healthy, or no worker is ready.

    Examples:

    $ face status

    $ face status --url https://face.example.org

    $ until face status > /dev/null 2>&1; do sleep 1; done
    """
    with FaceClient(url, api_key=api_key, timeout=timeout) as service:
        healthy = service.healthy()
    ready = description = None
    stuck = False
    try:
        ready, description = default_release(management_url, timeout)
    except FaceError as error:
        say(f"Workers and release unknown: {error.message}")
        stuck = isinstance(error, (Refused, TimedOut))  # else it may be another server, or none, at that address
    details = {"url": url, "healthy": healthy, "ready_workers": ready}
    release = release_details(description) if description else {}
    print_one(output_format, Row(details | release, shown(details | flat(release))))
    raise typer.Exit(ANSWERED if healthy and ready != 0 and not stuck else FAILED)


def default_release(management_url: str, timeout: float) -> tuple[int, Description | None]:
    """The default version's READY workers, and what one of them says of its release."""
    with ManagementClient(management_url, timeout=timeout) as management:
        try:
            ready = sum(version.ready for version in management.versions() if version.default)
        except Refused:  # no version is registered
            return 0, None
        return ready, management.describe() if ready else None


def release_details(description: Description) -> dict:
    """The part of a release's description that an operator looks at first."""
    told = asdict(description)
    return {name: told[name] for name in ("model", "created", "runtime", "calibration", "limits", "formats")}


def flat(details: dict) -> dict:
    """Objects in it as `name.key`, lists as words."""
    cells = {}
    for name, value in details.items():
        if isinstance(value, dict):
            cells |= {f"{name}.{key}": entry for key, entry in value.items()}
        else:
            cells[name] = " ".join(value) if isinstance(value, tuple) else value
    return cells


def shown(cells: dict) -> dict:
    words = {True: "yes", False: "no"}
    return {name: words[value] if isinstance(value, bool) else value for name, value in cells.items()}

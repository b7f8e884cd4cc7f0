"""`face rollout`: a new version in the place of the one that serves."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from client import options
from client.exits import ANSWERED, FAILED
from client.golden import SAMPLE, golden_set
from client.journal import Journal
from client.limits import Limits
from client.messages import say
from client.output import Row, print_one
from client.rollout import Report, Rollout
from client.site import Site

LIMITS = "Limits"  # the panel of the help
BOUNDS = Limits()

Archive = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        show_default=False,
        help="The .mar, in the server's model store.",
    ),
]
Watch = Annotated[float, typer.Option("--watch", min=1, metavar="SECONDS", help="How long to watch it after the switch.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
Flips = Annotated[
    float, typer.Option("--max-flips", min=0, help="Golden images with another verdict, 0 to 1.", rich_help_panel=LIMITS)
]
Shift = Annotated[float, typer.Option("--max-shift", min=0, help="Mean change of the score for ai.", rich_help_panel=LIMITS)]
Overlap = Annotated[
    float, typer.Option("--min-overlap", max=1, help="Mean overlap of the heat maps, 0 to 1.", rich_help_panel=LIMITS)
]
Slowdown = Annotated[
    float,
    typer.Option(
        "--max-slowdown", min=0, help="Time of a request by that of the former; also in the watch.", rich_help_panel=LIMITS
    ),
]
Errors = Annotated[
    float,
    typer.Option(
        "--max-errors", min=0, help="Golden images, and in the watch requests, that fail, 0 to 1.", rich_help_panel=LIMITS
    ),
]


def rollout(
    archive: Archive,
    golden: options.Golden = SAMPLE,
    watch: Watch = 60.0,
    dry_run: DryRun = False,
    flips: Flips = BOUNDS.flips,
    shift: Shift = BOUNDS.shift,
    overlap: Overlap = BOUNDS.overlap,
    slowdown: Slowdown = BOUNDS.slowdown,
    errors: Errors = BOUNDS.errors,
    output_format: options.Format = None,
    url: options.Url = options.URL,
    management_url: options.ManagementUrl = options.MANAGEMENT_URL,
    metrics_url: options.MetricsUrl = options.METRICS_URL,
    api_key: options.ApiKey = None,
    timeout: options.Timeout = options.SECONDS,
) -> None:
    """Put a new version in the place of the default one, without losing a request.

    It is started beside the default version with as many workers, warmed,
    compared with it on a golden set, made the default, and watched. Outside
    the limits it is refused, or taken back, by itself; a better model may well
    differ by more. The former version then stands by with one worker for `face
    rollback`, until the next roll-out; the one before it is removed. Workers
    are stopped only when all that they had is answered.

    Run it on the server's machine: FILE must lie in the server's model store
    already, where the server takes it by its name. After an interruption, or a
    crash, the same command goes on where it was. Its notes are in
    $XDG_STATE_HOME/face (~/.local/state/face).

    The default lasts until the server is restarted: start it with the new
    archive then.

    Examples:

    $ face rollout model_store/face-1.1.mar --dry-run

    $ face rollout model_store/face-1.1.mar --golden faces/ --watch 300

    $ face rollout model_store/face-2.0.mar --max-flips 0.2 --max-shift 0.3
    """
    bounds = Limits(flips=flips, shift=shift, overlap=overlap, slowdown=slowdown, errors=errors)
    journal = Journal(management_url)
    with Site.at(url, management_url, metrics_url, api_key=api_key, timeout=timeout) as site:
        job = Rollout(site, journal, golden_set(golden), bounds, watch, say)
        if dry_run:
            for number, line in enumerate(job.plan(archive), start=1):
                print(f"{number}. {line}")
            return
        with journal.held():
            report = job.run(archive)
    for reason in report.reasons:
        say(reason, style="red")
    print_one(output_format, report_row(report))
    raise typer.Exit(ANSWERED if report.outcome in ("rolled_out", "already_default") else FAILED)


def report_row(report: Report) -> Row:
    """The outcome, and what led to it."""
    cells = {"outcome": report.outcome, "version": report.version, "former": report.former}
    if report.comparison:
        names = ("flip_rate", "score_shift", "heat_map_overlap", "latency_ratio", "error_rate")
        cells |= {name: getattr(report.comparison, name) for name in names}
    for name, seen in (("before", report.before), ("after", report.after)):
        if seen:
            cells |= {f"{name}.{key}": value for key, value in asdict(seen).items()}
    return Row(asdict(report), cells)

"""`face rollout`: a new version in the place of the one that serves."""

from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from client import options
from client.cluster import Cluster
from client.exits import ANSWERED, FAILED
from client.golden import SAMPLE, golden_set
from client.gradual import GradualRollout
from client.journal import Journal
from client.kubectl import Kubectl
from client.limits import Limits
from client.messages import say
from client.output import Row, print_one
from client.rollout import Report, Rollout
from client.site import Site

LIMITS = "Limits"  # the panel of the help
BOUNDS = Limits()

Archive = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        show_default=False,
        help="The .mar, in the server's model store; none with --kubernetes.",
    ),
]
Watch = Annotated[
    float, typer.Option("--watch", min=1, metavar="SECONDS", help="How long to watch it after the switch, or at each step.")
]
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
    archive: Archive = None,
    golden: options.Golden = SAMPLE,
    watch: Watch = 60.0,
    dry_run: DryRun = False,
    flips: Flips = BOUNDS.flips,
    shift: Shift = BOUNDS.shift,
    overlap: Overlap = BOUNDS.overlap,
    slowdown: Slowdown = BOUNDS.slowdown,
    errors: Errors = BOUNDS.errors,
    output_format: options.Format = None,
    kubernetes: options.Kubernetes = None,
    context: options.Context = None,
    prometheus: options.Prometheus = options.PROMETHEUS,
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

    With --kubernetes, the new version is the Deployment face-canary of the
    component canary/http-route, and the weights of the HTTPRoute are moved: 1,
    10, 50 and 100 %, each watched in Prometheus; outside the limits, it gets
    none again. kubectl's own rights and context are used. The same command goes
    on where the weights are.

    Examples:

    $ face rollout model_store/face-1.1.mar --dry-run

    $ face rollout model_store/face-1.1.mar --golden faces/ --watch 300

    $ face rollout model_store/face-2.0.mar --max-flips 0.2 --max-shift 0.3

    $ face rollout --kubernetes face --context prod --golden faces/ --watch 300
    """
    if bool(archive) == bool(kubernetes):
        raise typer.BadParameter("Name the .mar for one server, or --kubernetes for a cluster.")
    bounds = Limits(flips=flips, shift=shift, overlap=overlap, slowdown=slowdown, errors=errors)
    images = golden_set(golden)
    with ExitStack() as stack:
        if kubernetes:
            way = Cluster.reached(Kubectl(kubernetes, context), prometheus, api_key=api_key, timeout=timeout)
            gradual = GradualRollout(stack.enter_context(way), images, bounds, watch, say)
            plan, run = gradual.plan, gradual.run
        else:
            site = stack.enter_context(Site.at(url, management_url, metrics_url, api_key=api_key, timeout=timeout))
            journal = Journal(management_url)
            job = Rollout(site, journal, images, bounds, watch, say)
            plan, run = partial(job.plan, archive), partial(job.run, archive)
            if not dry_run:
                stack.enter_context(journal.held())
        if dry_run:
            for number, line in enumerate(plan(), start=1):
                print(f"{number}. {line}")
            return
        report = run()
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

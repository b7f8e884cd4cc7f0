"""`face watch`: what does the server do just now?"""

import itertools
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, get_args

import typer
from rich.live import Live

from client import options
from client.answers import Verdict
from client.metrics import MetricsClient, Snapshot
from client.output import Row, make_output, table_of
from client.traffic import active_versions, version_traffic, window

ALL = "all"  # the row of the server as a whole
VERDICTS = get_args(Verdict)
SHOWN = ("version", "count", "per_second", "error_share", "p50_ms", "p95_ms", "mean_ms", *VERDICTS)
COLUMNS = ("time", *SHOWN)

Every = Annotated[float, typer.Option("--every", min=0.1, metavar="SECONDS", help="Between two looks.")]
Window = Annotated[float, typer.Option("--window", min=0.1, metavar="SECONDS", help="How far each look reaches back.")]
For = Annotated[
    float | None, typer.Option("--for", min=0, metavar="SECONDS", help="How long. Default: until Ctrl-C.", show_default=False)
]


def watch(
    every: Every = 2.0,
    reach: Window = 60.0,
    seconds: For = None,
    output_format: options.Format = None,
    metrics_url: options.MetricsUrl = options.METRICS_URL,
    timeout: options.Timeout = options.SECONDS,
) -> None:
    """Show live how many requests come in, how they end, and how long they take.

    A row for each version that had work: its images, the share of them that
    was refused or failed, its time in the handler for one image (median and
    95th percentile), and the share of each verdict. The last row is the server
    as a whole: its requests, the share that failed by its own fault (5xx), and
    the mean time from arrival to answer of those that named no version.

    Examples:

    $ face watch

    $ face watch --every 10 --format jsonl | jq 'select(.version == "all" and .error_share > 0.01)'
    """
    with MetricsClient(metrics_url, timeout=timeout) as metrics, ExitStack() as stack:
        live = output = None
        if sys.stdout.isatty() and output_format in (None, "table"):
            live = stack.enter_context(Live(auto_refresh=False))
        elif output_format != "table":
            output = stack.enter_context(make_output(output_format, COLUMNS, SHOWN))
        for rows in looks(metrics, every, reach, seconds):
            if output:
                for row in rows:
                    output.add(row)
            elif live:
                live.update(table_of(rows, SHOWN), refresh=True)
            else:
                with make_output("table", COLUMNS, COLUMNS) as table:
                    for row in rows:
                        table.add(row)


def looks(metrics: MetricsClient, every: float, reach: float, seconds: float | None) -> Iterator[list[Row]]:
    """The rows of one look after the other."""
    started = time.monotonic()
    readings: deque[tuple[float, Snapshot]] = deque([(started, metrics.read())])
    for number in itertools.count(1):
        due = started + number * every
        if seconds is not None and due > started + seconds:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        readings.append((now, metrics.read()))
        while len(readings) > 2 and now - readings[1][0] >= reach:
            readings.popleft()
        (since, before), (_, after) = readings[0], readings[-1]
        yield rows_of(before, after, now - since)


def rows_of(before: Snapshot, after: Snapshot, seconds: float) -> list[Row]:
    """What happened between two readings: by version, and in all."""
    seen = window(before, after)
    everything = {"version": ALL, "count": seen.requests, "error_share": seen.failed_share, "mean_ms": seen.mean_ms}
    rows = []
    for version in active_versions(before, after):
        traffic = version_traffic(before, after, version)
        times = {"p50_ms": traffic.p50_ms, "p95_ms": traffic.p95_ms}
        shares = {verdict: traffic.verdicts.get(verdict, 0.0) for verdict in VERDICTS} if traffic.verdicts else {}
        rows.append({"version": version, "count": traffic.images, "error_share": traffic.error_share, **times, **shares})
    return [row(cells, seconds) for cells in (*rows, everything)]


def row(cells: dict, seconds: float) -> Row:
    told = dict.fromkeys(COLUMNS) | cells
    told |= {"time": datetime.now(UTC).isoformat(timespec="seconds"), "per_second": round(cells["count"] / seconds, 2)}
    return Row(told, told)

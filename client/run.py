"""One run of `face predict` or `face explain`: outcomes -> rows, with a progress bar and an exit code."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from client.answers import Prediction
from client.errors import FaceError, Unreachable
from client.exits import ANSWERED, FAILED, UNREACHABLE
from client.messages import ERRORS, say
from client.output import Output, Row
from client.rows import error_row
from client.service import Outcome
from client.sources import STDIN, Source, find


class Batch:
    """The images that the user named; iterating finds them anew, and reads none.

    Args:
        names: paths, patterns, URLs, `-`.
        seconds: that a download may take.

    Raises:
        typer.BadParameter: the standard input is named twice, or is a terminal.
    """

    def __init__(self, names: list[str], *, seconds: float):
        if names.count(STDIN) > 1:
            raise typer.BadParameter("- is the standard input, which can be read only once.")
        if STDIN in names and sys.stdin.isatty():
            raise typer.BadParameter("- is the standard input: pipe an image into it.")
        self.names = names
        self.seconds = seconds

    def __iter__(self) -> Iterator[Source]:
        return find(self.names, seconds=self.seconds)

    def run(
        self, outcomes: Iterator[Outcome[Source, Prediction]], row: Callable[[Source, Prediction], Row], output: Output
    ) -> int:
        """Prints the rows of all outcomes, and their count when some failed.

        Args:
            row: of an answer; a `FaceError` that it raises counts as the image's.

        Returns:
            The exit code. When the service cannot be reached, the rest is not tried.
        """
        total = sum(1 for _ in self)
        answered = failed = 0
        unreachable = None
        with closing(outcomes), output, progress(total, output) as bar:
            for outcome in outcomes:
                if isinstance(outcome.error, Unreachable):
                    unreachable = outcome.error
                    break
                line = row_of(outcome, row)
                output.add(line)
                answered, failed = answered + (not line.failed), failed + line.failed
                bar.advance(bar.task_ids[0])
        if failed:
            say(f"{answered} answered, {failed} refused or failed")
        if unreachable:
            say(f"{unreachable.message} {total - answered - failed} of {total} not answered.", style="red")
            return UNREACHABLE
        return FAILED if failed else ANSWERED


def row_of(outcome: Outcome[Source, Prediction], row: Callable[[Source, Prediction], Row]) -> Row:
    try:
        if outcome.error:
            raise outcome.error
        return row(outcome.item, outcome.answer)
    except FaceError as error:
        return error_row(outcome.item.name, error)


def progress(total: int, output: Output) -> Progress:
    """A bar on the standard error, where there is something to wait for and nothing else to be drawn over."""
    silent = total < 2 or not ERRORS.is_terminal or (sys.stdout.isatty() and not output.is_table)
    bar = Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=ERRORS, transient=True, disable=silent)
    bar.add_task("", total=total)
    return bar

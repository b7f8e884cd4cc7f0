"""Rows of results on the standard output: a table for people, JSON lines and CSV for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

Format = Literal["table", "jsonl", "csv"]
STYLES = {
    "ai": "bold red",
    "real": "bold blue",
    "uncertain": "yellow",
    "no_face": "dim",
    "READY": "green",
    "UNLOADED": "yellow",
    "yes": "green",
    "no": "bold red",
}
FAILED = "magenta"
WRAPPED = ("source", "note", "heat_map", "archive", "started", "value")  # columns that give way where the terminal is narrow


@dataclass(frozen=True)
class Row:
    """One result.

    Attributes:
        details: all of it, as the JSON line; values may be dataclasses.
        cells: the same flat, by the name of its column, as in CSV; some are for the table only.
        failed: whether the table lets it stand out.
    """

    details: Mapping[str, Any]
    cells: Mapping[str, Any]
    failed: bool = False


class Output:
    """Takes rows and prints them; a context manager, so that a table is printed also when the run is interrupted.

    Args:
        columns: of the CSV, in order.
        shown: those of the table.
    """

    is_table = False

    def __init__(self, columns: Sequence[str], shown: Sequence[str], stream: TextIO | None = None):
        self.columns = columns
        self.shown = shown
        self.stream = stream or sys.stdout

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def add(self, row: Row) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Prints what was kept back."""


class JsonLines(Output):
    """One JSON object a line, as soon as it is known."""

    def add(self, row: Row) -> None:
        print(dumps(row.details), file=self.stream, flush=True)


class Csv(Output):
    """A header and one line a row, as soon as it is known."""

    def __enter__(self) -> "Csv":
        self.writer = csv.DictWriter(self.stream, self.columns, extrasaction="ignore", lineterminator="\n")
        self.writer.writeheader()
        return self

    def add(self, row: Row) -> None:
        self.writer.writerow({name: "" if value is None else printable(value) for name, value in row.cells.items()})
        self.stream.flush()


class TableOutput(Output):
    """A table, printed at the end, when its columns' widths are known."""

    is_table = True

    def __enter__(self) -> "TableOutput":
        self.rows: list[Row] = []
        return self

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def close(self) -> None:
        if self.rows:
            Console(file=self.stream).print(table_of(self.rows, self.shown))


def dumps(details: Any, **options: Any) -> str:
    """JSON of rows' details, which hold answers as they came: to copy them into mappings took as long as to parse them."""
    return json.dumps(details, default=vars, **options)


KINDS = {"table": TableOutput, "jsonl": JsonLines, "csv": Csv}


def make_output(kind: Format | None, columns: Sequence[str], shown: Sequence[str]) -> Output:
    """The output of a kind; by default a table on a terminal, and JSON lines for whatever else reads it."""
    kind = kind or ("table" if sys.stdout.isatty() else "jsonl")
    return KINDS[kind](columns, shown)


def print_one(kind: Format | None, row: Row) -> None:
    """A single row; in a table it stands upright, a line a column."""
    with make_output(kind, tuple(row.cells), ("what", "value")) as output:
        lines = [Row({}, {"what": name, "value": value}) for name, value in row.cells.items()]
        for line in lines if output.is_table else [row]:
            output.add(line)


def table_of(rows: Iterable[Row], shown: Sequence[str]) -> Table:
    """Rows as a terminal shows them."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in shown:
        table.add_column(name.replace("_", " "), overflow="fold", no_wrap=name not in WRAPPED)
    for row in rows:
        table.add_row(*(cell(row.cells.get(name)) for name in shown), style=FAILED if row.failed else None)
    return table


def cell(value: Any) -> Text:
    """A value as a table shows it: never as markup, and without control characters, which file names and servers may hold."""
    text = "" if value is None else f"{value:.3f}" if isinstance(value, float) else printable(value)
    return Text(text, style=STYLES.get(text, ""))


def printable(value: Any) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(value))

"""How a command speaks: the record on stdout, everything else (progress, notes, errors) on stderr.

With --json the record is one JSON object on one line; without it, aligned `name: value` lines. Not a logger.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from l2rollup.errors import L2Error, Malformed, Retryable, SignerRequired

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_RETRYABLE = 75
"""EX_TEMPFAIL of sysexits.h: the same command may succeed later."""
EXIT_INTERRUPTED = 130
LATER_CODES = frozenset({"not_ready", "busy", "pool_full", "l1_unreachable", "l1_reorg"})
PLAIN_EVERY_SECONDS = 10.0

Report = Callable[[str, float | None], None]
"""Tells a running step what it is doing, and how much of it is done (0..1, None when unknown)."""


class Output:
    """Where one command writes. `as_json`: the record as JSON."""

    def __init__(self, as_json: bool = False, *, stdout: TextIO | None = None) -> None:
        self.as_json = as_json
        self._stdout = stdout
        self.console = Console(stderr=True, highlight=False)

    def emit(self, record: Mapping[str, Any] | Sequence[Any] | str) -> None:
        """Writes the command's record, flushed at once."""
        if self.as_json:
            text = json.dumps({"result": record} if isinstance(record, str) else record)
        else:
            text = record if isinstance(record, str) else "\n".join(_lines(record))
        stream = self._stdout or sys.stdout
        stream.write(text + "\n")
        stream.flush()

    def say(self, text: str = "") -> None:
        """Writes a note to stderr, as it is."""
        self.console.print(text, markup=False, soft_wrap=True)

    def show(self, table: Table) -> None:
        """Writes a table to stderr."""
        self.console.print(table)

    @contextmanager
    def step(self, title: str) -> Iterator[Report]:
        """Shows a running step with its elapsed time, and one line when it has ended."""
        began = time.monotonic()
        try:
            if self.console.is_terminal:
                with self._live(title) as report:
                    yield report
            else:
                yield self._plain(title, began)
        except BaseException:
            self.say(f"  failed   {title} after {time.monotonic() - began:.1f} s")
            raise
        self.say(f"  {time.monotonic() - began:6.1f} s  {title}")

    @contextmanager
    def _live(self, title: str) -> Iterator[Report]:
        columns = (
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}"),
        )  # fmt: skip
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(title, total=None, detail="")

            def report(detail: str, done: float | None) -> None:
                total = None if done is None else 1.0
                progress.update(task, detail=detail, total=total, completed=done or 0.0)

            yield report

    def _plain(self, title: str, began: float) -> Report:
        """Without a terminal: one line now and then, so that a log shows life."""
        last = began

        def report(detail: str, done: float | None) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= PLAIN_EVERY_SECONDS:
                last = now
                share = "" if done is None else f" {done:.0%}"
                self.say(f"  {now - began:6.1f} s  {title}{share}: {detail}")

        return report

    def fail(self, error: L2Error) -> None:
        """Writes a typed error: to stderr in words, and with --json as the record."""
        self.say(f"error {error.code} ({error.number}): {error.message}")
        for name, value in (("expected", error.expected), ("got", error.got)):
            if value is not None:
                self.say(f"  {name + ':':10}{value}")
        if self.as_json:
            self.emit({"error": to_error_record(error)})


def to_error_record(error: L2Error) -> dict[str, Any]:
    """Returns an error as JSON-able members; absent ones are left out."""
    record: dict[str, Any] = {"code": error.number, "name": error.code, "message": error.message}
    for name, value in (("expected", error.expected), ("got", error.got)):
        if value is not None:
            record[name] = value
    if isinstance(error, SignerRequired):
        record["transaction"] = error.prepared
    return record


def exit_status(error: L2Error) -> int:
    """Returns the exit status of an error: malformed 2, what may succeed later 75, everything else 1."""
    if isinstance(error, Retryable) or error.code in LATER_CODES:
        return EXIT_RETRYABLE
    return EXIT_USAGE if isinstance(error, Malformed) else EXIT_REFUSED


def make_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Builds a table; columns named with a leading '>' are right-aligned."""
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    return table


def _lines(record: Mapping[str, Any] | Sequence[Any], indent: str = "") -> Iterator[str]:
    if isinstance(record, Mapping):
        width = max((len(str(name)) for name in record), default=0) + 1
        for name, value in record.items():
            if isinstance(value, Mapping | list | tuple) and value:
                yield f"{indent}{name}:"
                yield from _lines(value, indent + "  ")
            else:
                yield f"{indent}{str(name) + ':':{width}} {_show(value)}"
        return
    for entry in record:
        if isinstance(entry, Mapping | list | tuple):
            lines = list(_lines(entry, indent + "  ")) or [indent + "  {}"]
            yield f"{indent}- {lines[0][len(indent) + 2 :]}"
            yield from lines[1:]
        else:
            yield f"{indent}- {_show(entry)}"


def _show(value: Any) -> str:
    return "-" if value is None or value == {} or value == [] else str(value)

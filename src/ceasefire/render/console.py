"""How commands print: results on standard output, everything else on standard error."""

import json
import math
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from ceasefire import __version__
from ceasefire.case import Case, digest
from ceasefire.errors import Problem
from ceasefire.render.formatting import problem_text
from ceasefire.render.pace import Pace, describe_elapsed, describe_seconds
from ceasefire.results import format_count

MOST_CONSOLE_COLUMNS = 110


def output_console() -> Console:
    """Standard output; 110 columns wide at most, so that tables stay readable."""
    return _limit_console_width(Console(highlight=False))


def error_console() -> Console:
    """Standard error."""
    return _limit_console_width(Console(stderr=True, highlight=False))


def _limit_console_width(console: Console) -> Console:
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 100
    console.width = min(console.width, MOST_CONSOLE_COLUMNS)
    return console


class TextTable(NamedTuple):
    """A table of texts, for a terminal and for pages.

    caption   what it shows
    headings  one for each column
    rows      the cells; the first column names the row
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def rich_table(table: TextTable) -> RenderableType:
    """A table of texts with its caption above it.

    table  the table
    """
    shown = plain_table()
    first, *others = table.headings
    shown.add_column(first, style="bold", no_wrap=True)
    for heading in others:
        shown.add_column(heading)
    for row in table.rows:
        shown.add_row(*row)
    return Group(Text(f"\n{table.caption}", style="bold"), shown)


def plain_table(*columns: str, gap: int = 2) -> Table:
    """An empty table without lines, its headings dim; the caller adds further columns and the rows.

    columns  headings of columns that need no settings of their own
    gap      spaces between columns
    """
    table = Table(box=None, padding=(0, gap, 0, 0), header_style="dim")
    for heading in columns:
        table.add_column(heading)
    return table


def result_document(
    case: Case, result: Mapping[str, Any], warnings: Iterable[Problem] = ()
) -> dict[str, Any]:
    """The `--json` document of a result: the case, its digest, the version, and the result.

    case      the case
    result    what was computed, as JSON values by key
    warnings  what is said about the result, besides the warnings about the case

    The digest is of the resolved case: results with one digest are of the same case.
    """
    head = {"case": case.file, "digest": digest(case), "version": __version__}
    said = [warning.as_json() for warning in (*case.warnings, *warnings)]
    return {**head, **result, "warnings": said}


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output; numbers that are not finite become null.

    >>> print_json({"least": float("inf"), "best": 0.5})
    {
      "least": null,
      "best": 0.5
    }
    """
    sys.stdout.write(json.dumps(_replace_non_finite(document), indent=2, ensure_ascii=False) + "\n")


def _replace_non_finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _replace_non_finite(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_replace_non_finite(item) for item in value]
    return value


def print_problems(problems: Sequence[Problem], *, as_json: bool = False) -> None:
    """Print problems: as JSON on standard output if asked, else on standard error."""
    if as_json:
        print_json({"problems": [problem.as_json() for problem in problems]})
        return
    console = error_console()
    for problem in problems:
        console.print(problem_text(problem), soft_wrap=True)
    console.print(Text(format_count(len(problems), "problem"), style="bold red"))


def print_warnings(warnings: Sequence[Problem]) -> None:
    """Print warnings on standard error."""
    console = error_console()
    for warning in warnings:
        console.print(
            Text("warning  ", style="yellow").append(problem_text(warning)), soft_wrap=True
        )


def print_note(text: str) -> None:
    """Print one line on standard error, such as where a file was written."""
    error_console().print(Text(text, style="dim"), soft_wrap=True)


def print_compiling_note() -> None:
    """Say that the first run takes longer, if no compiled kernel is found."""
    cache = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parents[1] / "equilibrium")
    if next(cache.rglob("*.nbi"), None) is None:
        print_note("Compiling the solver. This happens once and takes a minute or more.")


SECONDS_BETWEEN_LINES = 10.0
WORTH_SAYING = 5.0  # seconds: what takes longer says so
ROUND = 1.5  # an estimate is said again once it is so many times longer


class _ProgressUnderResults(Progress):
    """A progress bar with results above it that change while it runs."""

    above: RenderableType | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        if self.above is not None:
            yield self.above
        yield from super().get_renderables()


class ProgressBar:
    """What is at work, how far it is, and how long it still takes, on standard error.

    title    what is at work
    clock    gives the time in seconds

    On a terminal it is a bar, gone when done. Elsewhere it is lines: once two pieces of work are
    measured, how long all takes, if that is more than five seconds; then, every ten seconds, how
    far it is; and that it takes longer than was said, if it does.
    """

    def __init__(self, title: str, *, clock: Callable[[], float] = monotonic) -> None:
        """Prepare a bar; it pulses until it is told how much there is to do."""
        columns = (
            TextColumn("[dim]{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[left]}"),
        )
        self.progress = _ProgressUnderResults(
            *columns,
            console=error_console(),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.is_terminal = self.progress.console.is_terminal
        self.clock, self.summary, self.title = clock, "", title
        self.pace, self.said_at, self._promised = Pace(clock), clock(), 0.0
        self._ended, self._lock = threading.Event(), threading.Lock()
        self.task = self.progress.add_task(title, total=None, left="")

    def __enter__(self) -> "ProgressBar":
        """Show it."""
        if self.is_terminal:
            self.progress.start()
        self._ended = threading.Event()
        threading.Thread(target=self._watch, args=(self._ended,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self._ended.set()
        if self.is_terminal:
            self.progress.stop()

    def _watch(self, ended: threading.Event) -> None:
        """Say how far it is while nothing else happens."""
        while not ended.wait(1.0):
            self.say()

    def __call__(self, done: int, total: int) -> None:
        """Show that so much is done of so much."""
        with self._lock:
            self.pace.note(done, total)
        self.progress.update(self.task, completed=done, total=total)
        self.say()

    def say(self) -> None:
        """Say what there is to say by now."""
        with self._lock:
            left = self.pace.seconds_left()
            taken = self.clock() - self.pace.began
            if self.is_terminal:
                worth = left is not None and left >= 1.0
                said = f"about {describe_seconds(left or 0.0)}" if worth else ""
                self.progress.update(self.task, left=said)
                return
            line = self._line(left, taken)
            if line:
                self.said_at = self.clock()
                print_note(line)

    def _line(self, left: float | None, taken: float) -> str:
        """What a line says now; nothing if it is not time for one."""
        pace, due = self.pace, self.clock() - self.said_at >= SECONDS_BETWEEN_LINES
        if left is None or pace.done >= pace.total:
            return f"{self.title}: {describe_elapsed(taken)} so far" if due else ""
        whole = taken + left
        longer = whole > ROUND * self._promised and (not self._promised or left > WORTH_SAYING)
        if whole > WORTH_SAYING and longer:
            first, self._promised = not self._promised, whole
            measured = f"about {describe_seconds(whole)} in all" if first else "longer than said"
            measured += "" if first else f", about {describe_seconds(left)} more"
            return f"{self.title}: {measured}, by the {pace.done} of {pace.total:,} measured so far"
        if not due:
            return ""
        more = f"about {describe_seconds(left)} left"
        return f"{self.title}: {pace.done:,} of {pace.total:,}, {more}{self.summary}"

    def restart(self, title: str) -> None:
        """Start again under another title; the bar pulses until told how much there is to do."""
        with self._lock:
            self.progress.remove_task(self.task)
            self.title, self.summary, self.progress.above = title, "", None
            self.pace, self._promised = Pace(self.clock), 0.0
            self.task = self.progress.add_task(title, total=None, left="")

    def note(self, text: str) -> None:
        """Print a line that stays, above the bar."""
        if self.is_terminal:
            self.progress.console.print(Text(text, style="dim"), soft_wrap=True)
        else:
            print_note(text)

    def show(self, results: RenderableType, summary: str) -> None:
        """Show what is known so far.

        results  stands above the bar and goes with it
        summary  what a line says of it where there is no terminal
        """
        self.progress.above, self.summary = results, f": {summary}" if summary else ""

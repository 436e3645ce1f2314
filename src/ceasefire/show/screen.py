"""Where things are printed: results on standard output, everything else on standard error."""

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ceasefire.errors import Problem
from ceasefire.show.words import counted, problem_text

WIDEST = 110


def output() -> Console:
    """Standard output; 110 columns wide at most, so that tables stay readable."""
    return _console(Console(highlight=False))


def notes() -> Console:
    """Standard error."""
    return _console(Console(stderr=True, highlight=False))


def _console(console: Console) -> Console:
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 100
    console.width = min(console.width, WIDEST)
    return console


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document on standard output; numbers that are not finite become null.

    >>> print_json({"least": float("inf"), "best": 0.5})
    {
      "least": null,
      "best": 0.5
    }
    """
    sys.stdout.write(json.dumps(_finite(document), indent=2, ensure_ascii=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_finite(item) for item in value]
    return value


def print_problems(problems: Sequence[Problem], *, as_json: bool = False) -> None:
    """Print everything that is wrong: as JSON on standard output, else on standard error."""
    if as_json:
        print_json({"problems": [problem.as_json() for problem in problems]})
        return
    console = notes()
    for problem in problems:
        console.print(problem_text(problem), soft_wrap=True)
    console.print(Text(counted(len(problems), "problem"), style="bold red"))


def print_warnings(warnings: Sequence[Problem]) -> None:
    """Print what may be a slip, on standard error."""
    console = notes()
    for warning in warnings:
        console.print(
            Text("warning  ", style="yellow").append(problem_text(warning)), soft_wrap=True
        )


def print_note(text: str) -> None:
    """Print one line of news on standard error."""
    notes().print(Text(text, style="dim"), soft_wrap=True)


def note_compiling() -> None:
    """Say that the first run takes longer, if no compiled kernel is found."""
    kept = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parents[1] / "solve")
    if next(kept.rglob("*.nbi"), None) is None:
        print_note("Compiling the solver. This happens once and takes about a minute.")


class Bar:
    """A progress bar on standard error, gone when done; nothing where that is no terminal."""

    def __init__(self, title: str) -> None:
        """Be ready; the bar pulses until it is told how much there is to do."""
        columns = (
            TextColumn("[dim]{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self.progress = Progress(
            *columns,
            console=notes(),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self.shown = self.progress.console.is_terminal
        self.task = self.progress.add_task(title, total=None)

    def __enter__(self) -> "Bar":
        """Show it."""
        if self.shown:
            self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        if self.shown:
            self.progress.stop()

    def __call__(self, done: int, total: int) -> None:
        """Move it."""
        self.progress.update(self.task, completed=done, total=total)

    def rename(self, title: str) -> None:
        """Begin anew under another title: it pulses until it is told how much there is to do."""
        self.progress.remove_task(self.task)
        self.task = self.progress.add_task(title, total=None)

    def print(self, what: RenderableType, title: str) -> None:
        """Print on standard output without the bar in between, and go on under another title."""
        self.__exit__()
        output().print(what)
        self.rename(title)
        self.__enter__()

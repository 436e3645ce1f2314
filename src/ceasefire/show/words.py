"""Numbers, shares and problems in words, as short as they can be without misleading."""

import math
from collections.abc import Sequence

from rich.markup import escape
from rich.text import Text

from ceasefire.case.document import HIDDEN
from ceasefire.errors import Problem

BLOCKS = " ▏▎▍▌▋▊▉█"
LEVELS = "▁▂▃▄▅▆▇█"
VERDICT_STYLES = {
    "holds": "bold green",
    "mostly holds": "green",
    "depends": "yellow",
    "mostly fails": "red",
    "fails": "bold red",
}


def number(value: float | bool | None) -> str:
    """A number for a reader: three digits that matter, never rounded to 0 or 1 unless it is.

    >>> [number(value) for value in (0.61803, 1e-7, 0.9999, 12.345, 1234567.0, 1.0, -0.0)]
    ['0.618', '1.0e-07', '0.9999', '12.3', '1,234,567', '1', '0']
    >>> [number(value) for value in (True, None, math.inf, 1 - 1e-9)]
    ['true', 'no value', 'none', '>0.9999']
    """
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isinf(value):
        return "none" if value > 0 else "-inf"
    size = abs(value)
    if value == round(value) and size < 1e9:
        return f"{value + 0.0:,.0f}"
    if size < 5e-4 or size >= 1e9:
        return f"{value:.1e}"
    if size >= 1000:
        return f"{value:,.0f}"
    if 0.99995 <= size < 1:
        return ">0.9999" if value > 0 else "-1.000"
    return f"{value:.4f}" if 0.9995 <= size < 1 else f"{value:#.3g}".rstrip(".")


def likely(probability: float) -> str:
    """A probability or an expected number for a table: three places.

    >>> [likely(value) for value in (0.0, 1e-9, 0.25, 0.9999, 1.0, 2.5)]
    ['0', '<0.001', '0.250', '>0.999', '1', '2.500']
    """
    if probability in (0.0, 1.0):
        return f"{probability:.0f}"
    if 0 < probability < 5e-4:
        return "<0.001"
    if 0.9995 <= probability < 1:
        return ">0.999"
    return f"{probability:.3f}"


def bar(share: float, width: int = 10) -> str:
    """A share as a bar of eighths of a character.

    >>> bar(0.5, 4), bar(0.03, 4)
    ('██  ', '▏   ')
    """
    eighths = round(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (BLOCKS[rest] if rest else "")).ljust(width)


def sparkline(values: Sequence[float], low: float = 0.0, high: float = 1.0) -> str:
    """Numbers as a row of blocks between `low` and `high`.

    >>> sparkline([0.0, 0.5, 1.0])
    '▁▅█'
    """
    reach = high - low or 1.0
    steps = [round((value - low) / reach * (len(LEVELS) - 1) + 1e-9) for value in values]
    return "".join(LEVELS[min(max(step, 0), len(LEVELS) - 1)] for step in steps)


def counted(count: int, thing: str, things: str | None = None) -> str:
    """A count with its noun.

    >>> counted(1, "problem"), counted(1200, "state")
    ('1 problem', '1,200 states')
    """
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def problem_text(problem: Problem) -> Text:
    """A problem as two or three lines: where, what, and the way out.

    >>> print(problem_text(Problem("no such field", "war.yaml", 3, found="\\x1b[2J")))
    war.yaml:3  no such field
        found: U+001B[2J
    """
    marks = (problem.file, problem.line, problem.column)
    place = ":".join(str(mark) for mark in marks if mark is not None)
    text = Text()
    if place:
        text.append(_visible(place) + "  ", style="bold")
    if problem.path:
        text.append(_visible(problem.path) + "  ", style="cyan")
    text.append(_visible(problem.message))
    for label, what in (("found", problem.found), ("allowed", problem.allowed)):
        if what and what != problem.message:
            text.append(f"\n    {label}: ", style="dim").append(_visible(what))
    if problem.help:
        text.append("\n    → ", style="green").append(_visible(problem.help))
    return text


def _visible(text: str) -> str:
    """A text whose characters do nothing to the terminal."""
    return HIDDEN.sub(lambda found: f"U+{ord(found[0]):04X}", text)


def plain(text: str) -> str:
    """Text from a case, so that brackets in it are not read as markup."""
    return escape(text)


def distinct(states: Sequence[str]) -> tuple[list[str], str]:
    """States by the variables in which they differ, and what is the same in all of them.

    >>> distinct(["war=true, force=1", "war=true, force=2"])
    (['force=1', 'force=2'], 'war=true')
    >>> distinct(["YN", "NN"])
    (['YN', 'NN'], '')
    """
    split = [state.split(", ") for state in states]
    same = [len(set(words)) == 1 for words in zip(*split, strict=True)]
    if all(same) or not any(same):
        return list(states), ""
    short = [
        ", ".join(w for w, alike in zip(words, same, strict=True) if not alike) for words in split
    ]
    return short, ", ".join(w for w, alike in zip(split[0], same, strict=True) if alike)

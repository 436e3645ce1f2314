"""A trace as tables: the answers along one unknown or in the plane of two, and the thresholds."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.case import Case
from ceasefire.ensemble import TraceResult
from ceasefire.errors import Problem
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    format_number,
    threshold_sentence,
    warning_texts,
)
from ceasefire.results import format_count

MOST_ROWS = 60


def trace_table(case: Case, trace: TraceResult) -> RenderableType:
    """The thresholds in sentences, the answers in a table, and how they were found.

    case   the case, for the names of the unknowns
    trace  what `trace` returned
    """
    parts: list[RenderableType] = []
    names = [axis.name for axis in (trace.over, trace.other) if axis is not None]
    for number, question in enumerate(trace.questions):
        parts.append(Text(f"({number + 1}) {' '.join(question.split())}", style="bold"))
        found = [one for one in trace.thresholds if one.question == number]
        for one in found:
            at = "" if one.other is None else f"{names[-1]} {format_number(one.other)}: "
            parts.append(Text(f"    {at}{threshold_sentence(one)}"))
        if not found:
            parts.append(Text("    no threshold found", style="dim"))
    parts += [Text(), _answers_table(trace, names), Text()]
    parts += [Text(line, style="dim") for line in _how_found(case, trace)]
    return Group(*parts, *warning_texts(trace_warnings(trace)))


def _answers_table(trace: TraceResult, names: list[str]) -> Table:
    table = plain_table()
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for number in range(len(trace.questions)):
        table.add_column(f"({number + 1})", justify="right", style="bold")
    for point in trace.points[:MOST_ROWS]:
        values = (point.x,) if trace.other is None else (point.x, point.y)
        cells = [*map(format_number, values), *map(format_number, point.answers)]
        table.add_row(*cells, style="yellow" if point.doubtful else "")
    return table


def _how_found(case: Case, trace: TraceResult) -> list[str]:
    lines = []
    if len(trace.points) > MOST_ROWS:
        left = format_count(len(trace.points) - MOST_ROWS, "more point")
        lines.append(f"{left}: --csv or --json has them all.")
    others = "The other unknowns are at their best estimates." if len(case.unknowns) > 1 else ""
    lines += [others] if others else []
    if trace.thresholds:
        solves = sum(one.solves for one in trace.thresholds)
        lines.append(
            f"Each threshold lies between two solutions that differ, at most "
            f"{format_number(trace.accuracy)} from the value given "
            f"({format_count(solves, 'solution')} to find them)."
        )
        shifts = [one.grid_shift for one in trace.thresholds if one.grid_shift is not None]
        if shifts:
            lines.append(
                f"On belief grids refined once they are within {format_number(max(shifts))} of it."
            )
    known = [change for change in trace.grid_change if change is not None]
    if known:
        lines.append(
            f"Refining the belief grid at both ends and in the middle changes the numbers by "
            f"at most {format_number(max(known))}."
        )
    return lines


def trace_warnings(trace: TraceResult) -> list[Problem]:
    """What should be said about a trace.

    trace  what `trace` returned
    """
    marks = f"marked: {'; '.join(trace.mark_reasons)}"
    return [Problem(one) for one in (*trace.warnings, *((marks,) if trace.marked else ()))]

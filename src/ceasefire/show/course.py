"""The course of a case: one line of blocks for each condition, belief and event."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.ask import Series, Timeline
from ceasefire.case import Case
from ceasefire.show.overview import heading
from ceasefire.show.verdicts import marks
from ceasefire.show.words import counted, likely, sparkline

WIDEST = 48
SMALL = 5e-4
TITLES = {
    "condition": "conditions",
    "state": "state",
    "belief": "beliefs",
    "event": "events",
    "offer": "offers",
    "refusal": "refusals",
}


def course_table(case: Case, timeline: Timeline) -> RenderableType:
    """Every series that moves or matters, its first and last value and its range."""
    periods = counted(case.horizon, case.period)
    begins = f", from {case.start}" if case.start else ""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column(f"{periods}{begins}", no_wrap=True)
    for name in ("first", "last", "most"):
        table.add_column(name, justify="right")
    for kind, title in TITLES.items():
        chosen = list(_chosen(timeline, kind))
        if chosen:
            table.add_row(Text(title, style="cyan"))
        for name, series in chosen:
            table.add_row(name, *_row(case, series))
    return Group(heading(case), Text(), table, *marks(timeline.numerics, None))


def _chosen(timeline: Timeline, kind: str) -> Iterator[tuple[str, Series]]:
    """Series that say something: not always near 0, no belief told twice, nothing of passing."""
    told: set[tuple[str, tuple[float, ...]]] = set()
    for series in timeline.series:
        if series.kind != kind or not max(map(abs, series.values)) >= SMALL:
            continue
        name = series.name
        if kind == "belief":
            party = name.split(".")[0]
            mirrored = tuple(round(1.0 - value, 9) for value in series.values)
            same = tuple(round(value, 9) for value in series.values)
            if {(party, same), (party, mirrored)} & told:
                continue
            told.add((party, same))
        elif name.endswith(".pass"):
            continue
        if series.observer:
            name = f"{name}, {series.observer}"
        yield f"  {name}", series


def _row(case: Case, series: Series) -> Iterator[RenderableType]:
    low, high = _range(case, series)
    color = {"belief": "magenta", "event": "yellow", "refusal": "red"}.get(series.kind, "cyan")
    yield Text(sparkline(_binned(series.values), low, high), style=color)
    yield likely(series.values[0])
    yield likely(series.values[-1])
    yield likely(max(series.values))


def _range(case: Case, series: Series) -> tuple[float, float]:
    variable = case.variables.get(series.name) if series.kind == "state" else None
    if variable is not None and variable.kind == "number":
        values = [float(value) for value in variable.values]
        return min(values), max(values)
    if series.kind in ("event", "offer", "refusal"):
        return 0.0, max(0.1, *series.values)
    return 0.0, 1.0


def _binned(values: Sequence[float]) -> list[float]:
    """At most 48 values, each the mean of a stretch.

    >>> _binned([1.0, 3.0])
    [1.0, 3.0]
    >>> _binned([1.0, 3.0] * 48)[:2]
    [2.0, 2.0]
    """
    count = min(len(values), WIDEST)
    edges = [round(place * len(values) / count) for place in range(count + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]

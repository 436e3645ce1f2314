"""The chart of any result, for notebooks and scripts."""

from functools import singledispatch
from typing import Any

from ceasefire.case import Case
from ceasefire.errors import Problem, QuestionError
from ceasefire.evidence import Updated
from ceasefire.show.chart_beliefs import beliefs_chart
from ceasefire.show.chart_claims import flips_chart, shares_chart
from ceasefire.show.chart_events import events_chart
from ceasefire.show.chart_parties import parties_chart
from ceasefire.show.chart_paths import paths_chart
from ceasefire.show.chart_plane import plane_chart
from ceasefire.show.chart_worth import waiting_chart, worth_chart
from ceasefire.show.drawing import Chart
from ceasefire.worlds import Checked, Paths, Plane, Verdict, Worths

KINDS = "a case, paths, worth, waiting, plane, check, one of its verdicts, or update"


def chart(case: Case, result: Any = None, *, beliefs: bool = False) -> Chart:
    """The Altair chart of a result; of the case alone, who sits at which table.

    result   what `paths`, `worth`, `waiting`, `plane`, `check` or `update` gave, or a verdict
    beliefs  of paths, what is believed instead of what is likely

    Raises QuestionError for anything else, and where there is nothing to draw.

    >>> from ceasefire.case import loads
    >>> talks = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {north: {}, south: {}}
    ... state: {war: {start: true}}
    ... tables: {talks: {seats: [north, south], deals: {truce: {set: {war: false}}}}}
    ... ''')
    >>> type(chart(talks)).__name__
    'LayerChart'
    """
    drawn: Chart | None
    if isinstance(result, Paths) and beliefs:
        drawn = beliefs_chart(case, result)
    elif result is None:
        drawn = parties_chart(case)
    else:
        drawn = _chart(result, case)
    if drawn is None:
        raise QuestionError([Problem("there is nothing to draw", found=type(result).__name__)])
    return drawn


@singledispatch
def _chart(result: Any, case: Case) -> Chart | None:  # noqa: ARG001  others need the case
    raise QuestionError(
        [
            Problem(
                "has no chart", found=type(result).__name__, allowed=KINDS, help=".frame() has it"
            )
        ]
    )


@_chart.register
def _(result: Paths, case: Case) -> Chart | None:
    return paths_chart(case, result)


@_chart.register
def _(result: Worths, case: Case) -> Chart | None:
    waited = any(worth.closed is not None for worth in result.worths)
    return waiting_chart(case, result) if waited else worth_chart(case, result)


@_chart.register
def _(result: Plane, case: Case) -> Chart | None:
    return plane_chart(case, result)


@_chart.register
def _(result: Checked, case: Case) -> Chart | None:  # noqa: ARG001  others need the case
    return shares_chart(result)


@_chart.register
def _(result: Verdict, case: Case) -> Chart | None:
    return flips_chart(case, result)


@_chart.register
def _(result: Updated, case: Case) -> Chart | None:  # noqa: ARG001  others need the case
    return events_chart(result)

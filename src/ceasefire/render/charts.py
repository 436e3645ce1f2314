"""Which chart belongs to which result: `chart` draws any of them in notebooks and scripts."""

from functools import singledispatch
from typing import Any

from ceasefire.case import Case
from ceasefire.ensemble import (
    CheckResult,
    ChooseResult,
    ClaimCheck,
    TableValues,
    ThresholdPlane,
    TimelineQuantiles,
    TraceResult,
)
from ceasefire.errors import Problem, QuestionError
from ceasefire.evidence import UpdateResult
from ceasefire.render.chart_theme import AltairChart
from ceasefire.render.charts_argument import argument_map
from ceasefire.render.charts_claims import (
    claim_shares_chart,
    claim_update_chart,
    lever_choice_chart,
    threshold_plane_chart,
    turning_points_chart,
)
from ceasefire.render.charts_parties import delay_values_chart, seating_chart, table_values_chart
from ceasefire.render.charts_timeline import belief_timeline_chart, condition_timeline_chart
from ceasefire.render.charts_trace import trace_chart

CHARTABLE_RESULTS = (
    "a case, or the result of timeline_quantiles, table_values, delay_values, threshold_plane, "
    "trace, check (or one of its claim_checks), choose or update"
)


def chart(
    case: Case, result: Any = None, *, beliefs: bool = False, argument: bool = False
) -> AltairChart:
    """The Altair chart of a result, or without one of who sits at which table.

    case     the case that the result is of
    result   what `timeline_quantiles`, `table_values`, `delay_values`, `threshold_plane`, `trace`,
             `check`, `choose` or `update` returned, or one of the `claim_checks` of a check; None
             for the case itself
    beliefs  for `timeline_quantiles`: draw what is believed instead of what is likely
    argument  for `check`: draw the map of the argument instead of the shares

    Raises QuestionError for any other result, and where there is nothing to draw.

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
    result_chart: AltairChart | None
    if isinstance(result, TimelineQuantiles) and beliefs:
        result_chart = belief_timeline_chart(case, result)
    elif isinstance(result, CheckResult) and argument:
        result_chart = argument_map(result)
    elif result is None:
        result_chart = seating_chart(case)
    else:
        result_chart = _draw_result(result, case)
    if result_chart is None:
        raise QuestionError([Problem("there is nothing to draw", found=type(result).__name__)])
    return result_chart


@singledispatch
def _draw_result(result: Any, case: Case) -> AltairChart | None:  # noqa: ARG001  others need the case
    raise QuestionError(
        [
            Problem(
                "has no chart",
                found=type(result).__name__,
                allowed=CHARTABLE_RESULTS,
                help=".frame() has it",
            )
        ]
    )


@_draw_result.register
def _(result: TimelineQuantiles, case: Case) -> AltairChart | None:
    return condition_timeline_chart(case, result)


@_draw_result.register
def _(result: TableValues, case: Case) -> AltairChart | None:
    delayed = any(value.periods_closed is not None for value in result.worths)
    return delay_values_chart(case, result) if delayed else table_values_chart(case, result)


@_draw_result.register
def _(result: ThresholdPlane, case: Case) -> AltairChart | None:
    return threshold_plane_chart(case, result)


@_draw_result.register
def _(result: TraceResult, case: Case) -> AltairChart | None:
    return trace_chart(case, result)


@_draw_result.register
def _(result: CheckResult, case: Case) -> AltairChart | None:  # noqa: ARG001  others need the case
    return claim_shares_chart(result)


@_draw_result.register
def _(result: ClaimCheck, case: Case) -> AltairChart | None:
    return turning_points_chart(case, result)


@_draw_result.register
def _(result: ChooseResult, case: Case) -> AltairChart | None:  # noqa: ARG001  others need the case
    return lever_choice_chart(result)


@_draw_result.register
def _(result: UpdateResult, case: Case) -> AltairChart | None:  # noqa: ARG001  others need the case
    return claim_update_chart(result)

"""How good the numbers of a result are, and what keeps them from being trusted blindly."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from ceasefire.ensemble import RunStats
from ceasefire.query import NumericalQuality
from ceasefire.render.formatting import format_count

MORE_PRECISE_RUNS = " at the best estimates, runs with more precise parties included"


def numerics_line(numerics: NumericalQuality, run_stats: RunStats | None) -> Text:
    """How good the numbers are, in one line.

    numerics   what was measured at the best estimates
    run_stats  the worlds that were computed, None if there were none
    """
    parts = []
    if run_stats is not None:
        parts.append(f"{format_count(run_stats.computed, 'world')} from seed {run_stats.seed}")
    if numerics.grid_size is not None:
        parts.append(f"{numerics.grid_size} belief nodes")
        parts.append(f"grid change {_format_numeric_change(numerics.grid_change)}")
    parts.append(f"horizon change {_format_numeric_change(numerics.horizon_change)}")
    parts.append(f"residual {_format_numeric_change(numerics.residual)}")
    return Text(" · ".join(parts), style="dim")


def _format_numeric_change(change: float | None) -> str:
    return "not known" if change is None else f"{change:.1g}"


def numerics_warnings(
    numerics: NumericalQuality, run_stats: RunStats | None, failed_checks: Sequence[str] = ()
) -> list[Text]:
    """What keeps a result from being trusted blindly, as lines that a command prints.

    The arguments are those of `numerics_warning_lines`.
    """
    lines = numerics_warning_lines(numerics, run_stats, failed_checks)
    return [Text(f"! {line}", style="bold yellow") for line in lines]


def numerics_warning_lines(
    numerics: NumericalQuality,
    run_stats: RunStats | None,
    failed_checks: Sequence[str] = (),
    *,
    more_precise_runs: bool = True,
) -> list[str]:
    """What keeps a result from being trusted blindly, a line each; empty if nothing does.

    numerics           what was measured at the best estimates
    run_stats          the worlds that were computed, None if there were none
    failed_checks      the checks of the numbers that failed, with the reason
    more_precise_runs  whether `numerics` counts runs with more precise parties too

    >>> numerics_warning_lines(
    ...     NumericalQuality(None, None, None, 0.0, unresolved=2, branch_points=0), None
    ... )
    ['2 decisions unresolved at the best estimates, runs with more precise parties included']
    """
    scope = MORE_PRECISE_RUNS if more_precise_runs else ""
    lines = []
    if numerics.unresolved:
        lines.append(f"{format_count(numerics.unresolved, 'decision')} unresolved{scope}")
    if numerics.branch_points:
        points = format_count(numerics.branch_points, "branch point")
        lines.append(f"{points}{scope}: play stays on the branch it was on")
    lines += [f"not checked {reason}" for reason in failed_checks]
    if run_stats is not None:
        lines += run_warning_lines(run_stats)
    return lines


def run_warning_lines(run_stats: RunStats) -> Iterator[str]:
    """What keeps a run over worlds from being trusted blindly, a line each.

    run_stats  the worlds that were asked for, were computed and failed
    """
    if run_stats.interrupted:
        requested = format_count(run_stats.requested, "world")
        yield f"ended early: {run_stats.computed} of {requested} done"
    if run_stats.failed:
        world, reason = next(iter(run_stats.failed.items()))
        yield f"{format_count(len(run_stats.failed), 'world')} failed; world {world}: {reason}"
    if run_stats.with_unresolved_decisions:
        worlds = format_count(run_stats.with_unresolved_decisions, "world")
        yield f"{worlds} with unresolved decisions"
    if run_stats.with_branch_points:
        yield f"{format_count(run_stats.with_branch_points, 'world')} with branch points"

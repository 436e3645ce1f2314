"""What somebody could decide: which lever keeps the goal, in words and as a table."""

from collections.abc import Iterator
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from ceasefire.argument import percent
from ceasefire.case import NO_LEVER, Case
from ceasefire.ensemble import ChooseResult, LeverOutcome
from ceasefire.errors import Problem
from ceasefire.render.console import plain_table
from ceasefire.render.formatting import (
    format_number,
    numerics_line,
    numerics_warnings,
    truth_mark,
    warning_texts,
)
from ceasefire.render.tables_check import describe_bound
from ceasefire.results import format_count

SMALLEST_LOSS_TOLD = 5e-4


def choice_sentences(case: Case, result: ChooseResult) -> list[str]:
    """What a reader should take away, in a few sentences.

    case    the case
    result  what each lever does to the goal
    """
    first = result.levers[0]
    if first.goal is None or first.regret is None:
        return [_sentence_at_best(result)]
    lead = _test_sentence(result) if result.is_test else _number_sentence(result)
    more = (*_doubt_sentences(result), _regret_sentence(result), *_rule_sentences(case, result))
    return [lead, *more]


def _sentence_at_best(result: ChooseResult) -> str:
    """Without worlds, or with none that has an answer for every lever."""
    first, nothing = result.levers[0], result.nothing
    if first.best is None:
        return "The goal has no answer at the best estimates, whatever is decided."
    if first.lever == NO_LEVER or first.best == nothing.best:
        return (
            f"At the best estimates no lever does better than doing nothing: the goal is "
            f"{format_number(nothing.best)}."
        )
    return (
        f"At the best estimates the goal is {format_number(first.best)} with "
        f"{_inside(first)}, {format_number(nothing.best)} if nothing is done."
    )


def _inside(lever: LeverOutcome) -> str:
    """A title within a sentence.

    >>> _inside(LeverOutcome("build_first", None, None, "", None))
    'build first'
    """
    return lever.title[:1].lower() + lever.title[1:]


def _test_sentence(result: ChooseResult) -> str:
    first, nothing = result.levers[0], result.nothing
    if first.lever == NO_LEVER:
        told = "No lever does better than doing nothing, with which the goal is true in"
        return f"{told} {_share(first)}."
    idle = None if nothing.share is None else nothing.share.share
    other = (
        "; if nothing is done it has no answer"
        if idle is None
        else f", doing nothing in {percent(idle)}"
    )
    return f"{first.title} makes the goal true in {_share(first)}{other}."


def _share(lever: LeverOutcome) -> str:
    """In how many worlds, with its interval."""
    if lever.share is None or lever.share.share is None:
        return "no world"
    low, high = lever.share.interval
    return f"{percent(lever.share.share)} of worlds ({100 * low:.0f} to {100 * high:.0f})"


def _number_sentence(result: ChooseResult) -> str:
    first, nothing = result.levers[0], result.nothing
    assert first.goal is not None
    kind = "lowest" if result.less_is_better else "highest"
    if first.lever == NO_LEVER:
        return (
            f"No lever does better than doing nothing, with which the goal is {_mean(first)} on "
            f"average and {format_number(first.goal.worst)} in the worst twentieth of worlds."
        )
    other = nothing.goal and (
        f"; if nothing is done {format_number(nothing.goal.mean)} and "
        f"{format_number(nothing.goal.worst)}"
    )
    return (
        f"With {_inside(first)} the goal is {kind}: {_mean(first)} on average, "
        f"{format_number(first.goal.worst)} in the worst twentieth of worlds{other or ''}."
    )


def _mean(lever: LeverOutcome) -> str:
    assert lever.goal is not None
    text = format_number(lever.goal.mean)
    if lever.interval is None or lever.interval[0] == lever.interval[1]:
        return text
    return f"{text} ({format_number(lever.interval[0])} to {format_number(lever.interval[1])})"


def _doubt_sentences(result: ChooseResult) -> Iterator[str]:
    """Where the first is not told apart from doing nothing, or another one is safer."""
    first = result.levers[0]
    if first.lever != NO_LEVER and first.gain is not None and first.gain[1][0] <= 0:
        yield f"{format_count(result.worlds, 'world')} do not tell it apart from doing nothing."
    if result.is_test:
        return
    known = [(one.goal.worst, one) for one in result.levers if one.goal is not None]
    pick = min if result.less_is_better else max
    worst, safest = pick(known, key=lambda pair: pair[0])
    if first.goal is not None and safest is not first and worst != first.goal.worst:
        spread = max(value for value, _ in known) - min(value for value, _ in known)
        if abs(worst - first.goal.worst) > 0.05 * spread:
            yield (
                f"In its worst twentieth of worlds {_inside(safest)} does better: "
                f"{format_number(worst)}."
            )


def _regret_sentence(result: ChooseResult) -> str:
    first = result.levers[0]
    assert first.regret is not None
    if result.is_test:
        if first.regret.mean == 0:
            return "In no world would another lever make it true where this one does not."
        return (
            f"In {percent(first.regret.mean)} of worlds another lever would make it true where "
            "this one does not."
        )
    if first.regret.worst < SMALLEST_LOSS_TOLD:
        return "In no world would another lever do better."
    return (
        f"The best lever of each world would be better by {format_number(first.regret.mean)} on "
        f"average, by {format_number(first.regret.worst)} in the twentieth in which most is lost."
    )


def _rule_sentences(case: Case, result: ChooseResult) -> Iterator[str]:
    """In which worlds another lever would be better."""
    rule = result.rule
    if rule is None:
        return
    labels = case.unknown_labels
    discrete = [labels[name] for name, one in case.unknowns.items() if one.kind == "oneof"]
    named = (replace(bound, unknown=labels[bound.unknown]) for bound in rule.bounds)
    bounds = " and ".join(describe_bound(bound, discrete) for bound in named)
    what = "another lever is better" if rule.verdict else "no other lever is better"
    yield (
        f"With {bounds} {what} in {percent(rule.density)} of worlds, which are "
        f"{percent(rule.coverage)} of those in which that is so."
    )


def choice_table(case: Case, result: ChooseResult) -> RenderableType:
    """The levers, the best first, below what a reader should take away.

    case    the case
    result  what each lever does to the goal
    """
    asked = f"{result.claim}: {result.goal}" if result.claim else result.goal
    table = plain_table()
    table.add_column("", no_wrap=True)
    for heading in choice_headings(result):
        table.add_column(heading, justify="right", no_wrap=True)
    for lever in result.levers:
        mark = truth_mark(lever.best) if isinstance(lever.best, bool) else None
        cells = choice_cells(result, lever)
        if mark is not None:
            cells = (mark.append(f" {cells[0]}"), *cells[1:])
        table.add_row(Text(lever.lever, style="bold"), *cells)
    return Group(
        Text(" ".join(choice_sentences(case, result))),
        Text(),
        Text(f"goal: {asked}", style="dim"),
        Text(),
        table,
        Text(),
        *(Text(line, style="dim") for line in lever_lines(case, result)),
        *([Text()] if case.levers else []),
        numerics_line(result.numerics, result.run_stats),
        *warning_texts(choice_warnings(result)),
    )


def choice_headings(result: ChooseResult) -> tuple[str, ...]:
    """What is told of each lever; see `choice_cells`."""
    if not result.worlds:
        return ("best estimates",)
    missing = ("no answer in",) if any(one.missing for one in result.levers) else ()
    if result.is_test:
        return ("best estimates", "true in", "95 %", "another would do", *missing)
    return (
        "best estimates", "mean", "95 %", "worst 5 %", "regret", "its worst 5 %", *missing,
    )  # fmt: skip


def choice_cells(result: ChooseResult, lever: LeverOutcome) -> tuple[str | Text, ...]:
    """One cell for each heading."""
    best = format_number(lever.best)
    if not result.worlds:
        return (best,)
    headings = len(choice_headings(result))
    missing = format_count(lever.missing, "world") if lever.missing else ""
    if lever.goal is None or lever.regret is None:
        return (best, *("",) * (headings - 2), missing)
    low, high = lever.interval or (None, None)
    if result.is_test:
        span = "" if low is None or high is None else f"{100 * low:.0f} to {100 * high:.0f}"
        return (
            best, percent(lever.goal.mean), span, percent(lever.regret.mean), missing,
        )[:headings]  # fmt: skip
    span = "" if low is None else f"{format_number(low)} to {format_number(high)}"
    return (
        best, format_number(lever.goal.mean), span, format_number(lever.goal.worst),
        format_number(lever.regret.mean), format_number(lever.regret.worst), missing,
    )[:headings]  # fmt: skip


def lever_lines(case: Case, result: ChooseResult) -> list[str]:
    """What each single lever means, a line each, and what was not compared."""
    shown = [name for name in case.levers if any(name == one.lever for one in result.levers)]
    lines = []
    for name in shown:
        lever = case.levers[name]
        by = f" ({case.name_of(lever.by)})" if lever.by is not None else ""
        says = f"{lever.says.strip()} " if lever.says else ""
        lines.append(f"{name}{by}: {says}[{' '.join(lever.set.split())}]")
    return [*lines, *(f"not compared: {text}" for text in result.left_out)]


def choice_warnings(result: ChooseResult) -> list[Problem]:
    """What is to be said about levers, and about the numbers.

    result  what each lever does to the goal
    """
    said = [Problem(text, path=levers or "goal") for levers, text in result.warnings]
    return said + numerics_warnings(result.numerics, result.run_stats, result.failed_checks)

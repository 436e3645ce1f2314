"""What pages show of results, as HTML; everything from a case is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

from ceasefire.case import Case, Unknown
from ceasefire.ensemble import ClaimCheck, RunStats
from ceasefire.ensemble.run import OUT_OF_MEMORY
from ceasefire.errors import Problem
from ceasefire.query import ExplainedDecision, Explanation, NumericalQuality
from ceasefire.render.formatting import (
    DEPENDS_ON_PRECISION,
    TRUTH_MARKS,
    format_count,
    format_number,
    format_probability,
    numerics_warning_lines,
)
from ceasefire.web.worker_pool import MORE_MEMORY_ADVICE
from ceasefire.web.worker_results import BestEstimateClaim

TRUTH_CLASSES = {True: "true", False: "false", None: "none"}


def truth_mark_html(claim_result: BestEstimateClaim | None) -> str:
    """A tick, a cross or a question mark, in words for those who do not see it."""
    if claim_result is None:
        return '<div class="mark waiting" role="img" aria-label="not known yet">…</div>'
    mark, kind = TRUTH_MARKS[claim_result.claim.best], TRUTH_CLASSES[claim_result.claim.best]
    label = f"{mark.word} at the best estimates"
    return f'<div class="mark {kind}" role="img" aria-label="{label}">{mark.sign}</div>'


def numeric_test_html(
    claim_result: BestEstimateClaim | None, unedited_result: BestEstimateClaim | None
) -> str:
    """A test in numbers, and whether it comes out otherwise than as the case is written."""
    if claim_result is None:
        return ""
    turned = ""
    if unedited_result is not None and unedited_result.claim.best is not claim_result.claim.best:
        before = TRUTH_MARKS[unedited_result.claim.best].word
        turned = f'<span class="tag turned">turned: was {before}</span>'
    warnings = "".join(
        f'<div class="doubt small">{escape(w)}</div>' for w in claim_result.claim.warnings
    )
    return f'{turned}<code class="numbers">{escape(claim_result.numeric_test)}</code>{warnings}'


def share_html(claim_check: ClaimCheck | None) -> str:
    """The share of worlds in which a claim holds, its interval, its name, and what decides it."""
    if claim_check is None or claim_check.share is None:
        return ""
    found = claim_check.share
    if found.share is None:
        return '<div class="share"><span class="tag none">no answer in any world</span></div>'
    low, high = found.interval
    kind = (found.verdict or "").replace(" ", "-")
    noise = (
        f'<span class="tag noise">{DEPENDS_ON_PRECISION}</span>' if claim_check.claim.noise else ""
    )
    text = f"{found.share:.0%} of worlds ({low:.0%} to {high:.0%})"
    failed = f", {format_count(found.failed, 'world')} without answer" if found.failed else ""
    doubts = "".join(
        f'<div class="doubt small">{escape(w)}</div>' for w in claim_check.claim.warnings
    )
    return (
        f'<div class="share"><span class="tag {kind}">{escape(found.verdict or "")}</span>{noise}'
        f"{bar_html(found.share, found.interval)}<span>{text}{failed}</span></div>"
        f"{_drivers_html(claim_check)}{doubts}"
    )


def _drivers_html(claim_check: ClaimCheck) -> str:
    if claim_check.drivers is None or not claim_check.drivers.drivers:
        return ""
    names = ", ".join(driver.unknown for driver in claim_check.drivers.drivers[:4])
    return f'<div class="small soft">Decided by {escape(names)}</div>'


def bar_html(
    share: float, interval: tuple[float, float] | None = None, *, short: bool = False
) -> str:
    """A share as a bar; two lines are the ends of its interval."""
    ends = ""
    if interval is not None:
        low, high = interval
        ends = f'<b style="left:{low:.1%};width:{high - low:.1%}"></b>'
    size = " short" if short else ""
    return (
        f'<span class="bar{size}" aria-hidden="true"><i style="width:{share:.1%}"></i>{ends}</span>'
    )


def problem_list_html(problems: Sequence[Problem], kind: str = "problem") -> str:
    """Problems, each with its place, what was found, what is allowed and a way out."""
    if not problems:
        return ""
    items = "".join(f'<li class="{_problem_class(kind)}">{problem_html(p)}</li>' for p in problems)
    return f'<ul class="plain-list">{items}</ul>'


def _problem_class(kind: str) -> str:
    return "problem" if kind == "problem" else "problem warning"


def problem_html(problem: Problem) -> str:
    """A problem with its place, what was found, what is allowed and a way out."""
    place = ":".join(str(mark) for mark in (problem.file, problem.line) if mark is not None)
    said = [f"<strong>{escape(place)}</strong> " if place else ""]
    said.append(f"<code>{escape(problem.path)}</code> " if problem.path else "")
    said.append(escape(problem.message))
    for label, what in (("found", problem.found), ("allowed", problem.allowed)):
        if what and what != problem.message:
            said.append(f'<span class="way small">{label}: {escape(what)}</span>')
    if problem.help:
        said.append(f'<span class="way small">→ {escape(problem.help)}</span>')
    return "".join(said)


def numerics_html(
    numerics: NumericalQuality,
    run_stats: RunStats | None = None,
    seconds: float | None = None,
    failed_checks: Sequence[str] = (),
) -> str:
    """How good the numbers are, and everything that keeps them from being trusted blindly."""
    said = (
        [f"{format_count(run_stats.computed, 'world')} from seed {run_stats.seed}"]
        if run_stats is not None
        else []
    )
    if numerics.grid_size is not None:
        said.append(f"{numerics.grid_size} belief nodes")
    for name, change in (("grid", numerics.grid_change), ("horizon", numerics.horizon_change)):
        if change is not None and (name != "grid" or numerics.grid_size is not None):
            said.append(f"{name} change {change:.1g}")
    said.append(f"residual {numerics.residual:.1g}")
    if seconds is not None:
        said.append(f"{seconds:.1f} s")
    lines = [f'<p class="small soft">{escape(" · ".join(said))}</p>']
    warnings = numerics_warning_lines(
        numerics, run_stats, failed_checks, more_precise_runs=run_stats is not None
    )
    if any(OUT_OF_MEMORY in warning for warning in warnings):
        warnings.append(MORE_MEMORY_ADVICE)
    lines += [f'<p class="doubt small">! {escape(warning)}</p>' for warning in warnings]
    return "".join(lines)


def explanation_html(explanation: Explanation) -> str:
    """Each decision of a party: one sentence that says why, then its options in a table."""
    head = f"<h3>{escape(explanation.party)}</h3>"
    state = f'<p class="small soft">where {escape(explanation.state)}</p>'
    if not explanation.decisions:
        return head + state + "".join(f"<p>{escape(said)}</p>" for said in explanation.sentences)
    decided = "".join(_decision_html(decision) for decision in explanation.decisions)
    return head + state + decided + numerics_html(explanation.numerics)


def _decision_html(decision: ExplainedDecision) -> str:
    words = {"move": "its move", "offer": "its offer", "answer": "its answer"}
    title = words.get(decision.role, decision.role)
    if decision.deal:
        by = f" from {decision.offered_by}" if decision.offered_by else ""
        title += f" to {decision.deal}{by}"
    elif decision.role == "offer":
        title += f" at {decision.step}"
    if decision.type:
        title += f", if {decision.type}"
    names = dict.fromkeys(name for choice in decision.choices for name in choice.parts)
    shown = [n for n in names if any(choice.parts.get(n) for choice in decision.choices)]
    rows = [
        [
            choice.option,
            SafeHtml(
                bar_html(choice.probability, short=True) + format_probability(choice.probability)
            ),
            format_number(choice.value),
            *(format_number(choice.parts.get(name, 0.0)) for name in shown),
        ]
        for choice in decision.choices
    ]
    heads = ["option", "probability", "value", *shown]
    return (
        f"<h3>{escape(title[0].upper() + title[1:])}</h3><p>{escape(decision.why)}</p>"
        + table_html(heads, rows, f"{title}: the parts add up to the value", text_columns=2)
    )


class SafeHtml(str):
    """A text that is HTML already."""

    __slots__ = ()


def table_html(
    headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str, text_columns: int = 1
) -> str:
    """A table of figures that scrolls by itself; the first `text_columns` columns are text."""
    head = "".join(
        f'<th scope="col"{_numeric_class(n, text_columns)}>{escape(name)}</th>'
        for n, name in enumerate(headings)
    )
    body = "".join(
        "<tr>" + "".join(_cell_html(n, c, text_columns) for n, c in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="figures"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _numeric_class(column: int, text_columns: int) -> str:
    return ' class="n"' if column >= text_columns else ""


def _cell_html(column: int, text: str, text_columns: int) -> str:
    inner = text if isinstance(text, SafeHtml) else escape(text)
    if column == 0:
        return f'<th scope="row">{inner}</th>'
    return f"<td{_numeric_class(column, text_columns)}>{inner}</td>"


def format_unknown_value(unknown: Unknown, value: float) -> str:
    """A value of an unknown with its unit.

    >>> format_unknown_value(Unknown(best=0.5, unit="probability"), 0.25)
    '0.250 probability'
    """
    return f"{format_number(value)} {unknown.unit}" if unknown.unit else format_number(value)


def claim_source_html(case: Case, name: str) -> str:
    """The test of a claim, where the sentence comes from, and the source."""
    claim = case.claims[name]
    lines = [f"<div><code>{escape(claim.test)}</code></div>"]
    if claim.source:
        source = case.sources.get(claim.source)
        title = (source.title if source is not None else None) or claim.source
        place = f", {claim.where}" if claim.where else ""
        lines.append(f'<div class="small soft">{escape(title + place)}</div>')
    return "".join(lines)

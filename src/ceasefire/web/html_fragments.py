"""What pages show of results, as HTML; the templates escape everything that comes from a case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from ceasefire.argument import percent
from ceasefire.case import Case, Unknown
from ceasefire.ensemble import CheckResult, ClaimCheck, RunStats, verdict_of_share
from ceasefire.ensemble.run import OUT_OF_MEMORY
from ceasefire.ensemble.statistics import ShareOfWorlds
from ceasefire.errors import Problem
from ceasefire.query import ExplainedDecision, Explanation, NumericalQuality
from ceasefire.render.formatting import (
    TRUTH_MARKS,
    belief_node_count,
    claim_marks,
    format_number,
    format_probability,
    numerics_warning_lines,
)
from ceasefire.render.html_templates import html_environment
from ceasefire.render.tables_check import describe_drivers
from ceasefire.render.tables_codings import coding_tables
from ceasefire.render.tables_experts import expert_table
from ceasefire.results import format_count
from ceasefire.web.worker_pool import MORE_MEMORY_ADVICE
from ceasefire.web.worker_results import BestEstimateClaim

VERDICT_MARKS = {
    "holds": ("true", "✓"),
    "mostly holds": ("mostly", "✓"),
    "depends": ("none", "~"),
    "mostly fails": ("rarely", "✗"),
    "fails": ("false", "✗"),
}
TRUTH_CLASSES = {True: "true", False: "false", None: "none"}
MOST_IN_A_PICTURE = 40
DECISION_TITLES = {"move": "its move", "offer": "its offer", "answer": "its answer"}


def render_fragment(name: str, *arguments: Any) -> Markup:
    """A fragment of a page: a macro of `templates/fragments.html.jinja` with its arguments.

    name       the name of the macro
    arguments  texts, which are escaped, and Markup, which is not

    >>> render_fragment("heading", "a < b")
    Markup('<h2>a &lt; b</h2>')
    """
    fragment: Markup = getattr(_fragments(), name)(*arguments)
    return fragment


@cache
def _fragments() -> Any:
    return html_environment("web/templates").get_template("fragments.html.jinja").module


@dataclass(frozen=True)
class ShownShare:
    """The share of worlds in which a claim is true, as a strip shows it.

    share     from 0 to 1
    verdict   the word for it
    interval  its 95 % interval; None while worlds are still coming in
    so_far    how many worlds it is over, where more are coming in
    """

    share: float
    verdict: str
    interval: tuple[float, float] | None
    so_far: int | None


def truth_mark_html(
    claim_result: BestEstimateClaim | None, share: ShownShare | None = None
) -> Markup:
    """A tick, a cross, a tilde or a question mark, in words for those who do not see it.

    claim_result  a claim at the best estimates, None while that is not known
    share         the share of worlds in which it is true, which leads where it is known
    """
    if share is not None:
        kind, sign = VERDICT_MARKS[share.verdict]
        word = f"true in {percent(share.share)} of worlds: {share.verdict}"
        return render_fragment("truth_mark", kind, sign, word)
    if claim_result is None:
        return render_fragment("truth_mark", "waiting", "…", "not known yet")
    truth = claim_result.claim.best
    mark = TRUTH_MARKS[truth]
    label = f"{mark.word} at the best estimates"
    return render_fragment("truth_mark", TRUTH_CLASSES[truth], mark.sign, label)


def strip_html(
    claim_check: ClaimCheck | None, share: ShownShare | None, former: float | None
) -> Markup:
    """A strip from 0 to 100 % with the share of a claim, and a ghost bar of what it was.

    claim_check  the claim as far as it is known
    share        the share of worlds in which it is true, None while that is not known
    former       the share before something was moved
    """
    words, number = "not known yet", ""
    if share is not None:
        words = number = percent(share.share)
        words = f"true in {number} of worlds"
        if share.so_far is not None:
            words += f", {format_count(share.so_far, 'world')} so far"
    elif claim_check is not None:
        number = TRUTH_MARKS[claim_check.best].word
        words = f"{number} at the best estimates"
    was = "" if former is None else percent(former)
    if was:
        words += f"; was {was}"
    return render_fragment("strip", share, former, words, number, was)


def sentence_notes_html(
    claim_result: BestEstimateClaim | None,
    unedited_result: BestEstimateClaim | None,
    notes: Sequence[str],
    today: bool | None,
    since: str = "after the events",
) -> Markup:
    """What is to be said under a sentence: that it turned, its reading, what events make of it.

    claim_result     the claim with the unknowns where they are now, None while that is not known
    unedited_result  the claim as the case is written, None while that is not known
    notes            its reading
    today            whether it is true from today, the events having happened; None without events
    since            from when that is, in words
    """
    if claim_result is None:
        return Markup("")
    before, now = None, claim_result.claim.best
    if unedited_result is not None and unedited_result.claim.best is not now:
        before = TRUTH_MARKS[unedited_result.claim.best].word
    after = None if today is None or today is now else TRUTH_MARKS[today].word
    return render_fragment("sentence_notes", before, after, tuple(notes), since)


def numeric_test_html(claim_result: BestEstimateClaim | None) -> Markup:
    """A test in numbers.

    claim_result  the claim with the unknowns where they are now, None while that is not known
    """
    if claim_result is None:
        return Markup("")
    return render_fragment("numeric_test", claim_result.numeric_test, claim_result.claim.warnings)


def written_otherwise_html(case: Case, check_result: CheckResult) -> Markup:
    """How claims come out with each option of alternatives, and in the worlds of each expert.

    case          the case
    check_result  its claims over the worlds
    """
    tables = [*coding_tables(case, check_result), expert_table(case, check_result)]
    return Markup("").join(
        table_html(table.headings, table.rows, table.caption, text_columns=len(table.headings))
        for table in tables
        if table is not None
    )


def share_html(claim_check: ClaimCheck | None) -> Markup:
    """The share of worlds in which a claim is true, its interval, and what decides it.

    claim_check  the claim over the worlds; nothing is shown for None or without worlds
    """
    if claim_check is None or claim_check.share is None:
        return Markup("")
    share = claim_check.share
    if share.share is None:
        return render_fragment("no_share")
    low, high = share.interval
    text = f"{share.share:.0%} of worlds ({low:.0%} to {high:.0%})"
    if share.failed:
        text += f", {format_count(share.failed, 'world')} without answer"
    drivers = claim_check.drivers and describe_drivers(claim_check.drivers, share)
    return render_fragment(
        "share",
        share,
        text,
        claim_marks(claim_check),
        drivers and drivers[0].upper() + drivers[1:],
        claim_check.warnings,
    )


def claim_picture_html(truths: Sequence[tuple[str, bool | None]]) -> Markup:
    """A mark for each claim: a blue square where it is true, a vermilion disc where it is false.

    truths  (sentence, truth) of each claim
    """
    if not truths:
        return Markup("")
    true = sum(truth is True for _, truth in truths)
    words = f"{true} of {format_count(len(truths), 'claim')} true at the best estimates"
    shown = [(sentence, TRUTH_CLASSES[truth]) for sentence, truth in truths[:MOST_IN_A_PICTURE]]
    return render_fragment("claim_picture", shown, words)


def group_of_strips_html(heading: str, shares: Mapping[str, ShareOfWorlds | None]) -> Markup:
    """Strips under each other, one for each name.

    heading  what is told apart
    shares   by name, the share of worlds in which a claim is true
    """
    rows = []
    for name, found in shares.items():
        share = None
        if found is not None and found.share is not None:
            verdict = verdict_of_share(found.share)
            share = ShownShare(found.share, verdict, found.interval, None)
        rows.append((name, strip_html(None, share, None)))
    return render_fragment("group_of_strips", heading, rows)


def problem_list_html(problems: Sequence[Problem]) -> Markup:
    """Problems as a list; nothing without any.

    problems  what is wrong, each shown as by `problem_html`
    """
    if not problems:
        return Markup("")
    return render_fragment("problem_list", [problem_html(problem) for problem in problems])


def problem_html(problem: Problem) -> Markup:
    """A problem with its place, what was found, what is allowed and a way out.

    problem  what is wrong
    """
    place = ":".join(str(part) for part in (problem.file, problem.line) if part is not None)
    return render_fragment("problem", problem, place)


def numerics_html(
    numerics: NumericalQuality,
    run_stats: RunStats | None = None,
    seconds: float | None = None,
    failed_checks: Sequence[str] = (),
) -> Markup:
    """How good the numbers are, and everything that keeps them from being trusted blindly.

    numerics       what was measured at the best estimates
    run_stats      the worlds that were computed, None if there were none
    seconds        of a processor that it took, None if that is not shown
    failed_checks  the checks of the numbers that failed, with the reason
    """
    parts = []
    if run_stats is not None:
        parts.append(f"{format_count(run_stats.computed, 'world')} from seed {run_stats.seed}")
    if numerics.grid_size is not None:
        parts.append(belief_node_count(numerics))
    for name, change in (("grid", numerics.grid_change), ("horizon", numerics.horizon_change)):
        if change is not None and (name != "grid" or numerics.grid_size is not None):
            parts.append(f"{name} change {change:.1g}")
    if numerics.finite:
        parts.append("the game is finite")
    parts.append(f"residual {numerics.residual:.1g}")
    if seconds is not None:
        parts.append(f"{seconds:.1f} s of a processor")
    warnings = numerics_warning_lines(
        numerics, run_stats, failed_checks, more_precise_runs=run_stats is not None
    )
    if any(OUT_OF_MEMORY in warning for warning in warnings):
        warnings.append(MORE_MEMORY_ADVICE)
    return render_fragment("numerics", parts, warnings)


def explanation_html(explanation: Explanation) -> Markup:
    """Each decision of a party: one sentence that says why, then its options in a table.

    explanation  what a party would do in a state, and why
    """
    told = _told(explanation.decisions_that_matter)
    fragment = render_fragment("explanation", explanation, told, _told(explanation.other_decisions))
    return fragment + numerics_html(explanation.numerics) if told else fragment


def _told(decisions: Iterable[ExplainedDecision]) -> list[tuple[str, str, Markup]]:
    """Each decision as its title, the sentence that says why, and its options in a table."""
    return [(_decision_title(one), one.why, _decision_table_html(one)) for one in decisions]


def moments_html(explanation: Explanation) -> Markup:
    """The decisions of a party that matter most, each in one sentence, the numbers folded away.

    explanation  what the party would do where it first decides
    """
    told = _told(explanation.decisions_that_matter)
    return render_fragment("moments", explanation, told, len(explanation.other_decisions))


def type_bars_html(name: str, rows: Sequence[tuple[str, Sequence[tuple[str, float]]]]) -> Markup:
    """How likely each type of a party is held to be, a stacked bar for each who holds it.

    name  what people call the party
    rows  who holds it, and each type with its probability
    """
    told = [(who, [(kind, p, percent(p)) for kind, p in shares]) for who, shares in rows]
    return render_fragment("type_bars", name, told) if rows else Markup("")


def slider_marks_html(marks: Sequence[tuple[float, str, bool]]) -> Markup:
    """Marks along the track of a slider.

    marks  place from 0 to 1, what is there in words, whether it is of a thesis
    """
    return render_fragment("slider_marks", marks) if marks else Markup("")


def _decision_title(decision: ExplainedDecision) -> str:
    title = DECISION_TITLES.get(decision.role, decision.role)
    if decision.deal:
        offered_by = f" from {decision.offered_by}" if decision.offered_by else ""
        title += f" to {decision.deal}{offered_by}"
    elif decision.role == "offer":
        title += f" at {decision.step}"
    if decision.place:
        title += f", {decision.place}"
    if decision.type:
        told = f"{decision.type_of} is " if decision.type_of else ""
        title += f", if {told}{decision.type}"
    return title


def _decision_table_html(decision: ExplainedDecision) -> Markup:
    """The options with their probabilities and values; parts that are 0 in all are left out."""
    later, rows = decision.pays_later, []
    for choice in decision.shown_choices:
        probability = format_probability(choice.probability)
        bar = render_fragment("bar_with_number", choice.probability, probability)
        rows.append(
            [
                choice.option,
                bar,
                format_number(choice.value),
                *(["this period"] if later else []),
                *map(format_number, decision.shown_amounts(choice.parts_now).values()),
            ]
        )
        if later:
            amounts = map(format_number, decision.shown_amounts(choice.parts_later).values())
            rows.append([choice.option, "", "", "later", *amounts])
    count, rest = decision.choices_left_out
    if count:
        empty = [""] * (len(rows[0]) - 2)
        rows.append([f"{count} more", f"{format_probability(rest)} together", *empty])
    caption = f"{_decision_title(decision)}: the parts add up to the value"
    headings = ["option", "probability", "value", *(["of it"] if later else [])]
    return table_html([*headings, *decision.part_names], rows, caption, text_columns=2)


def table_html(
    headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str, text_columns: int = 1
) -> Markup:
    """A table of figures that scrolls by itself.

    headings      one for each column
    rows          the cells; text is escaped, Markup is not
    caption       what the table shows
    text_columns  how many columns are text; those after them are numbers, set to the right
    """
    return render_fragment("table", headings, rows, caption, text_columns)


def format_unknown_value(unknown: Unknown, value: float) -> str:
    """A value of an unknown with its unit.

    unknown  whose unit it is
    value    any number

    >>> format_unknown_value(Unknown(best=0.5, unit="probability"), 0.25)
    '0.250 probability'
    """
    return f"{format_number(value)} {unknown.unit}" if unknown.unit else format_number(value)


def claim_source_html(case: Case, name: str) -> Markup:
    """The test of a claim, where the sentence comes from, and the source.

    case  holds the claim and its source
    name  the name of the claim
    """
    claim = case.claims[name]
    place = None
    if claim.source:
        source = case.sources.get(claim.source)
        title = (source.title if source is not None else None) or claim.source
        place = f"{title}, {claim.where}" if claim.where else title
    return render_fragment("claim_source", claim.test, place)

"""What a check found, on one screen: headline, argument, what turns it, the other claims."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ceasefire.argument import (
    ArgumentStep,
    argument_steps,
    describe_figures,
    percent,
    theses,
)
from ceasefire.case import Case
from ceasefire.ensemble import CheckResult, ClaimCheck
from ceasefire.errors import Problem
from ceasefire.render.formatting import (
    TRUTH_MARKS,
    VERDICT_STYLES,
    TruthMark,
    claim_marks,
    warning_texts,
)
from ceasefire.render.tables_check import (
    border_notes,
    summary_warnings,
    what_turns_table,
)
from ceasefire.render.tables_codings import option_table, turned_claims_table
from ceasefire.render.tables_experts import disagreement_table
from ceasefire.results import format_count, join_phrases

DEEPEST_LISTED = 2  # conclusions above a claim that has a line of its own
MOST_OPEN_CLAIMS = 2
MOST_WARNINGS = 4
MOST_NAME_COLUMNS = 40
SHARE_BAR_WIDTH = 20
MOST_SHARES_IN_A_LINE = 6
OPEN_MARK = TruthMark("~", "open", VERDICT_STYLES["depends"])


def check_summary(
    case: Case, check_result: CheckResult, *, warnings: bool = True
) -> RenderableType:
    """The headline, the argument, what decides and turns it, the other claims, the numerics.

    case          the case
    check_result  the check of the case
    warnings      whether to say what is to be said of the numbers, which longer tables do too
    """
    claims = {claim.id: claim for claim in check_result.claim_checks}
    steps = tuple(argument_steps(check_result.premises))
    argued = {step.claim for step in steps}
    others = [claim for name, claim in claims.items() if name not in argued]
    parts: list[RenderableType] = list(headline_text(check_result))
    turned: list[RenderableType] = []
    explained = what_turns_table(case, check_result, claims_to_explain(check_result))
    if explained.row_count:
        turned = [_heading("What decides it, and what turns it"), explained]
    written = list(_written_otherwise(case, check_result))
    if steps:
        parts += [_heading("The argument"), _argument_table(steps, claims), *written, *turned]
    if others:
        parts += [_heading("The other claims" if steps else "The claims"), _claim_table(others)]
    if not steps:
        parts += [*written, *turned]
    if (disagreements := disagreement_table(case, check_result)).row_count:
        parts += [_heading("Where experts disagree"), disagreements]
    marks = list(dict.fromkeys(check_result.mark_reasons))
    said = [
        warning
        for warning in (summary_warnings(check_result) if warnings else [])
        if _without_lead(warning.message) not in marks
    ]
    parts += [Text(), _numerics_line(case, check_result, marks, said)]
    if warnings:
        parts += border_notes(check_result)
    if any(claim_marks(claim) for claim in check_result.claim_checks):
        said_where = ": --all says on which" if warnings else ""
        note = "* depends also on precision, the order of steps, the ending or the equilibrium"
        parts.append(Text(f"{note}{said_where}", style="dim"))
    if warnings:
        parts += [*warning_texts(said[:MOST_WARNINGS])]
        if len(said) > MOST_WARNINGS:
            parts.append(Text(f"and {len(said) - MOST_WARNINGS} more: --all", style="dim"))
    return Group(*parts)


def headline_text(check_result: CheckResult) -> Iterator[Text]:
    """The headline, a paragraph for each thesis.

    check_result  the check of a case
    """
    for number, paragraph in enumerate(check_result.headline_paragraphs):
        if number:
            yield Text()
        first, stop, rest = paragraph.partition(". ")
        yield Text(f"{first}{stop}", style="bold").append(rest, style="not bold")


def shares_so_far(
    at_best: CheckResult, shares: Mapping[str, float | None], most: int
) -> RenderableType:
    """A table that fills while worlds are computed: each claim at the best estimates and its share.

    at_best  the claims at the best estimates
    shares   the share of the worlds so far in which each is true; empty before the first
    most     how many claims fit
    """
    table = _empty_claim_table()
    table.add_column(no_wrap=True)
    order = _theses_first(at_best)
    fitting = order if len(order) <= most else order[: max(most - 1, 1)]
    for claim in fitting:
        share, mark = shares.get(claim.id), TRUTH_MARKS[claim.best]
        so_far = "…" if share is None else percent(share)
        bar = "" if share is None else "█" * round(share * SHARE_BAR_WIDTH)
        name = Text(claim.id.ljust(MOST_NAME_COLUMNS), no_wrap=True, overflow="ellipsis")
        table.add_row(Text(so_far.rjust(9)), Text(mark.sign, style=mark.style), name, bar)
    if len(fitting) < len(order):
        table.add_row("", "", Text(f"and {len(order) - len(fitting)} more", style="dim"), "")
    return table


def describe_shares(at_best: CheckResult, shares: Mapping[str, float | None]) -> str:
    """The shares so far of the theses, or of the first claims, in a line.

    at_best  the claims at the best estimates
    shares   the share of the worlds so far in which each is true
    """
    known = [(claim.id, shares.get(claim.id)) for claim in _theses_first(at_best)]
    named = [f"{name} {percent(share)}" for name, share in known if share is not None]
    return ", ".join(named[:MOST_SHARES_IN_A_LINE])


def _theses_first(check_result: CheckResult) -> list[ClaimCheck]:
    first = theses(check_result.premises)
    return sorted(check_result.claim_checks, key=lambda claim: claim.id not in first)


@dataclass(frozen=True)
class ArgumentNode:
    """A claim of an argument with its premises, for a page.

    claim     the claim
    share     in how many worlds it is true, in words; empty without worlds
    mark      tick, cross or tilde, with the word for it
    notes     its reading, and whether the best estimates say otherwise
    premises  what it rests on; empty where that is listed further up already
    """

    claim: ClaimCheck
    share: str
    mark: TruthMark
    notes: tuple[str, ...]
    premises: "tuple[ArgumentNode, ...]"


def argument_nodes(check_result: CheckResult) -> tuple[ArgumentNode, ...]:
    """The theses of a check, each with its premises and theirs; none where no claim argues.

    check_result  the check of a case
    """
    claims = {claim.id: claim for claim in check_result.claim_checks}
    steps = list(argument_steps(check_result.premises))
    below: dict[int, list[ArgumentNode]] = {}
    for step in reversed(steps):
        claim = claims[step.claim]
        notes = (describe_argument(claim), describe_difference_at_best(claim))
        node = ArgumentNode(
            claim,
            describe_share(claim),
            verdict_mark(claim),
            tuple(note for note in notes if note),
            tuple(reversed(below.pop(step.depth + 1, []))),
        )
        below.setdefault(step.depth, []).append(node)
    return tuple(reversed(below.pop(0, [])))


def describe_share(claim: ClaimCheck) -> str:
    """The share of worlds in which a claim is true; without worlds nothing.

    claim  a claim that was checked
    """
    if claim.share is None:
        return ""
    return "no answer" if claim.share.share is None else percent(claim.share.share)


def verdict_mark(claim: ClaimCheck) -> TruthMark:
    """A tick for true in most worlds, a cross for false, a tilde for neither; without worlds the
    truth at the best estimates.

    claim  a claim that was checked
    """
    verdict = None if claim.share is None else claim.share.verdict
    return mark_of_verdict(claim.best, verdict, over_worlds=claim.share is not None)


def mark_of_verdict(
    best: bool | None, verdict: str | None = None, *, over_worlds: bool = False
) -> TruthMark:
    """The mark of a claim by how it comes out.

    best         whether it is true at the best estimates, None without an answer
    verdict      what its share of worlds is called, None without an answer
    over_worlds  whether it was asked over worlds
    """
    if not over_worlds:
        return TRUTH_MARKS[best]
    if verdict is None:
        return TRUTH_MARKS[None]
    mark = {"holds": TRUTH_MARKS[True], "mostly holds": TRUTH_MARKS[True], "depends": OPEN_MARK}
    return mark.get(verdict, TRUTH_MARKS[False])._replace(style=VERDICT_STYLES[verdict])


def describe_difference_at_best(claim: ClaimCheck) -> str:
    """That the best estimates say other than most worlds; nothing where they agree.

    claim  a claim that was checked
    """
    if not claim.standing.differs_at_best:
        return ""
    one, other = ("true", "false") if claim.best else ("false", "true")
    return f"{one} at the best estimates, {other} in most worlds"


def describe_argument(claim: ClaimCheck) -> str:
    """The reading of a conclusion with its two shares, in a line; nothing without figures.

    claim  a claim that was checked
    """
    if claim.argument is None or claim.test_is_premises:
        return ""
    return describe_figures(claim.argument)


def _heading(words: str) -> Text:
    return Text(f"\n{words}", style="bold")


def _argument_table(steps: Sequence[ArgumentStep], claims: Mapping[str, ClaimCheck]) -> Table:
    """Of the first thesis all down to its premises' premises, of the others only the premises."""
    table = _empty_claim_table()
    deepest = DEEPEST_LISTED
    for number, step in enumerate(steps):
        if number and not step.depth:
            deepest = 0
        if step.depth > deepest:
            continue
        claim = claims[step.claim]
        _add_claim(table, claim, step.depth)
        if number and (said := describe_argument(claim)):
            table.add_row("", "", Padding(Text(said, style="dim"), (0, 0, 0, 2 * step.depth)))
        if claim.because and (step.repeated or step.depth == deepest):
            lead = "because, as above, of" if step.repeated else "because"
            premises = [
                f"{name} {describe_share(claims[name]).replace(' %', '%')}".strip()
                for name in claim.because
            ]
            listed = Text(f"{lead} {', '.join(premises)}", style="dim")
            table.add_row("", "", Padding(listed, (0, 0, 0, 2 * step.depth)))
    return table


def _empty_claim_table() -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=False, overflow="fold")
    return table


def _add_claim(table: Table, claim: ClaimCheck, depth: int, width: int = 0) -> None:
    line = Text(f"{'  ' * depth}", no_wrap=True, overflow="ellipsis")
    name = f"{claim.id}{'*' if claim_marks(claim) else ''}"
    line.append(name.ljust(width), style="bold").append(f"  {claim.sentence}")
    mark = verdict_mark(claim)
    table.add_row(Text(describe_share(claim)), Text(mark.sign, style=mark.style), line)
    if differs := describe_difference_at_best(claim):
        table.add_row("", "", Text(f"{'  ' * depth}{differs}", style="yellow"))


def _claim_table(claims: Sequence[ClaimCheck]) -> Table:
    table = _empty_claim_table()
    width = max(len(claim.id) for claim in claims) + 1
    for claim in claims:
        _add_claim(table, claim, 0, width)
    return table


def claims_to_explain(check_result: CheckResult) -> list[ClaimCheck]:
    """The first thesis and its weakest premise; without an argument the claims nearest to even.

    check_result  the check of a case
    """
    claims = {claim.id: claim for claim in check_result.claim_checks}
    found = theses(check_result.premises)
    if found:
        thesis = claims[found[0]]
        weakest = None if thesis.argument is None else thesis.argument.weakest
        return [thesis, *([] if weakest is None else [claims[weakest]])]
    known = [
        (abs(claim.share.share - 0.5), number, claim)
        for number, claim in enumerate(claims.values())
        if claim.share is not None and claim.share.share is not None
    ]
    return [claim for _, _, claim in sorted(known, key=lambda one: one[:2])[:MOST_OPEN_CLAIMS]]


def _written_otherwise(case: Case, check_result: CheckResult) -> Iterator[RenderableType]:
    """How the thesis comes out with each option, and which claims each option turns.

    Without an argument the claims nearest to even take the place of the thesis.
    """
    claims = claims_to_explain(check_result)
    argued = any(claim.because for claim in claims)
    table = option_table(case, claims[:1] if argued else claims)
    if table.row_count:
        worlds = any(claim.codings for claim in check_result.claim_checks)
        drawn = ", and in worlds with each option" if worlds else ""
        yield _heading(f"Written otherwise: at the best estimates{drawn}")
        yield table
    if (turned := turned_claims_table(case, check_result)) is not None:
        lines = Table.grid(padding=(0, 1))
        lines.add_column(style="bold", no_wrap=True)
        lines.add_column()
        for row in turned.rows:
            lines.add_row(*row)
        yield _heading(turned.caption)
        yield lines


def _without_lead(warning: str) -> str:
    """A warning as a mark has it."""
    return warning.removeprefix("not checked ").removeprefix("in ")


def _numerics_line(
    case: Case, check_result: CheckResult, marks: Sequence[str], said: Sequence[Problem]
) -> Text:
    """In a line whether the numbers can be trusted, or why they are marked, if `said` does not."""
    stats, how = check_result.run_stats, []
    if stats is not None:
        how.append(f"{format_count(stats.computed, 'world')} from seed {stats.seed}")
    if check_result.numerics.grid_size:
        how.append(f"{check_result.numerics.grid_size} belief nodes")
    shown = [warning.message for warning in said[:MOST_WARNINGS]]
    reasons = [mark for mark in marks if not any(mark in text for text in shown)]
    verdict = "marked, see below" if marks else "numerics fine"
    if reasons:
        verdict = f"marked: {join_phrases(reasons)}"
    return Text.assemble(
        f"{case.title}: ",
        (verdict, "yellow" if marks else "green"),
        (f" ({', '.join(how)})" if how else "", "dim"),
    )

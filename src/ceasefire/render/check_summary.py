"""What a check found, on one screen: headline, argument, what turns it, the other claims."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.argument import (
    UNTESTED,
    ArgumentStep,
    argument_steps,
    headline_paragraphs,
    percent,
    theses,
)
from ceasefire.case import Case
from ceasefire.ensemble import CheckResult, ClaimCheck, verdict_of_share
from ceasefire.render.formatting import (
    VERDICT_STYLES,
    claim_marks,
    truth_mark,
    warning_texts,
)
from ceasefire.render.tables_check import (
    border_notes,
    describe_what_turns_claim,
    summary_warnings,
)
from ceasefire.render.tables_experts import disagreement_lines
from ceasefire.results import format_count, join_phrases

DEEPEST_LISTED = 2  # conclusions above a claim that has a line of its own
MOST_OPEN_CLAIMS = 2
MOST_WARNINGS = 4
SIGN_MEANINGS = {"✓": "true", "✗": "false", "~": "open", "?": "no answer"}


def check_summary(
    case: Case, check_result: CheckResult, *, warnings: bool = True
) -> RenderableType:
    """The headline, the argument, what decides and turns it, the other claims, the numerics.

    case          the case
    check_result  the check of the case
    warnings      whether to say what is to be said of the numbers, which longer tables do too
    """
    claims = {claim.id: claim for claim in check_result.claim_checks}
    because = {name: claim.because for name, claim in claims.items()}
    steps = tuple(argument_steps(because))
    argued = {step.claim for step in steps}
    others = [claim for name, claim in claims.items() if name not in argued]
    parts: list[RenderableType] = list(headline_text(check_result))
    turned = list(_what_turns_it(case, check_result, _claims_to_explain(check_result)))
    if steps:
        parts += [_heading("The argument"), _argument_table(steps, claims), *turned]
    if others:
        parts += [_heading("The other claims" if steps else "The claims"), _claim_table(others)]
    if not steps:
        parts += turned
    if disagreements := list(disagreement_lines(case, check_result)):
        parts += [_heading("Where experts disagree"), *disagreements]
    parts += [Text(), *_numerics_lines(case, check_result)]
    if warnings:
        said = summary_warnings(check_result)
        parts += [*warning_texts(said[:MOST_WARNINGS])]
        if len(said) > MOST_WARNINGS:
            parts.append(Text(f"and {len(said) - MOST_WARNINGS} more: --all", style="dim"))
    return Group(*parts)


def headline_text(check_result: CheckResult) -> Iterator[Text]:
    """The headline, a paragraph for each thesis.

    check_result  the check of a case
    """
    paragraphs = headline_paragraphs([claim.standing for claim in check_result.claim_checks])
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield Text()
        first, stop, rest = paragraph.partition(". ")
        yield Text(f"{first}{stop}", style="bold").append(rest, style="not bold")


@dataclass(frozen=True)
class ArgumentNode:
    """A claim of an argument with its premises, for a page.

    claim     the claim
    share     in how many worlds it is true, in words; empty without worlds
    sign      tick, cross or tilde, and the words for it
    notes     its reading, and whether the best estimates say otherwise
    premises  what it rests on; empty where that is listed further up already
    """

    claim: ClaimCheck
    share: str
    sign: str
    meaning: str
    notes: tuple[str, ...]
    premises: "tuple[ArgumentNode, ...]"

    @property
    def says(self) -> str:
        """Its sentence, or its test."""
        return " ".join((self.claim.says or self.claim.test).split())


def argument_nodes(check_result: CheckResult) -> tuple[ArgumentNode, ...]:
    """The theses of a check, each with its premises and theirs; none where no claim argues.

    check_result  the check of a case
    """
    claims = {claim.id: claim for claim in check_result.claim_checks}
    steps = list(argument_steps({name: claim.because for name, claim in claims.items()}))
    below: dict[int, list[ArgumentNode]] = {}
    for step in reversed(steps):
        claim = claims[step.claim]
        notes = (describe_argument(claim), describe_difference_at_best(claim))
        sign = verdict_mark(claim).plain
        node = ArgumentNode(
            claim,
            describe_share(claim),
            sign,
            SIGN_MEANINGS[sign],
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


def verdict_mark(claim: ClaimCheck) -> Text:
    """A tick for true in most worlds, a cross for false, a tilde for neither; without worlds the
    truth at the best estimates.

    claim  a claim that was checked
    """
    if claim.share is None or claim.share.share is None:
        return truth_mark(claim.best if claim.share is None else None)
    verdict = verdict_of_share(claim.share.share)
    sign = {"holds": "✓", "mostly holds": "✓", "depends": "~"}.get(verdict, "✗")
    return Text(sign, style=VERDICT_STYLES[verdict])


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
    found = claim.argument
    if found is None or claim.test_is_premises:
        return ""
    granted = {1: "its premise is", 2: "both its premises are"}.get(
        len(claim.because), "all its premises are"
    )
    if found.reading == UNTESTED:
        worlds = format_count(round(found.premises.worlds), "world")
        count = round(found.worlds_granted) or "none"
        return f"{found.reading}: {granted} true in {count} of {worlds}"
    inside = f"true in {percent(found.follows.share or 0.0)} of worlds where {granted} true"
    outside = found.otherwise.share
    others = "" if outside is None else f", in {percent(outside)} of the others"
    return f"{found.reading}: {inside}{others}"


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
        claim, indent = claims[step.claim], "  " * step.depth
        _add_claim(table, claim, step.depth)
        if number and (said := describe_argument(claim)):
            table.add_row("", "", Text(f"{indent}{said}", style="dim"))
        if claim.because and (step.repeated or step.depth == deepest):
            lead = "because, as above, of" if step.repeated else "because"
            premises = [
                f"{name} {describe_share(claims[name]).replace(' %', '%')}"
                for name in claim.because
            ]
            table.add_row("", "", Text(f"{indent}{lead} {', '.join(premises)}", style="dim"))
    return table


def _empty_claim_table() -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=False, overflow="fold")
    return table


def _add_claim(table: Table, claim: ClaimCheck, depth: int, width: int = 0) -> None:
    says = " ".join((claim.says or claim.test).split())
    line = Text(f"{'  ' * depth}", no_wrap=True, overflow="ellipsis")
    name = f"{claim.id}{'*' if claim_marks(claim) else ''}"
    line.append(name.ljust(width), style="bold").append(f"  {says}")
    table.add_row(Text(describe_share(claim)), verdict_mark(claim), line)
    if differs := describe_difference_at_best(claim):
        table.add_row("", "", Text(f"{'  ' * depth}{differs}", style="yellow"))


def _claim_table(claims: Sequence[ClaimCheck]) -> Table:
    table = _empty_claim_table()
    width = max(len(claim.id) for claim in claims) + 1
    for claim in claims:
        _add_claim(table, claim, 0, width)
    return table


def _claims_to_explain(check_result: CheckResult) -> list[ClaimCheck]:
    """The first thesis and its weakest premise; without an argument the claims nearest to even."""
    claims = {claim.id: claim for claim in check_result.claim_checks}
    found = theses({name: claim.because for name, claim in claims.items()})
    if found:
        thesis = claims[found[0]]
        weakest = None if thesis.argument is None else thesis.argument.weakest
        return [thesis, *([] if weakest is None else [claims[weakest]])]
    open_claims = [claim for claim in claims.values() if claim.share and claim.share.share]
    open_claims.sort(key=lambda claim: abs((claim.share.share or 0.0) - 0.5))  # type: ignore[union-attr]
    return open_claims[:MOST_OPEN_CLAIMS]


def _what_turns_it(
    case: Case, check_result: CheckResult, claims: Sequence[ClaimCheck]
) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for claim in claims:
        lines = describe_what_turns_claim(case, check_result, claim)
        for row, line in enumerate(lines):
            table.add_row(claim.id if not row else "", line)
    if table.row_count:
        yield from (_heading("What decides it, and what turns it"), table)


def _numerics_lines(case: Case, check_result: CheckResult) -> Iterator[Text]:
    """In a line whether the numbers can be trusted, or why they are marked."""
    stats, how = check_result.run_stats, []
    if stats is not None:
        how.append(f"{format_count(stats.computed, 'world')} from seed {stats.seed}")
    if check_result.numerics.grid_size:
        how.append(f"{check_result.numerics.grid_size} belief nodes")
    reasons = list(dict.fromkeys(check_result.mark_reasons))
    verdict = f"marked: {join_phrases(reasons)}" if reasons else "numerics fine"
    yield Text.assemble(
        f"{case.title}: ",
        (verdict, "yellow" if reasons else "green"),
        (f" ({', '.join(how)})" if how else "", "dim"),
    )
    yield from border_notes(check_result)
    doubted = [claim.id for claim in check_result.claim_checks if claim_marks(claim)]
    if doubted:
        yield Text(
            "* depends also on precision, the order of steps, the ending or the equilibrium: --all "
            "says on which",
            style="dim",
        )

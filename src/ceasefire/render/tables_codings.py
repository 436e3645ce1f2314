"""How the verdict on a claim changes with the way the case is written, in words and tables."""

from collections.abc import Iterable, Mapping

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.argument import percent
from ceasefire.case import Alternative, Case
from ceasefire.ensemble import CheckResult, ClaimCheck, SweepResult
from ceasefire.ensemble.coding_verdicts import SharesByOption, describe_coding_verdicts
from ceasefire.formats.form_alternatives import option_title
from ceasefire.render.console import TextTable
from ceasefire.render.formatting import truth_mark
from ceasefire.render.tables_experts import table_of_shares
from ceasefire.results import format_count, join_phrases


def alternative_name(name: str, alternative: Alternative) -> str:
    """What an alternative is about, in a few words.

    name         its name
    alternative  the alternative
    """
    return alternative.label or alternative.about or name


def option_words(name: str, alternative: Alternative, option: str) -> str:
    """An option, said after what it is an answer to.

    name         the name of the alternative
    alternative  the alternative
    option       the name of the option
    """
    return option_title(alternative_name(name, alternative).rstrip("."), option)


def option_table(case: Case, claims: Iterable[ClaimCheck]) -> Table:
    """Of each claim how it comes out with each option; no rows without alternatives.

    case    the case
    claims  those to be shown

    The mark is the verdict at the best estimates, the other alternatives being as they come first.
    """
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_column()
    for claim in claims:
        if claim.verdicts is None and not claim.codings:
            continue
        for row, (name, alternative) in enumerate(case.alternatives.items()):
            options = [_option_text(claim, name, option) for option in alternative.options]
            table.add_row("" if row else claim.id, name, Text(" · ").join(options))
            lead = " ".join(alternative_name(name, alternative).split())
            if lead != name:
                table.add_row("", "", Text(lead, style="dim"))
    return table


def _option_text(claim: ClaimCheck, name: str, option: str) -> Text:
    return Text(f"{option} ").append(_option_cell(claim, name, option))


def _option_cell(claim: ClaimCheck, name: str, option: str) -> Text:
    said = Text()
    if claim.verdicts is not None:
        said.append(truth_mark(claim.verdicts.alone(name, option)))
    share = claim.codings.get(name, {}).get(option)
    if share is not None:
        said.append(" no answer" if share.share is None else f" {percent(share.share)}")
    return said


def turned_claims_table(case: Case, check_result: CheckResult) -> TextTable | None:
    """Which claims each option turns at the best estimates, and which only several together turn.

    case          the case
    check_result  the check of the case

    None where nothing was asked of another coding.
    """
    known = {
        claim.id: claim.verdicts
        for claim in check_result.claim_checks
        if claim.verdicts is not None and len(claim.verdicts.truths) > 1
    }
    if not known:
        return None
    rows = []
    for name, alternative in case.alternatives.items():
        for option in (one for one in alternative.options if one != alternative.first):
            turned: dict[bool | None, list[str]] = {True: [], False: []}
            for claim, found in known.items():
                if (name, option) in found.turning_options:
                    turned[not found.best].append(claim)
            said = [
                f"makes {join_phrases(claims)} {'true' if truth else 'false'}"
                for truth, claims in turned.items()
                if claims
            ]
            rows.append((f"{name}: {option}", "; ".join(said) or "turns no claim"))
    unmoved = [claim for claim, found in known.items() if not found.turning_options]
    same = [claim for claim in unmoved if len(set(known[claim].truths.values())) == 1]
    rows += [
        (claim, describe_coding_verdicts(known[claim])) for claim in unmoved if claim not in same
    ]
    if same:
        every = "every claim" if len(same) == len(known) else format_count(len(same), "claim")
        verb = "comes" if every == "every claim" or len(same) == 1 else "come"
        count = max(len(found.truths) for found in known.values())
        codings = "both codings" if count == 2 else f"all {format_count(count, 'coding')}"
        rows.append((every, f"{verb} out the same in {codings}"))
    caption = "Which claims each option turns at the best estimates"
    return TextTable(caption, ("option", "claims"), tuple(rows))


def coding_table(case: Case, check_result: CheckResult) -> TextTable | None:
    """Of every claim how it comes out with each option, and under how many codings it is true.

    case          the case
    check_result  the check of the case

    The mark is the verdict at the best estimates, the other alternatives being as they come first;
    the share is that of the worlds with the option. None without alternatives.
    """
    claims = [claim for claim in check_result.claim_checks if claim.options_told]
    if not claims:
        return None
    pairs = [(name, option) for name, one in case.alternatives.items() for option in one.options]
    rows = [
        (
            claim.id,
            *(_option_cell(claim, *pair).plain for pair in pairs),
            "" if claim.verdicts is None else describe_coding_verdicts(claim.verdicts),
        )
        for claim in claims
    ]
    drawn = ", and its share of the worlds with the option" if case.drawn_options else ""
    return TextTable(
        f"Whether each claim is true with each option at the best estimates{drawn}",
        ("claim", *(f"{name}: {option}" for name, option in pairs), "whatever the options"),
        tuple(rows),
    )


def coding_tables(case: Case, check_result: CheckResult) -> tuple[TextTable, ...]:
    """What a page says of the options: which claims each turns, and how each claim comes out.

    case          the case
    check_result  the check of the case
    """
    both = (turned_claims_table(case, check_result), coding_table(case, check_result))
    return tuple(table for table in both if table is not None)


def sweep_coding_table(case: Case, result: SweepResult) -> RenderableType:
    """The share of stored worlds of each option in which each test is true; empty without any.

    case    the case
    result  the stored worlds
    """
    rows = {
        name.removeprefix("claim_"): shares
        for name, shares in result.summary.codings.items()
        if shares
    }
    return _share_table(case, rows)


def _share_table(case: Case, rows: Mapping[str, SharesByOption]) -> RenderableType:
    pairs = [(name, option) for name, one in case.drawn_options.items() for option in one]
    return table_of_shares(
        "The share of worlds with each option",
        [f"{name}:\n{option}" for name, option in pairs],
        {
            test: [shares[name].get(option) for name, option in pairs]
            for test, shares in rows.items()
        },
    )

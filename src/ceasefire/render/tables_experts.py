"""What follows from each expert's numbers, and who disagrees about what, in words."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.argument import percent
from ceasefire.case import Case
from ceasefire.ensemble import CheckResult, ClaimCheck, SweepResult
from ceasefire.ensemble.expert_shares import SharesByExpert
from ceasefire.ensemble.statistics import ShareOfWorlds
from ceasefire.render.console import TextTable, plain_table


def describe_disagreement(case: Case, claim: ClaimCheck) -> str:
    """Who disagrees about a claim, by how much and why; nothing if nobody does.

    case   the case
    claim  a claim that was checked
    """
    found = claim.disagreement
    if found is None:
        return ""
    names = " and ".join(case.experts[one].name for one in found.experts)
    shares = " and ".join(percent(claim.experts[one].share or 0.0) for one in found.experts)
    why = "" if found.unknown is None else f", because of {case.unknown_labels[found.unknown]}"
    return f"{names} disagree about this claim ({shares}){why}"


def disagreement_table(case: Case, check_result: CheckResult) -> Table:
    """A row for each claim about which experts disagree; none where nobody does.

    case          the case
    check_result  the check of the case
    """
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for claim in check_result.claim_checks:
        if said := describe_disagreement(case, claim):
            table.add_row(claim.id, said)
    return table


def expert_table(case: Case, check_result: CheckResult) -> TextTable | None:
    """The share of each expert's worlds in which each claim is true, and who disagrees about it.

    case          the case
    check_result  the check of the case

    None without experts.
    """
    claims = [claim for claim in check_result.claim_checks if claim.experts]
    if not claims:
        return None
    names = [expert.name for expert in case.experts.values()]
    rows = [
        (
            claim.id,
            *(_share_cell(claim.experts.get(expert)) for expert in case.experts),
            describe_disagreement(case, claim),
        )
        for claim in claims
    ]
    disagree = any(said for *_, said in rows)
    return TextTable(
        "The share of worlds of each expert alone",
        ("claim", *names, *(["who disagrees, and why"] if disagree else [])),
        tuple(row if disagree else row[:-1] for row in rows),
    )


def sweep_expert_table(case: Case, result: SweepResult) -> RenderableType:
    """The share of each expert's stored worlds in which each test is true; empty without experts.

    case    the case
    result  the stored worlds
    """
    rows = {name.removeprefix("claim_"): shares for name, shares in result.summary.experts.items()}
    return _share_table(case, rows)


def _share_table(case: Case, rows: Mapping[str, SharesByExpert]) -> RenderableType:
    return table_of_shares(
        "The share of worlds of each expert alone",
        [expert.name for expert in case.experts.values()],
        {test: [shares.get(expert) for expert in case.experts] for test, shares in rows.items()},
    )


def table_of_shares(
    title: str, headings: Sequence[str], rows: Mapping[str, Sequence[ShareOfWorlds | None]]
) -> RenderableType:
    """Shares of several groups of worlds side by side, a row for each test; empty without rows.

    title     what stands above the table
    headings  of the columns, one for each group
    rows      by test, its share in each group; None where it has no answer there
    """
    if not rows:
        return Text()
    table = plain_table()
    table.add_column("test", style="bold", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right")
    for test, shares in rows.items():
        table.add_row(test, *map(_share_cell, shares))
    return Group(Text(f"\n{title}", style="bold"), table)


def _share_cell(found: ShareOfWorlds | None) -> str:
    if found is None or found.share is None:
        return "no answer"
    low, high = found.interval
    return f"{percent(found.share)} ({low:.0%}-{high:.0%})"

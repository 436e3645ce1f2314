"""From which day does a report ask, and how do its claims come out from then on?"""

from collections.abc import Mapping
from dataclasses import replace

from ceasefire.argument import percent
from ceasefire.evidence import ClaimChange
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.check_summary import ArgumentNode, argument_nodes, mark_of_verdict
from ceasefire.render.formatting import TruthMark
from ceasefire.render.report_data import ReportData
from ceasefire.results import format_count


def day_of(report: ReportData) -> str:
    """The day from which the claims of a report are asked, in words; empty if from the start.

    report  everything about a case
    """
    if not report.today or report.update_result is None:
        return ""
    return period_label(report.case, report.today)


def first_paragraphs(report: ReportData) -> tuple[str, ...]:
    """What stands first in a report: from which day it asks, if that was said, and the headline.

    report  everything about a case
    """
    checked, case = report.check_result.headline_paragraphs, report.case
    if report.today is None:
        return checked
    start = period_label(case, 0)
    if report.today == 0:
        recorded = format_count(len(case.events), "event")
        have = "has" if len(case.events) == 1 else "have"
        known = f"; the {recorded} of the case {have} not happened yet" if case.events else ""
        return (f"Asked from the start, {start}{known}.", *checked)
    when = period_label(case, report.today)
    if report.update_result is None:
        return (f"Asked from the start, {start}: from {when} it could not be asked.", *checked)
    gone = f"{report.today} of {format_count(case.horizon, case.period)}"
    past = "has" if report.today == 1 else "have"
    events = len(report.update_result.events)
    happened = f"{format_count(events, 'event')} recorded" if events else "nothing recorded"
    said = report.update_result.headlines[2]
    day = (
        f"Asked from {when} on: {gone} {past} gone by, with {happened}. What turns the claims, the "
        f"timeline and the other charts are of the case as it stands at the start, {start}."
    )
    return (day, said) if said else (day,)


def claims_from_day(report: ReportData) -> Mapping[str, tuple[TruthMark, str]]:
    """Of each claim how it comes out from the day of the report on: its mark, its share in words.

    report  everything about a case

    Empty for a report that is asked from the start.
    """
    if not day_of(report) or report.update_result is None:
        return {}
    return {one.id: _mark_and_share(one) for one in report.update_result.claims}


def _mark_and_share(claim: ClaimChange) -> tuple[TruthMark, str]:
    if claim.after is None:
        return mark_of_verdict(claim.best[1]), ""
    mark = mark_of_verdict(claim.best[1], claim.after.verdict, over_worlds=True)
    return mark, "no answer" if claim.after.share is None else percent(claim.after.share)


def describe_share_then(mark: TruthMark, share: str) -> str:
    """How a claim comes out from the day of a report on, in words.

    mark   its mark
    share  its share of the weight of worlds, in words; empty without worlds
    """
    if not share:
        return f"{mark.word} at the best estimates"
    return (
        "no answer in any world"
        if share == "no answer"
        else (f"true in {share} of the worlds, weighted by what has happened")
    )


def nodes_from_day(report: ReportData) -> tuple[ArgumentNode, ...]:
    """The argument of a report, each claim as it comes out from the day of the report on.

    report  everything about a case
    """
    known = claims_from_day(report)

    def asked(node: ArgumentNode) -> ArgumentNode:
        premises = tuple(map(asked, node.premises))
        if node.claim.id not in known:
            return replace(node, premises=premises)
        mark, share = known[node.claim.id]
        before = f"{node.mark.word}{f', {node.share}' if node.share else ''}"
        notes = (f"from the start: {before}",)
        return replace(node, mark=mark, share=share, notes=notes, premises=premises)

    return tuple(map(asked, argument_nodes(report.check_result)))

"""What a report cannot explain and what keeps its numbers from being trusted, in sentences."""

import math
from collections.abc import Iterator

from ceasefire.render.formatting import (
    claim_marks,
    format_number,
    format_probability,
    numerics_warning_lines,
)
from ceasefire.render.report_data import ReportData
from ceasefire.render.tables_check import describe_drivers
from ceasefire.results import format_count

FREQUENT_CHOICE_PROBABILITY = 0.2


def report_warnings(report: ReportData) -> list[str]:
    """What keeps the numbers from being trusted blindly, a sentence each."""
    checked = report.check_result
    lines = numerics_warning_lines(
        checked.numerics, checked.run_stats, checked.failed_checks, more_precise_runs=True
    )
    if checked.turning_points is not None and checked.turning_points.doubtful_evaluations:
        points = format_count(checked.turning_points.doubtful_evaluations, "point")
        lines.append(
            f"{points} of the search for what turns a claim with unresolved decisions or branch "
            "points"
        )
    return lines


def unexplained_results(report: ReportData) -> list[tuple[str, str]]:
    """What the page cannot explain: (where, what)."""
    entries = [("", text) for text in report.failures]
    for claim in report.check_result.claim_checks:
        share = claim.share
        lines = list(claim.warnings)
        if claim.best is None:
            lines.append("has no answer at the best estimates")
        lines += [f"{mark}: {why}" for mark, why in claim_marks(claim).items()]
        if share is not None and share.failed:
            lines.append(f"has no answer in {format_count(share.failed, 'world')}")
        varies = share is not None and 0 < share.true < share.worlds
        if claim.drivers is not None and not claim.drivers.drivers and varies:
            lines.append(f"differs from world to world: {describe_drivers(claim.drivers)}")
        if claim.replication is not None and not claim.replication.within:
            lines.append("its share in fresh worlds is further away than chance explains")
        entries += [(claim.id, line) for line in lines]
    entries += [("", line) for line in _inferior_choice_sentences(report)]
    if report.update_result is not None:
        for event in report.update_result.events:
            if event.expected is not None and event.expected < 0.1:
                expected = format_probability(event.expected)
                sentence = (
                    f"{event.event.description}: the model gave it a probability of {expected}"
                )
                entries.append(("", sentence))
    return entries


def _inferior_choice_sentences(report: ReportData) -> Iterator[str]:
    """Where a party often takes less than it could, at a cost above its noise; the rest counted.

    Among options of equal weight a loss of one over the precision makes an option e times rarer.
    """
    others = 0
    start = report.explanations[0].state if report.explanations else ""
    for explained in report.explanations:
        named = report.case.parties[explained.party].name
        for decision in explained.decisions:
            best = max(decision.choices, key=lambda choice: choice.value)
            for choice in decision.choices:
                lost = best.value - choice.value
                if lost < 1e-9 or choice.probability <= FREQUENT_CHOICE_PROBABILITY:
                    continue
                if best.probability < math.e * choice.probability:
                    others += 1
                    continue
                kind = f", as {decision.type}," if decision.type else ""
                if decision.type_of:
                    kind = f", if {decision.type_of} is {decision.type},"
                at = f"{decision.step}, {decision.deal}" if decision.deal else decision.step
                at += f", {decision.place}," if decision.place else ""
                yield (
                    f"{_difference_from_start(start, explained.state)}: {named}{kind} takes "
                    f"{choice.option} at {at} with probability "
                    f"{format_probability(choice.probability)}, though {best.option} is worth "
                    f"{format_number(lost)} more."
                )
    if others:
        yield (
            f"{format_count(others, 'further option')} that {'is' if others == 1 else 'are'} worth "
            f"less {'is' if others == 1 else 'are'} taken with a probability above "
            f"{FREQUENT_CHOICE_PROBABILITY:g}, at a loss that the party hardly notices (less than "
            "one divided by its precision). The tables above show them."
        )


def _difference_from_start(start: str, state: str) -> str:
    """A state by what sets it apart from the start."""
    apart = [part for part in state.split(", ") if part not in start.split(", ")]
    return f"Where {', '.join(apart)}" if apart else "At the start"

"""Everything that a report tells, computed once."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ceasefire.case import Case, dump, loads
from ceasefire.ensemble import (
    CheckResult,
    ClaimCheck,
    TableValues,
    ThresholdPlane,
    TimelineQuantiles,
    check,
    delay_values,
    table_values,
    threshold_plane,
    timeline_quantiles,
)
from ceasefire.errors import CaseError, CeasefireError
from ceasefire.evidence import UpdateResult, update
from ceasefire.forecasts import ClaimBaseRate, base_rates_of_claims
from ceasefire.query import Explanation, explain, read_claims
from ceasefire.query.ast import EventCondition, Quantity, conditions_of_formula
from ceasefire.render.formatting import format_count, format_number, format_probability
from ceasefire.render.tables_check import numerics_warnings

FREQUENT_CHOICE_PROBABILITY = 0.2


def report_warnings(report: "ReportData") -> list[str]:
    """What marks the numbers: nothing where they are as good as the certificate says."""
    checked = report.check_result
    lines = [
        text.plain
        for text in numerics_warnings(
            checked.best.numerics, checked.run_stats, checked.failed_checks
        )
    ]
    if checked.turning_points is not None and checked.turning_points.doubtful_evaluations:
        readings = format_count(checked.turning_points.doubtful_evaluations, "reading")
        lines.append(f"! {readings} on the way to flips with decisions unresolved or branch points")
    return [line.removeprefix("! ") for line in lines]


def unexplained_results(report: "ReportData") -> list[tuple[str, str]]:
    """What the page cannot explain: (where, what)."""
    told = [("", text) for text in report.failures]
    for verdict in report.check_result.claim_checks:
        claim, share = verdict.claim, verdict.share
        lines = list(claim.warnings)
        if claim.best is None:
            lines.append("has no answer at the best estimates")
        if claim.noise:
            lines.append("rests on noise: its verdict changes when everyone is more precise")
        if share is not None and share.failed:
            lines.append(f"has no answer in {format_count(share.failed, 'world')}")
        varies = share is not None and 0 < share.true < share.worlds
        if verdict.drivers is not None and not verdict.drivers.drivers and varies:
            lines.append("varies over the worlds, but no unknown decides it beyond chance")
        if verdict.replication is not None and not verdict.replication.within:
            lines.append("fresh worlds give another share than chance explains")
        told += [(claim.id, line) for line in lines]
    told += [("", line) for line in _inferior_choice_sentences(report)]
    if report.update_result is not None:
        for event in report.update_result.events:
            if event.expected is not None and event.expected < 0.1:
                expected = format_probability(event.expected)
                words = f"{event.event.description}: expected with {expected} only"
                told.append(("", words))
    return told


def _inferior_choice_sentences(report: "ReportData") -> Iterator[str]:
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
                at = f"{decision.step}, {decision.deal}" if decision.deal else decision.step
                yield (
                    f"{_difference_from_start(start, explained.state)}: {named}{kind} takes "
                    f"{choice.option} at "
                    f"{at} with {format_probability(choice.probability)}, though {best.option} is "
                    "worth "
                    f"{format_number(lost)} more."
                )
    if others:
        yield (
            f"{format_count(others, 'lesser option')} more {'is' if others == 1 else 'are'} taken "
            "with "
            f"over {FREQUENT_CHOICE_PROBABILITY:g}, at a loss that the party hardly notices (less "
            "than one over its "
            "precision). They stand in the tables above."
        )


def _difference_from_start(start: str, state: str) -> str:
    """A state by what sets it apart from the start."""
    apart = [part for part in state.split(", ") if part not in start.split(", ")]
    return f"Where {', '.join(apart)}" if apart else "At the start"


MOST_CHART_WORLDS = 64  # worlds of a chart: a band needs fewer than a share
MOST_EXPLAINED_STATES = 8  # explanations besides those of the start
MOST_THRESHOLD_PLANES = 2
PLANE_POINTS_PER_AXIS = 7

ProgressCallback = Callable[[int, int], None]
StageCallback = Callable[[str], None]


@dataclass(frozen=True)
class ReportData:
    """What a report is made of; what was not computed is None or empty.

    text          the case as YAML that can be run again
    explanations  what each party does at the start, then in states that claims ask about
    failures   what could not be computed, and why
    edits       what makes the case another than its author wrote, if anything does
    """

    case: Case
    text: str
    check_result: CheckResult
    base_rates: Mapping[str, ClaimBaseRate] = field(default_factory=dict)
    timeline: TimelineQuantiles | None = None
    table_values: TableValues | None = None
    delay_values: TableValues | None = None
    planes: tuple[ThresholdPlane, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    update_result: UpdateResult | None = None
    failures: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """True if a result is marked: exit status 1."""
        found = (
            self.check_result, self.timeline, self.table_values, self.delay_values,
            self.update_result, *self.planes,
        )  # fmt: skip
        return bool(self.failures) or any(one is not None and one.marked for one in found)


def compute_report_data(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    check_result: CheckResult | None = None,
    flips: bool = True,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: ProgressCallback | None = None,
    on_stage: StageCallback | None = None,
) -> ReportData:
    """Compute everything that a report of a case tells.

    check_result   the claims, if they have been checked already
    flips     whether to look for what turns each claim, the longest part
    on_stage  called with the name of each part before it is computed

    Bands and worths are from at most 64 worlds, waiting from the best estimates alone.
    """
    say = on_stage or (lambda _: None)
    charted = min(worlds, MOST_CHART_WORLDS)
    if check_result is None:
        say("claims, and what turns them")
        check_result = check(
            case, worlds, seed,
            flips=flips, grid=grid, memory=memory, workers=workers, progress=progress,
        )  # fmt: skip
    say("paths")
    course = timeline_quantiles(
        case, charted, seed, grid=grid, memory=memory, workers=workers, progress=progress
    )
    tables = delays = None
    if case.tables:
        say("what tables are worth")
        tables = table_values(
            case, charted, seed, grid=grid, memory=memory, workers=workers, progress=progress
        )
        say("who gains from waiting")
        delays = delay_values(case, grid=grid, memory=memory, workers=workers)
    missing: list[str] = []
    say("why")
    reasons = tuple(_explain_decisions(case, grid, memory, missing))
    say("planes")
    planes = tuple(
        threshold_plane(
            case, v.claim.id, *v.turning_pair.unknowns,
            points=PLANE_POINTS_PER_AXIS, grid=grid, memory=memory,
            workers=workers, progress=progress,
        )
        for v in _verdicts_with_pairs(check_result)
        if v.turning_pair is not None
    )  # fmt: skip
    happened = None
    if case.events:
        say("before and after the events")
        try:
            happened = update(
                case, charted, seed,
                grid=grid, memory=memory, workers=workers, progress=progress,
            )  # fmt: skip
        except CeasefireError as error:
            missing.append(f"The events: {error}")
    return ReportData(
        case, standalone_case_text(case), check_result, base_rates_of_claims(case), course, tables,
        delays, planes, reasons, happened, tuple(missing),
    )  # fmt: skip


def standalone_case_text(case: Case) -> str:
    """The case as its author wrote it if that stands alone, else with every default filled in."""
    try:
        text = Path(case.file).read_text(encoding="utf-8-sig")
        if "extends" not in text and loads(text) == case:
            return text
    except (OSError, ValueError, CaseError):
        pass
    return dump(case)


def _verdicts_with_pairs(check_result: CheckResult) -> list[ClaimCheck]:
    return [verdict for verdict in check_result.claim_checks if verdict.turning_pair is not None][
        :MOST_THRESHOLD_PLANES
    ]


def _explain_decisions(
    case: Case, grid: int | None, memory: float, missing: list[str]
) -> Iterator[Explanation]:
    for party, at in decisions_to_explain(case):
        try:
            found = explain(case, party, at, grid=grid, memory=memory)
        except CeasefireError as error:
            missing.append(f"{party}: {error}")
            continue
        if found.decisions:
            yield found


def decisions_to_explain(case: Case) -> list[tuple[str, dict[str, bool | int | str]]]:
    """Every party at the start, then parties in the states in which claims ask what they do."""
    asked = [q for question in read_claims(case).values() for q in question.quantities]
    pairs = [(party, q.start) for q in asked if q.start for party in _parties_asked_about(case, q)]
    elsewhere = list(dict.fromkeys(pairs))[:MOST_EXPLAINED_STATES]
    return [(party, {}) for party in case.parties] + [(p, dict(s)) for p, s in elsewhere]


def _parties_asked_about(case: Case, quantity: Quantity) -> Iterator[str]:
    if quantity.kind == "signs":
        yield quantity.party
    if quantity.kind == "kept":
        yield case.promises[quantity.subject].by
    if quantity.kind == "plays" and quantity.subject in case.moves:
        yield case.moves[quantity.subject].party
    for formula in (quantity.formula, quantity.provided):
        for condition in conditions_of_formula(formula) if formula is not None else ():
            for event in sorted(condition.events) if isinstance(condition, EventCondition) else ():
                if event in case.moves:
                    yield case.moves[event].party

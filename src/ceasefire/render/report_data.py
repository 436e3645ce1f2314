"""What a report of a case tells: which results are computed for it, and from how many worlds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, TypeVar

from ceasefire.case import Case, dump, loads
from ceasefire.ensemble import (
    CheckResult,
    ChooseResult,
    TableValues,
    ThresholdPlane,
    TimelineQuantiles,
    check,
    choose,
    delay_values,
    table_values,
    threshold_plane,
    timeline_quantiles,
)
from ceasefire.errors import CaseError, CeasefireError
from ceasefire.evidence import UpdateResult, check_today, update
from ceasefire.forecasts import ClaimBaseRate, base_rates_of_claims
from ceasefire.query import Explanation, Question, explain
from ceasefire.query.ast import EventCondition, Quantity, conditions_of_formula
from ceasefire.results import Markable
from ceasefire.settings import DEFAULT_SETTINGS, QUICK_SECONDS, SolveSettings
from ceasefire.stopping import TimeLimit, keep_results, limited_to_share, stop_if_asked

MOST_CHART_WORLDS = 64  # worlds of a chart: a band needs fewer than a share
MOST_EXPLAINED_STATES = 8  # explanations besides those of the start
MOST_THRESHOLD_PLANES = 2
PLANE_POINTS_PER_AXIS = 7
SECONDS_FOR_THE_REST = 5.0  # of a quick report, after the claims

PartT = TypeVar("PartT")

ProgressCallback = Callable[[int, int], None]
StageCallback = Callable[[str], None]


class _SharedArguments(TypedDict):
    """Keyword arguments that all computations of a report take."""

    grid: int | None
    memory: float
    workers: int | None


@dataclass(frozen=True)
class ReportData(Markable):
    """What a report is made of; what was not computed is None or empty.

    case           the case
    text           the case as YAML that can be run again
    check_result   each claim: its share of worlds and what turns it
    base_rates     {claim: base rate} of the claims that name one
    timeline       conditions and beliefs over time
    table_values   what each party gains from each table
    delay_values   what each party gains if a table is closed at first
    planes         a claim over two unknowns, for claims that two unknowns turn together
    explanations   what each party does at the start, then in states that claims ask about
    update_result  the claims before and after the events
    choice         what each lever does to the goal that was named
    failures       what could not be computed, and why
    edits          how the case differs from what its author wrote
    today          the period that begins on the day from which claims are asked, 0 being the
                   start; None where nobody has said, so that the events come after the rest
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
    choice: ChooseResult | None = None
    failures: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    today: int | None = None

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What could not be computed, and what marks the results."""
        results = (
            self.check_result, self.timeline, self.table_values, self.delay_values,
            self.update_result, self.choice, *self.planes,
        )  # fmt: skip
        marked = (result for result in results if result is not None)
        return (*self.failures, *(reason for result in marked for reason in result.mark_reasons))


def compute_report_data(
    case: Case,
    worlds: int = 256,
    seed: int = 0,
    *,
    check_result: CheckResult | None = None,
    goal: str | None = None,
    flips: bool = True,
    budget: float | None = None,
    quick: bool = False,
    settings: SolveSettings = DEFAULT_SETTINGS,
    workers: int | None = None,
    progress: ProgressCallback | None = None,
    on_stage: StageCallback | None = None,
    today: int | None = None,
) -> ReportData:
    """Compute everything that a report of a case tells.

    case          the case
    worlds        worlds of the claims; bands, table values, levers and the update use at most 64 of
                  them, delay values the best estimates alone
    seed          which worlds are drawn
    check_result  the claims, if they have been checked already
    goal          the claim, test or number by which levers are compared; not compared if None
    flips         whether to look for what turns each claim, the longest part
    budget        seconds after which that search ends, None for as long as it takes
    quick         whether to check as much as takes about 20 seconds and leave out what comes after
                  that
    settings      how large a solution may be
    workers       processes, one for each core if None
    progress      called with the count done and the count to do
    on_stage      called with the name of each part before it is computed
    today         the period that begins on the day from which the claims are asked, as `update` has
                  it; 0 leaves the events out, None takes the day after the last of them

    Raises CeasefireError where the case cannot be solved or does not reach that day; what fails
    for an explanation or the update alone is listed in `failures`.
    """
    if today:
        check_today(case, today)
    begin = on_stage or (lambda _: None)
    limit = TimeLimit(QUICK_SECONDS + SECONDS_FOR_THE_REST) if quick else None
    shared: _SharedArguments = {
        "grid": settings.grid,
        "memory": settings.memory,
        "workers": workers,
    }
    charted = min(worlds, MOST_CHART_WORLDS)
    failures: list[str] = []
    choice = None
    if goal is not None:
        begin("what could be decided")
        choice = choose(
            case, goal, worlds=charted, seed=seed,
            tolerance=settings.tolerance, progress=progress, **shared,
        )  # fmt: skip
    if check_result is None:
        begin("claims, and what turns them")
        check_result = check(
            case, worlds, seed,
            flips=flips, budget=budget, quick=quick, tolerance=settings.tolerance,
            progress=progress, **shared,
        )  # fmt: skip

    def part(title: str, compute: Callable[[], PartT]) -> PartT | None:
        begin(title)
        try:
            with limited_to_share(limit):
                stop_if_asked()
                return compute()
        except KeyboardInterrupt:
            failures.append(f"Left out, for the report was stopped before: {title}.")
            return None

    keep_results()
    timeline = part(
        "what is likely when",
        lambda: timeline_quantiles(case, charted, seed, progress=progress, **shared),
    )
    tables = delays = None
    on_grid: _SharedArguments = {
        **shared,
        "grid": shared["grid"] or check_result.numerics.grid_size,
    }
    if case.tables:
        tables = part(
            "what tables are worth",
            lambda: table_values(case, charted, seed, progress=progress, **on_grid),
        )
        delays = part("who gains from waiting", lambda: delay_values(case, **on_grid))
    questions = [one.question for one in check_result.claim_checks]
    explanations = part(
        "why parties do what they do",
        lambda: tuple(_explain_decisions(case, questions, settings, failures)),
    )
    planes = part(
        "two unknowns at once",
        lambda: tuple(_compute_planes(case, check_result, progress, shared)),
    )
    updated = None
    if today or (case.events and today is None):
        try:
            updated = part(
                "before and after the events",
                lambda: update(case, charted, seed, progress=progress, today=today, **shared),
            )
        except CeasefireError as error:
            failures.append(f"The events: {error}")
    return ReportData(
        case, standalone_case_text(case), check_result, base_rates_of_claims(case), timeline,
        tables, delays, planes or (), explanations or (), updated, choice, tuple(failures),
        today=today,
    )  # fmt: skip


def standalone_case_text(case: Case) -> str:
    """The case's own file if it needs no other file, else the case with every default filled in."""
    try:
        text = Path(case.file).read_text(encoding="utf-8-sig")
        if "extends" not in text and loads(text) == case:
            return text
    except (OSError, ValueError, CaseError):
        pass
    return dump(case)


def _compute_planes(
    case: Case,
    check_result: CheckResult,
    progress: ProgressCallback | None,
    shared: _SharedArguments,
) -> Iterator[ThresholdPlane]:
    """The planes of the first claims that two unknowns turn together."""
    pairs = [
        (claim_check.id, change.unknowns)
        for claim_check in check_result.claim_checks
        if (change := claim_check.joint_turning_point) and len(change.unknowns) == 2
    ]
    for claim, unknowns in pairs[:MOST_THRESHOLD_PLANES]:
        yield threshold_plane(
            case, claim, *unknowns, points=PLANE_POINTS_PER_AXIS, progress=progress, **shared
        )


def _explain_decisions(
    case: Case, questions: Iterable[Question], settings: SolveSettings, failures: list[str]
) -> Iterator[Explanation]:
    for party, state in decisions_to_explain(case, questions):
        try:
            explanation = explain(case, party, state, grid=settings.grid, memory=settings.memory)
        except CeasefireError as error:
            failures.append(f"{party}: {error}")
            continue
        if explanation.decisions:
            yield explanation


def decisions_to_explain(
    case: Case, questions: Iterable[Question]
) -> list[tuple[str, dict[str, bool | int | str]]]:
    """Whose decisions a report explains, and where: (party, state by variable).

    case       the case
    questions  the tests of its claims

    Every party at the start (an empty state), then at most 8 pairs of a party and a state in which
    a claim asks what it does.
    """
    quantities = [q for question in questions for q in question.quantities]
    pairs = dict.fromkeys(
        (party, quantity.start)
        for quantity in quantities
        if quantity.start
        for party in _parties_asked_about(case, quantity)
    )
    elsewhere = list(pairs)[:MOST_EXPLAINED_STATES]
    at_start: list[tuple[str, dict[str, bool | int | str]]] = [(p, {}) for p in case.parties]
    return at_start + [(party, dict(state)) for party, state in elsewhere]


def _parties_asked_about(case: Case, quantity: Quantity) -> Iterator[str]:
    if quantity.kind == "signs":
        yield quantity.party
    if quantity.kind == "kept":
        yield case.promises[quantity.subject].by
    if quantity.kind == "plays" and quantity.subject.split(".")[0] in case.actors:
        yield quantity.subject.split(".")[0]
    for formula in (quantity.formula, quantity.provided):
        for condition in conditions_of_formula(formula) if formula is not None else ():
            for event in sorted(condition.events) if isinstance(condition, EventCondition) else ():
                if event in case.moves:
                    yield case.moves[event].party

"""What a worker process does for a page: one function for each kind of question.

Games are kept from question to question, so that moving an unknown solves and does not build.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from markupsafe import Markup, escape

from ceasefire.case import Case, digest
from ceasefire.ensemble import (
    TimelineQuantiles,
    TurningPoint,
    check,
    choose,
    read_turning_points,
    timeline_quantiles,
)
from ceasefire.ensemble.check_claims import SharesSoFar, summarise_claims
from ceasefire.ensemble.executors import end_local_workers
from ceasefire.ensemble.game_validation import build_validated_game
from ceasefire.ensemble.run import EnsembleRun
from ceasefire.evidence import ComparisonResult, UpdateResult, compare, update
from ceasefire.query import (
    Explanation,
    QuantityValue,
    QueryPlan,
    WorldResult,
    explain,
    plan_questions,
    read_claims,
)
from ceasefire.query.ast import Quantity
from ceasefire.query.grid_refinement import with_fine_enough_grid
from ceasefire.query.plan import ReadSettings
from ceasefire.render.brief import brief_as_docx, brief_as_pptx, brief_of, report_pictures
from ceasefire.render.charts_argument import argument_map, describe_argument_map
from ceasefire.render.charts_claims import (
    claim_shares_chart,
    claim_update_chart,
    lever_choice_chart,
)
from ceasefire.render.console import result_document
from ceasefire.render.formatting import substitute_values
from ceasefire.render.report import render_report
from ceasefire.render.report_data import compute_report_data
from ceasefire.render.tables_check import check_warnings
from ceasefire.settings import SolveSettings
from ceasefire.web.chart_fragments import ChartRequest, figure_html, render_chart_html
from ceasefire.web.edited_case import EditedCase, describe_edits
from ceasefire.web.worker_results import (
    BestEstimateClaim,
    BestEstimateTaskResult,
    CheckTaskResult,
    ChooseTaskResult,
    ClaimTurningPoints,
    PartialShares,
    ReportDocuments,
    TaskProgress,
    UpdateTaskResult,
)

SHARES_DESCRIPTION = "The share of worlds in which each claim is true, as in the list of the claims"
PARTIAL_RESULT_SECONDS = 0.25  # seconds after which claims that are known are said

MessageCallback = Callable[[Any], None]


@contextmanager
def _workers_ended() -> Generator[None, None, None]:
    """Leave no process of a run behind: the next task may not want any, for minutes."""
    try:
        yield
    finally:
        end_local_workers()


def read_case_task(
    send_message: MessageCallback, edited_case: EditedCase, settings: SolveSettings
) -> Case:
    """Read a text; case and digest are said at once, the numbers of every state looked at after.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    """
    case = _cached_case(edited_case.without_fixed_unknowns)
    send_message((case, digest(case)))
    build_validated_game(case, settings)
    return case


def best_estimates_task(
    send_message: MessageCallback, edited_case: EditedCase, settings: SolveSettings
) -> BestEstimateTaskResult:
    """Test every claim where the unknowns are now; each is said when its last game is solved.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    """
    began = time.process_time()
    prepared, names = _cached_query_plan(edited_case.without_fixed_unknowns, settings)
    solutions, oracles = (
        prepared.solutions_by_quantity(),
        prepared.evaluators(ReadSettings(dict(edited_case.fixed_unknowns))),
    )
    answers: dict[Quantity, QuantityValue] = {}
    fresh: list[int] = []
    last_message_at = time.perf_counter()

    def games(number: int) -> int:
        return len({solutions[quantity] for quantity in prepared.questions[number].quantities})

    order = sorted(range(len(names)), key=games)
    for done, number in enumerate(order, 1):
        for quantity in prepared.questions[number].quantities:
            if quantity not in answers:
                answers[quantity] = oracles[solutions[quantity]].value_of(quantity)
        fresh.append(number)
        if time.perf_counter() - last_message_at > PARTIAL_RESULT_SECONDS and done < len(order):
            part = prepared.restricted_to(fresh)
            send_message(
                _best_estimate_result(
                    part, [names[n] for n in fresh], part.assemble_result(answers, oracles)
                ).claims
            )
            send_message(TaskProgress(done, len(order), unit="claims"))
            fresh, last_message_at = [], time.perf_counter()
    answered = prepared.with_doubts(prepared.assemble_result(answers, oracles), oracles)
    result = _best_estimate_result(prepared, names, answered)
    return BestEstimateTaskResult(result.claims, result.numerics, time.process_time() - began)


def written_case_task(
    send_message: MessageCallback, edited_case: EditedCase, settings: SolveSettings
) -> tuple[Case, str, BestEstimateTaskResult]:
    """A case as it is written, its digest and its claims, its numbers looked at in every state.

    send_message  called with what is known on the way
    edited_case   the case as it is written
    settings      how large a solution may be
    """
    case = _cached_case(edited_case)
    build_validated_game(case, settings)
    return case, digest(case), best_estimates_task(send_message, edited_case, settings)


@_workers_ended()
def check_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    worlds: int,
    workers: int = 1,
) -> CheckTaskResult:
    """The shares over worlds; an interrupt ends it and keeps the worlds that are done.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    worlds        how many worlds
    workers       how many processes compute them
    """
    case = edited_case.build_case()
    parts = _PartSender(send_message)
    last_message_at = 0.0

    def say_shares(tally: SharesSoFar) -> None:
        nonlocal last_message_at
        now = time.perf_counter()
        if now - last_message_at > PARTIAL_RESULT_SECONDS or tally.worlds == worlds:
            last_message_at = now
            send_message(PartialShares(tally.shares(), tally.worlds, worlds))

    done = check(
        case,
        worlds,
        flips=False,
        memory=settings.memory,
        workers=workers,
        on_world=say_shares,
        on_stage=lambda part: parts.begin(part, unit=""),
        progress=parts.count,
    )
    checked = result_document(case, done.as_json(), check_warnings(done))
    document_ = json.dumps(checked, indent=2, ensure_ascii=False)
    return CheckTaskResult(
        done,
        document_,
        figure_html(claim_shares_chart(done), SHARES_DESCRIPTION),
        figure_html(argument_map(done), describe_argument_map(done)),
    )


@_workers_ended()
def turning_points_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    workers: int = 1,
) -> ClaimTurningPoints:
    """What turns each claim, one unknown after the other; each is said when it has been read.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    workers       how many processes read, each along an unknown
    """
    plan, names = _cached_query_plan(edited_case.without_fixed_unknowns, settings)
    found: dict[str, list[TurningPoint]] = {name: [] for name in names}
    result = ClaimTurningPoints({}, 0, 0)
    for read, wanted, points in read_turning_points(plan, plan.evaluate_world({}), workers):
        for number, point in points.items():
            found[names[number]].append(point)
        nearest_first = {
            name: tuple(sorted(each, key=lambda point: point.relative_distance))
            for name, each in found.items()
        }
        result = ClaimTurningPoints(nearest_first, read, wanted)
        send_message(result)
    return result


def timeline_task(
    send_message: MessageCallback, edited_case: EditedCase, settings: SolveSettings, worlds: int
) -> TimelineQuantiles:
    """What is likely when: at the best estimates and, with `worlds`, in that many.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    worlds        how many worlds the band is from; 0 for the best estimates alone
    """
    return timeline_quantiles(
        edited_case.build_case(),
        worlds,
        memory=settings.memory,
        workers=1,
        progress=_progress_sender(send_message),
    )


def chart_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    request: ChartRequest,
) -> Markup:
    """A chart of the case as it stands on the page.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    request       which chart it is
    """
    return render_chart_html(
        edited_case.build_case(), request, settings, _progress_sender(send_message)
    )


@_workers_ended()
def report_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    worlds: int,
    flips: bool,
    workers: int = 1,
) -> ReportDocuments:
    """The report of the case as it stands on the page, as a page, a brief, a slide and pictures.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    worlds        how many worlds; 0 for the best estimates alone
    flips         whether to look for what turns each claim
    workers       how many processes compute the worlds
    """
    parts = _PartSender(send_message)
    report_data = compute_report_data(
        edited_case.build_case(),
        worlds,
        flips=flips,
        settings=settings,
        workers=workers,
        progress=parts.count,
        on_stage=parts.begin,
        today=edited_case.today,
    )
    report_data = replace(report_data, edits=describe_edits(edited_case))
    parts.begin("the documents")
    page = render_report(report_data).replace(f"{escape(edited_case.folder)}/", "")
    brief = brief_of(report_data)
    office = all(find_spec(name) is not None for name in ("docx", "pptx"))
    return ReportDocuments(
        page,
        brief_as_docx(brief) if office else None,
        brief_as_pptx(brief) if office else None,
        _zipped(report_pictures(report_data)),
    )


def _zipped(pictures: Mapping[str, bytes]) -> bytes:
    """Pictures in one archive; the same pictures give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, picture in pictures.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.png"), picture)
    return stream.getvalue()


def explain_task(
    _: MessageCallback, edited_case: EditedCase, settings: SolveSettings, party: str, at: str
) -> Explanation:
    """What a party would do in a state, and why.

    edited_case  the case as it stands on the page
    settings     how large a solution may be
    party        the name of the party
    at           the state, as `name=value, name=value`; if empty, the start or where the party is
                 likeliest to decide first
    """
    return explain(
        _cached_case(edited_case.without_fixed_unknowns),
        party,
        at,
        world=dict(edited_case.fixed_unknowns),
        memory=settings.memory,
    )


@_workers_ended()
def update_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    worlds: int,
    workers: int = 1,
) -> UpdateTaskResult:
    """What the events make of beliefs and claims.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    worlds        how many worlds; 0 for the best estimates alone
    workers       how many processes compute them
    """

    def shown(result: UpdateResult) -> UpdateTaskResult:
        chart = claim_update_chart(result)
        return UpdateTaskResult(result, figure_html(chart, "Shares before and after the events"))

    result = update(
        edited_case.build_case(),
        worlds,
        memory=settings.memory,
        workers=workers,
        progress=_progress_sender(send_message),
        today=edited_case.today,
        on_best=None if worlds else lambda found: send_message(shown(found)),
    )
    return shown(result)


def choose_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    goal: str,
    worlds: int,
) -> ChooseTaskResult:
    """What each lever of the case does to a goal.

    send_message  called with what is known on the way
    edited_case   the case as it stands on the page
    settings      how large a solution may be
    goal          a claim, a test or a number
    worlds        how many worlds; 0 for the best estimates alone
    """
    result = choose(
        edited_case.build_case(),
        goal,
        worlds=worlds,
        memory=settings.memory,
        workers=1,
        progress=_progress_sender(send_message),
    )
    return ChooseTaskResult(
        result, figure_html(lever_choice_chart(result), "The goal under each lever, as below")
    )


def compare_task(
    send_message: MessageCallback,
    edited_case: EditedCase,
    settings: SolveSettings,
    other_cases: tuple[EditedCase, ...],
    worlds: int,
) -> ComparisonResult:
    """Which of several cases the events favour.

    send_message  called with what is known on the way
    edited_case   one case
    settings      how large a solution may be
    other_cases   the cases it is compared with
    worlds        how many worlds; 0 for the best estimates alone
    """
    cases = [each.build_case() for each in (edited_case, *other_cases)]
    return compare(
        *cases,
        worlds=worlds,
        memory=settings.memory,
        workers=1,
        progress=_progress_sender(send_message),
    )


class _PartSender:
    """Says which part of a task is under way, and how far it is."""

    def __init__(self, send_message: MessageCallback) -> None:
        self.send_message, self.part, self.unit = send_message, "", "readings"

    def begin(self, part: str, unit: str = "readings") -> None:
        """A part that begins, in words, and what is counted of it."""
        self.part, self.unit = part, unit
        self.count(0, 0)

    def count(self, done: int, total: int) -> None:
        """How much of the part is done, and of how much."""
        self.send_message(TaskProgress(done, total, self.part, self.unit))


def _progress_sender(send_message: MessageCallback) -> Callable[[int, int], None]:
    return lambda done, total: send_message(TaskProgress(done, total))


@lru_cache(maxsize=4)
def _cached_case(edited_case: EditedCase) -> Case:
    return edited_case.build_case()


@lru_cache(maxsize=2)
def _cached_query_plan(
    edited_case: EditedCase, settings: SolveSettings
) -> tuple[QueryPlan, list[str]]:
    """Every claim made ready, and their names."""
    case = _cached_case(edited_case)
    questions = read_claims(case)
    plan = plan_questions(case, tuple(questions.values()), settings)
    return with_fine_enough_grid(plan), list(questions)


def _best_estimate_result(
    plan: QueryPlan, names: list[str], world_result: WorldResult
) -> BestEstimateTaskResult:
    run = EnsembleRun(plan, world_result)
    lines = {}
    for claim in summarise_claims(run, names):
        values = [quantity.value for quantity in claim.quantities]
        lines[claim.id] = BestEstimateClaim(claim, substitute_values(claim.question, values))
    return BestEstimateTaskResult(lines, run.numerics, 0.0)

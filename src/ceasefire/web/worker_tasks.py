"""What a worker process does for a page: one function for each kind of question.

Games are kept from question to question, so that moving an unknown solves and does not build.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import Any

from ceasefire.case import Case, digest
from ceasefire.ensemble import check
from ceasefire.ensemble.game_validation import build_validated_game
from ceasefire.evidence import ComparisonResult, compare, update
from ceasefire.query import (
    Explanation,
    QuantityValue,
    QueryPlan,
    WorldResult,
    explain,
    plan_questions,
    read_claims,
)
from ceasefire.query.answers import build_claim_answers
from ceasefire.query.ast import Quantity
from ceasefire.query.numerical_quality import RefinementChecks
from ceasefire.render.charts_claims import claim_shares_chart, claim_update_chart
from ceasefire.render.console import result_document
from ceasefire.render.formatting import substitute_values
from ceasefire.render.report import render_report
from ceasefire.render.report_data import compute_report_data
from ceasefire.web.chart_fragments import ChartRequest, figure_html, render_chart_html
from ceasefire.web.edited_case import EditedCase, describe_edits
from ceasefire.web.worker_results import (
    BestEstimateClaim,
    BestEstimateTaskResult,
    CheckTaskResult,
    TaskProgress,
    UpdateTaskResult,
)

PARTIAL_RESULT_SECONDS = 0.25  # seconds after which claims that are known are said

MessageCallback = Callable[[Any], None]


def read_case_task(say: MessageCallback, draft: EditedCase, memory: float) -> Case:
    """Read a text; case and digest are said at once, the numbers of every state looked at after."""
    case = _cached_case(draft.settled)
    say((case, digest(case)))
    build_validated_game(case, memory)
    return case


def best_estimates_task(
    say: MessageCallback, draft: EditedCase, memory: float
) -> BestEstimateTaskResult:
    """Test every claim where the unknowns are now; each is said when its last game is solved."""
    began = time.perf_counter()
    prepared, names = _cached_query_plan(draft.settled, memory)
    asked, oracles = prepared.asked(), prepared.oracles(dict(draft.moved))
    answers: dict[Quantity, QuantityValue] = {}
    fresh: list[int] = []
    told = began

    def games(number: int) -> int:
        return len({asked[quantity] for quantity in prepared.questions[number].quantities})

    order = sorted(range(len(names)), key=games)
    for done, number in enumerate(order, 1):
        for quantity in prepared.questions[number].quantities:
            if quantity not in answers:
                answers[quantity] = oracles[asked[quantity]].read(quantity)
        fresh.append(number)
        if time.perf_counter() - told > PARTIAL_RESULT_SECONDS and done < len(order):
            part = prepared.only(fresh)
            say(
                _best_estimate_result(
                    part, [names[n] for n in fresh], part.sheet(answers, oracles)
                ).lines
            )
            say(TaskProgress(done, len(order), unit="claims"))
            fresh, told = [], time.perf_counter()
    found = _best_estimate_result(prepared, names, prepared.sheet(answers, oracles))
    return BestEstimateTaskResult(found.lines, found.numerics, time.perf_counter() - began)


def written_case_task(
    say: MessageCallback, draft: EditedCase, memory: float
) -> tuple[Case, str, BestEstimateTaskResult]:
    """A case as it is written, its digest and its claims, its numbers looked at in every state."""
    case = _cached_case(draft)
    build_validated_game(case, memory)
    return case, digest(case), best_estimates_task(say, draft, memory)


def check_task(
    say: MessageCallback, draft: EditedCase, memory: float, worlds: int
) -> CheckTaskResult:
    """The shares over worlds; an interrupt ends it and keeps the worlds that are done."""
    case = draft.case()
    done = check(
        case, worlds, flips=False, memory=memory, workers=1, progress=_progress_sender(say)
    )
    told = "Share of worlds of each claim, as in the list above"
    document_ = json.dumps(result_document(case, done.as_json()), indent=2, ensure_ascii=False)
    return CheckTaskResult(done, document_, figure_html(claim_shares_chart(done), told))


def chart_task(say: MessageCallback, draft: EditedCase, memory: float, wanted: ChartRequest) -> str:
    """A chart of the case as it stands on the page."""
    return render_chart_html(draft.case(), wanted, memory, _progress_sender(say))


def report_task(
    say: MessageCallback, draft: EditedCase, memory: float, worlds: int, flips: bool
) -> str:
    """The report of the case as it stands on the page, as one HTML document."""
    stage = ""

    def begun(part: str) -> None:
        nonlocal stage
        stage = part
        say(TaskProgress(0, 0, stage))

    found = compute_report_data(
        draft.case(),
        worlds,
        flips=flips,
        memory=memory,
        workers=1,
        progress=lambda done, total: say(TaskProgress(done, total, stage)),
        on_stage=begun,
    )
    text = render_report(replace(found, changed=describe_edits(draft)))
    return text.replace(f"{escape(draft.folder)}/", "")


def explain_task(
    _: MessageCallback, draft: EditedCase, memory: float, party: str, at: str
) -> Explanation:
    """What a party would do in a state, and why."""
    return explain(_cached_case(draft.settled), party, at, world=dict(draft.moved), memory=memory)


def update_task(
    say: MessageCallback, draft: EditedCase, memory: float, worlds: int
) -> UpdateTaskResult:
    """What the events make of beliefs and claims."""
    found = update(draft.case(), worlds, memory=memory, workers=1, progress=_progress_sender(say))
    return UpdateTaskResult(
        found, figure_html(claim_update_chart(found), "Shares before and after the events")
    )


def compare_task(
    say: MessageCallback, draft: EditedCase, memory: float, other: EditedCase, worlds: int
) -> ComparisonResult:
    """Which of two cases the events favour."""
    cases = draft.case(), other.case()
    return compare(*cases, worlds=worlds, memory=memory, workers=1, progress=_progress_sender(say))


def _progress_sender(say: MessageCallback) -> Callable[[int, int], None]:
    return lambda done, total: say(TaskProgress(done, total))


@lru_cache(maxsize=4)
def _cached_case(draft: EditedCase) -> Case:
    return draft.case()


@lru_cache(maxsize=2)
def _cached_query_plan(draft: EditedCase, memory: float) -> tuple[QueryPlan, list[str]]:
    """Every claim made ready, and their names."""
    case = _cached_case(draft)
    questions = read_claims(case)
    return plan_questions(case, tuple(questions.values()), memory=memory), list(questions)


def _best_estimate_result(
    prepared: QueryPlan, names: list[str], sheet: WorldResult
) -> BestEstimateTaskResult:
    nothing = RefinementChecks(hidden=sheet.grid is not None)
    lines = {}
    answers = build_claim_answers(prepared, names, sheet, nothing, {})
    for answer, question in zip(answers, prepared.questions, strict=True):
        values = [figure.value for figure in answer.quantities]
        lines[answer.id] = BestEstimateClaim(answer, substitute_values(question, values))
    return BestEstimateTaskResult(lines, nothing.numerics(sheet), 0.0)

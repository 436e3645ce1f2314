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

from ceasefire.ask import (
    Explanation,
    Prepared,
    Reading,
    Sheet,
    explain,
    prepare,
    read_claims,
)
from ceasefire.ask.certificate import Checks
from ceasefire.ask.claims import claim_answers
from ceasefire.ask.question import Quantity
from ceasefire.case import Case, digest
from ceasefire.evidence import Compared, compare, update
from ceasefire.show.arithmetic import in_numbers
from ceasefire.show.chart_claims import shares_chart
from ceasefire.show.chart_events import events_chart
from ceasefire.show.doors import document
from ceasefire.show.findings import gather
from ceasefire.show.report import report
from ceasefire.web.draft import Draft, in_words
from ceasefire.web.figures import Wanted, drawn, placed
from ceasefire.web.found import Best, Followed, Line, Progress, Shares
from ceasefire.worlds import check
from ceasefire.worlds.faults import checked

OFTEN = 0.25  # seconds after which claims that are known are said

Say = Callable[[Any], None]


def open_case(say: Say, draft: Draft, memory: float) -> Case:
    """Read a text; case and digest are said at once, the numbers of every state looked at after."""
    case = _case(draft.settled)
    say((case, digest(case)))
    checked(case, memory)
    return case


def best(say: Say, draft: Draft, memory: float) -> Best:
    """Test every claim where the unknowns are now; each is said when its last game is solved."""
    began = time.perf_counter()
    prepared, names = _prepared(draft.settled, memory)
    asked, oracles = prepared.asked(), prepared.oracles(dict(draft.moved))
    answers: dict[Quantity, Reading] = {}
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
        if time.perf_counter() - told > OFTEN and done < len(order):
            part = prepared.only(fresh)
            say(_lines(part, [names[n] for n in fresh], part.sheet(answers, oracles)).lines)
            say(Progress(done, len(order), unit="claims"))
            fresh, told = [], time.perf_counter()
    found = _lines(prepared, names, prepared.sheet(answers, oracles))
    return Best(found.lines, found.numerics, time.perf_counter() - began)


def written(say: Say, draft: Draft, memory: float) -> tuple[Case, str, Best]:
    """A case as it is written, its digest and its claims, its numbers looked at in every state."""
    case = _case(draft)
    checked(case, memory)
    return case, digest(case), best(say, draft, memory)


def shares(say: Say, draft: Draft, memory: float, worlds: int) -> Shares:
    """The shares over worlds; an interrupt ends it and keeps the worlds that are done."""
    case = draft.case()
    done = check(case, worlds, flips=False, memory=memory, workers=1, progress=_teller(say))
    told = "Share of worlds of each claim, as in the list above"
    document_ = json.dumps(document(case, done.as_json()), indent=2, ensure_ascii=False)
    return Shares(done, document_, placed(shares_chart(done), told))


def chart(say: Say, draft: Draft, memory: float, wanted: Wanted) -> str:
    """A chart of the case as it stands on the page."""
    return drawn(draft.case(), wanted, memory, _teller(say))


def page(say: Say, draft: Draft, memory: float, worlds: int, flips: bool) -> str:
    """The report of the case as it stands on the page, as one HTML document."""
    stage = ""

    def begun(part: str) -> None:
        nonlocal stage
        stage = part
        say(Progress(0, 0, stage))

    found = gather(
        draft.case(),
        worlds,
        flips=flips,
        memory=memory,
        workers=1,
        progress=lambda done, total: say(Progress(done, total, stage)),
        on_stage=begun,
    )
    text = report(replace(found, changed=in_words(draft)))
    return text.replace(f"{escape(draft.folder)}/", "")


def reasons(_: Say, draft: Draft, memory: float, party: str, at: str) -> Explanation:
    """What a party would do in a state, and why."""
    return explain(_case(draft.settled), party, at, world=dict(draft.moved), memory=memory)


def happened(say: Say, draft: Draft, memory: float, worlds: int) -> Followed:
    """What the events make of beliefs and claims."""
    found = update(draft.case(), worlds, memory=memory, workers=1, progress=_teller(say))
    return Followed(found, placed(events_chart(found), "Shares before and after the events"))


def rivals(say: Say, draft: Draft, memory: float, other: Draft, worlds: int) -> Compared:
    """Which of two cases the events favour."""
    cases = draft.case(), other.case()
    return compare(*cases, worlds=worlds, memory=memory, workers=1, progress=_teller(say))


def _teller(say: Say) -> Callable[[int, int], None]:
    return lambda done, total: say(Progress(done, total))


@lru_cache(maxsize=4)
def _case(draft: Draft) -> Case:
    return draft.case()


@lru_cache(maxsize=2)
def _prepared(draft: Draft, memory: float) -> tuple[Prepared, list[str]]:
    """Every claim made ready, and their names."""
    case = _case(draft)
    questions = read_claims(case)
    return prepare(case, tuple(questions.values()), memory=memory), list(questions)


def _lines(prepared: Prepared, names: list[str], sheet: Sheet) -> Best:
    nothing = Checks(hidden=sheet.grid is not None)
    lines = {}
    answers = claim_answers(prepared, names, sheet, nothing, {})
    for answer, question in zip(answers, prepared.questions, strict=True):
        values = [figure.value for figure in answer.quantities]
        lines[answer.id] = Line(answer, in_numbers(question, values))
    return Best(lines, nothing.numerics(sheet), 0.0)

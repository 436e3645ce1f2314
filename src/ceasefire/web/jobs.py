"""What a worker process does for a page: one function for each kind of question.

Games are kept from question to question, so that moving an unknown solves and does not build.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ceasefire.ask import (
    ClaimAnswer,
    Explanation,
    Numerics,
    Prepared,
    Question,
    explain,
    prepare,
    read_claims,
)
from ceasefire.ask.certificate import Checks
from ceasefire.ask.claims import claim_answers
from ceasefire.case import Case
from ceasefire.evidence import Updated, update
from ceasefire.show.arithmetic import in_numbers
from ceasefire.show.doors import document
from ceasefire.web.draft import Draft
from ceasefire.worlds import Checked, check
from ceasefire.worlds.faults import checked

Say = Callable[[Any], None]


@dataclass(frozen=True)
class Line:
    """A claim at the best estimates, with its test written in numbers."""

    claim: ClaimAnswer
    numbers: str


@dataclass(frozen=True)
class Best:
    """All claims at best, how good the numbers are, and how long it took."""

    lines: Mapping[str, Line]
    numerics: Numerics
    seconds: float


@dataclass(frozen=True)
class Progress:
    """So many readings of so many are done; `total` is 0 while that is not known."""

    done: int
    total: int
    what: str = ""


@dataclass(frozen=True)
class Shares:
    """What a check found, and the document that `check --json` prints."""

    checked: Checked
    document: str


def open_case(say: Say, draft: Draft, memory: float) -> Case:
    """Read a text; the case is said at once, the numbers of every state are looked at after."""
    case = _case(draft.settled)
    say(case)
    checked(case, memory)
    return case


def best(say: Say, draft: Draft, memory: float) -> Best:
    """Test every claim where the unknowns are now; those that need but one game are said first."""
    began = time.perf_counter()
    prepared, names, simple = _prepared(draft.settled, memory)
    world = dict(draft.moved)
    if simple and len(simple) < len(names):
        first = _lines(prepared.only(simple), [names[n] for n in simple], world)
        say(first.lines)
    found = _lines(prepared, names, world)
    return Best(found.lines, found.numerics, time.perf_counter() - began)


def shares(say: Say, draft: Draft, memory: float, worlds: int) -> Shares:
    """The shares over worlds; an interrupt ends it and keeps the worlds that are done."""
    case = draft.case()
    done = check(
        case,
        worlds,
        flips=False,
        memory=memory,
        workers=1,
        progress=lambda count, total: say(Progress(count, total)),
    )
    return Shares(done, json.dumps(document(case, done.as_json()), indent=2, ensure_ascii=False))


def reasons(_: Say, draft: Draft, memory: float, party: str, at: str) -> Explanation:
    """What a party would do in a state, and why."""
    return explain(_case(draft.settled), party, at, world=dict(draft.moved), memory=memory)


def happened(say: Say, draft: Draft, memory: float, worlds: int) -> Updated:
    """What the events make of beliefs and claims."""
    return update(
        draft.case(),
        worlds,
        memory=memory,
        workers=1,
        progress=lambda count, total: say(Progress(count, total)),
    )


@lru_cache(maxsize=4)
def _case(draft: Draft) -> Case:
    return draft.case()


@lru_cache(maxsize=2)
def _prepared(draft: Draft, memory: float) -> tuple[Prepared, list[str], list[int]]:
    """Every claim made ready, their names, and the numbers of those that need but one game."""
    case = _case(draft)
    questions = read_claims(case)
    prepared = prepare(case, tuple(questions.values()), memory=memory)
    simple = [n for n, question in enumerate(questions.values()) if _simple(question)]
    return prepared, list(questions), simple


def _simple(question: Question) -> bool:
    variants = [quantity.variant for quantity in question.quantities]
    return not any(v.without or v.closed or v.given or v.sharper != 1.0 for v in variants)


def _lines(prepared: Prepared, names: list[str], world: Mapping[str, float]) -> Best:
    sheet = prepared.read(world)
    nothing = Checks(hidden=sheet.grid is not None)
    lines = {}
    answers = claim_answers(prepared, names, sheet, nothing, {})
    for answer, question in zip(answers, prepared.questions, strict=True):
        values = [figure.value for figure in answer.quantities]
        lines[answer.id] = Line(answer, in_numbers(question, values))
    return Best(lines, nothing.numerics(sheet), 0.0)

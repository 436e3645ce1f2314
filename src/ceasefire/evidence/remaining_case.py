"""What is left of a case from a period on: a case of its own that ends at the same date."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ceasefire.case import Case
from ceasefire.case.model import FrozenMapping, clock_name
from ceasefire.game import Game
from ceasefire.query import Question
from ceasefire.query.ast import (
    AtomicFormula,
    EventCondition,
    Formula,
    Quantity,
    StartOverrides,
)


def start_from_state(game: Game, state: int) -> StartOverrides:
    """A public state as a question would name it.

    game   the case as a game
    state  index of the state
    """
    codes = game.states[state]
    variables = game.case.variables_and_promises.items()
    return tuple(
        (name, variable.values[int(code)])
        for (name, variable), code in zip(variables, codes, strict=True)
    )


def question_from_today(
    question: Question, today: int, horizon: int
) -> tuple[Question, tuple[str, ...]]:
    """A question as it is asked today, and what should be said of it.

    question  a question asked from the start
    today     the period that begins now
    horizon   how many periods there are in all

    Formulas that remember look as far as they did; whatever else looks so many periods ahead does
    so from today, and no further than the horizon.
    """
    notes: list[str] = []

    def ask(quantity: Quantity) -> Quantity:
        if remembers(quantity):
            return _remembering(quantity, today, horizon)
        short, quantity_notes = _clip_quantity_to_horizon(quantity, horizon - today)
        notes.extend(f"{quantity.text} {what}" for what in quantity_notes)
        return short

    return question.with_quantities(ask), tuple(dict.fromkeys(notes))


def formulas_remembered(quantity: Quantity) -> tuple[Formula, ...]:
    """The formulas of a quantity that count what has happened since period 0; often none.

    quantity  a quantity

    Where `start=` or `after=` supposes another course of events, nothing that has happened belongs
    to it; `kept`, which supposes its promise and nothing else, remembers.
    """
    if quantity.after:
        return ()
    if quantity.kind == "kept":
        if {name for name, _ in quantity.start} - {quantity.subject, clock_name(quantity.subject)}:
            return ()
        broken = EventCondition(frozenset({f"broken:{quantity.subject}"}))
        return (AtomicFormula("eventually", (broken,)),)
    if quantity.start:
        return ()
    if quantity.kind == "time":
        assert quantity.condition is not None
        return (AtomicFormula("eventually", (quantity.condition,)),)
    asked = {"P": (quantity.formula, quantity.provided), "E": (quantity.provided,)}
    return tuple(formula for formula in asked.get(quantity.kind, ()) if formula is not None)


def remembers(quantity: Quantity) -> bool:
    """Whether what has happened since period 0 counts in a quantity.

    quantity  a quantity asked from the start
    """
    return bool(formulas_remembered(quantity))


def _remembering(quantity: Quantity, today: int, horizon: int) -> Quantity:
    """A quantity asked today that ends when it ended when it was asked from the start."""
    if quantity.periods is None:
        return replace(quantity, remembers=min(today, horizon))
    left = max(0, quantity.periods - today)
    return replace(quantity, periods=left, remembers=min(quantity.periods, today))


def changed_meaning_notes(questions: Mapping[str, Question]) -> tuple[str, ...]:
    """What should be said of claims that count from today although their sentences may not.

    questions  the tests of the claims by their names
    """
    supposing = (
        "suppose another start, or a choice first, begin today: what has happened is no part"
    )
    windows = "look so many periods ahead do so from today, whatever date their sentence names"
    return tuple(
        f"claims that {subject}: {', '.join(names)}"
        for subject, tells in (
            (f"{supposing} of what they suppose", _supposes_another_course),
            (windows, _has_period_window),
        )
        if (names := _claims_where_any_quantity(questions, tells))
    )


def _claims_where_any_quantity(
    questions: Mapping[str, Question], matches: Callable[[Quantity], bool]
) -> list[str]:
    return [
        name
        for name, question in questions.items()
        if any(matches(quantity) for quantity in question.quantities)
    ]


def _supposes_another_course(quantity: Quantity) -> bool:
    reads = quantity.formula or quantity.provided or quantity.condition or quantity.kind == "kept"
    return bool(reads) and not remembers(quantity) and bool(quantity.start or quantity.after)


def _has_period_window(quantity: Quantity) -> bool:
    windowed = quantity.periods is not None or quantity.after_periods is not None
    return windowed and not remembers(quantity) and not quantity.start


def _clip_quantity_to_horizon(quantity: Quantity, horizon: int) -> tuple[Quantity, tuple[str, ...]]:
    """A quantity that looks no further than `horizon` periods ahead, and what should be said."""
    changed, notes = quantity, list[str]()
    for name in ("periods", "after_periods"):
        value = getattr(quantity, name)
        if value is not None and value > horizon:
            changed = replace(changed, **{name: horizon})  # type: ignore[arg-type]
            notes.append(f"looks {horizon} periods ahead instead of {value}: no more are left")
    return changed, tuple(dict.fromkeys(notes))


def truncate_case(case: Case, today: int) -> Case:
    """What is left of a case from a period on: it begins then and ends at the same date.

    case   the case
    today  the period that begins now

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 5
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... moves: {act: {by: a, during: [1, 4]}}
    ... ''')
    >>> rest = truncate_case(case, 3)
    >>> rest.horizon, rest.moves["a.act"].during
    (2, (-2, 1))
    """

    def moved(thing: Any) -> Any:
        if thing.during is None:
            return thing
        return replace(thing, during=(thing.during[0] - today, thing.during[1] - today))

    def every(things: Mapping[str, Any]) -> FrozenMapping[Any]:
        return FrozenMapping({name: moved(thing) for name, thing in things.items()})

    tables = {name: replace(t, deals=every(t.deals)) for name, t in case.tables.items()}
    return replace(
        case,
        horizon=case.horizon - today,
        start=None,
        moves=every(case.moves),
        chance=every(case.chance),
        tables=every(tables),
        events=(),
    )

"""What is left of a case from a period on: a case of its own that ends at the same date."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ceasefire.case import Case
from ceasefire.case.model import FrozenMapping
from ceasefire.game import Game
from ceasefire.query import Question
from ceasefire.query.ast import EventCondition, Quantity, StartOverrides, conditions_of_formula


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


def clip_question_to_horizon(
    question: Question, periods_left: int
) -> tuple[Question, tuple[str, ...]]:
    """A question that looks no further than the horizon, and what should be said of it.

    question      a question asked today
    periods_left  periods from today to the horizon
    """
    notes: list[str] = []

    def clip(quantity: Quantity) -> Quantity:
        short, quantity_notes = _clip_quantity_to_horizon(quantity, periods_left)
        notes.extend(f"{quantity.text} {what}" for what in quantity_notes)
        return short

    return question.with_quantities(clip), tuple(dict.fromkeys(notes))


def changed_meaning_notes(questions: Mapping[str, Question]) -> tuple[str, ...]:
    """What should be said of claims that mean something else when they are asked from today.

    questions  the tests of the claims by their names

    Those that suppose another `start` are not among them: there nothing has happened yet.
    """
    events = "count from today: what has happened before does not count as happening in them"
    windows = "look so many periods ahead do so from today, whatever date their sentence names"
    return tuple(
        f"claims that {subject}: {', '.join(names)}"
        for subject, tells in ((events, _mentions_events), (windows, _has_period_window))
        if (names := _claims_where_any_quantity(questions, tells))
    )


def _claims_where_any_quantity(
    questions: Mapping[str, Question], matches: Callable[[Quantity], bool]
) -> list[str]:
    return [
        name
        for name, question in questions.items()
        if any(matches(quantity) for quantity in question.quantities if not quantity.start)
    ]


def _has_period_window(quantity: Quantity) -> bool:
    return quantity.periods is not None or quantity.after_periods is not None


def _mentions_events(quantity: Quantity) -> bool:
    formulas = [formula for formula in (quantity.formula, quantity.provided) if formula is not None]
    looked = [condition for formula in formulas for condition in conditions_of_formula(formula)]
    return any(isinstance(each, EventCondition) for each in (*looked, quantity.condition))


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

"""What is left of a case from a period on: a case of its own that ends at the same date."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ceasefire.ask import Question
from ceasefire.ask.question import Happening, Quantity, Start, conditions
from ceasefire.case import Case
from ceasefire.case.frozen import Frozen
from ceasefire.game import Game


def start_of(game: Game, state: int) -> Start:
    """A public state as a question would name it."""
    codes = game.states[state]
    variables = game.case.variables.items()
    return tuple(
        (name, variable.values[int(code)])
        for (name, variable), code in zip(variables, codes, strict=True)
    )


def fitted(question: Question, left: int) -> tuple[Question, tuple[str, ...]]:
    """A question that looks no further than the horizon, and what should be said of it."""
    quantities, told = [], []
    for quantity in question.quantities:
        short, said = _shortened(quantity, left)
        quantities.append(short)
        told += [f"{quantity.text} {what}" for what in said]
    return replace(question, quantities=tuple(quantities)), tuple(dict.fromkeys(told))


def counted_anew(questions: Mapping[str, Question]) -> tuple[str, ...]:
    """What should be said of claims that mean something else when they are asked from today.

    Those that suppose another `start` are not among them: there nothing has happened yet.
    """
    events = "count from today: what has happened before does not count as happening in them"
    windows = "look so many periods ahead do so from today, whatever date their sentence names"
    return tuple(
        f"claims that {said}: {', '.join(names)}"
        for said, tells in ((events, _about_events), (windows, _within_periods))
        if (names := _those(questions, tells))
    )


def _those(questions: Mapping[str, Question], tells: Callable[[Quantity], bool]) -> list[str]:
    return [
        name
        for name, question in questions.items()
        if any(tells(quantity) for quantity in question.quantities if not quantity.start)
    ]


def _within_periods(quantity: Quantity) -> bool:
    return quantity.periods is not None or quantity.at is not None


def _about_events(quantity: Quantity) -> bool:
    formulas = [formula for formula in (quantity.formula, quantity.provided) if formula is not None]
    looked = [condition for formula in formulas for condition in conditions(formula)]
    return any(isinstance(each, Happening) for each in (*looked, quantity.condition))


def _shortened(quantity: Quantity, horizon: int) -> tuple[Quantity, tuple[str, ...]]:
    """A quantity that looks no further than `horizon` periods ahead, and what should be said."""
    changed, told = quantity, list[str]()
    for name, value in (("periods", quantity.periods), ("at", quantity.at)):
        if value is not None and value > horizon:
            changed = replace(changed, **{name: horizon})  # type: ignore[arg-type]
            told.append(f"looks {horizon} periods ahead instead of {value}: no more are left")
    return changed, tuple(dict.fromkeys(told))


def rest_of(case: Case, today: int) -> Case:
    """What is left of a case from a period on: it begins then and ends at the same date.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 5
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... moves: {act: {by: a, during: [1, 4]}}
    ... ''')
    >>> rest = rest_of(case, 3)
    >>> rest.horizon, rest.moves["a.act"].during
    (2, (-2, 1))
    """

    def moved(thing: Any) -> Any:
        if thing.during is None:
            return thing
        return replace(thing, during=(thing.during[0] - today, thing.during[1] - today))

    def every(things: Mapping[str, Any]) -> Frozen[Any]:
        return Frozen({name: moved(thing) for name, thing in things.items()})

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

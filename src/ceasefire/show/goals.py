"""The goals of a case's claims, for programs that ask what a coalition can secure."""

from collections.abc import Iterator

import numpy as np

from ceasefire.ask import Question, read_question
from ceasefire.ask.formulas import automaton, state_conditions
from ceasefire.ask.prepare import passes_of
from ceasefire.ask.question import Formula, Quantity, Variant, beliefs
from ceasefire.ask.watch import truth
from ceasefire.case import Case
from ceasefire.exchange import Goal, Watch
from ceasefire.game import Game, build


def goals_of(case: Case, memory: float = 4e9) -> tuple[Game, list[Goal], list[str]]:
    """The game, the goals in its claims, and a sentence for each that has no place in it.

    A goal is the formula of a `can(...)`, with its coalition, or of a `P(...)`, with none.
    """
    asked = list(_asked(case))
    kept = [(claim, q) for claim, q in asked if not _stranger(q)]
    passes = frozenset(party for _, q in kept for party in passes_of(q))
    game = build(case, passes=passes, memory=memory)
    watches: dict[Formula, Watch] = {}
    goals = []
    for claim, quantity in kept:
        formula = quantity.formula
        assert formula is not None
        if formula not in watches:
            watches[formula] = _watch(game, formula)
        goals.append(
            Goal(
                text=quantity.text,
                claim=claim,
                coalition=quantity.coalition if quantity.kind == "can" else None,
                periods=case.horizon if quantity.periods is None else quantity.periods,
                watch=watches[formula],
            )
        )
    left: dict[tuple[str, str], list[str]] = {}
    for claim, quantity in asked:
        if why := _stranger(quantity):
            left.setdefault((claim, why), []).append(quantity.text)
    said = [
        f"Claim {claim} asks for {why}, and is left out: {', '.join(texts)}."
        for (claim, why), texts in left.items()
    ]
    return game, goals, said


def _asked(case: Case) -> Iterator[tuple[str, Quantity]]:
    for claim, one in case.claims.items():
        question: Question = read_question(case, one.test, one.place, test=True)
        for quantity in question.quantities:
            yield claim, quantity


def _stranger(quantity: Quantity) -> str:
    """Why a quantity is no goal in the game as it stands; empty if it is one."""
    if quantity.kind not in ("can", "P") or quantity.formula is None:
        return "what is played, believed or got, not for what can be secured"
    if beliefs(quantity.formula):
        return "what is believed"
    if quantity.variant != Variant() or quantity.start:
        return "another game (start, without, closed, given or sharper)"
    if quantity.types:
        return "what holds for some types"
    if quantity.provided is not None:
        return "a probability under a condition"
    return ""


def _watch(game: Game, formula: Formula) -> Watch:
    seen = state_conditions([formula])
    world = dict(game.case.best)
    columns = [truth(game, condition, world) for condition in seen]
    none = np.zeros((len(game.states), 0), dtype=np.bool_)
    holds = np.stack(columns, axis=1) if columns else none
    classes = np.unique(holds, axis=0) if columns else holds[:1]
    machine = automaton([formula], game.labels, classes)
    start = int(machine.start[machine.classify(holds)[game.index({})]])
    return Watch(
        conditions=tuple(condition.expression for condition in seen),
        classes=tuple(tuple(bool(bit) for bit in row) for row in machine.classes),
        on_end=tuple(tuple(int(q) for q in row) for row in machine.on_end),
        on_label={
            label: tuple(int(q) for q in machine.on_label[number])
            for number, label in enumerate(game.labels)
        },
        start=start,
        accept=tuple(bool(accepts) for accepts in machine.accept[:, 0]),
    )

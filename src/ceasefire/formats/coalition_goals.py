"""The goals of a case's claims, for programs that ask what a coalition can secure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ceasefire.case import Case, Expression
from ceasefire.game import Game, build
from ceasefire.query import Question, read_question
from ceasefire.query.ast import Formula, GameModification, Quantity, belief_terms_of_formula
from ceasefire.query.automata import build_formula_automaton, list_state_conditions
from ceasefire.query.monitors import states_satisfying
from ceasefire.query.plan import parties_with_pass_asked


@dataclass(frozen=True)
class GoalAutomaton:
    """A formula as a small deterministic automaton with Q states.

    conditions  the M expressions over the state that it reads at a period's end
    classes     C combinations of which of them hold, each of length M
    period_end_transition      (C, Q) next state at a period's end
    label_transition    for each set of events, (Q,) the next state when they happen together
    initial_state       its state once the start of play has been read
    accepting      (Q,) whether the formula holds if one stops looking now
    """

    conditions: tuple[Expression, ...]
    classes: tuple[tuple[bool, ...], ...]
    period_end_transition: tuple[tuple[int, ...], ...]
    label_transition: Mapping[frozenset[str], tuple[int, ...]]
    initial_state: int
    accepting: tuple[bool, ...]


@dataclass(frozen=True)
class CoalitionGoal:
    """A formula, who is asked to secure it, and for how many periods one looks.

    coalition  its members; None where the question names none and all parties together are asked
               for the most and the least they can bring about
    """

    text: str
    claim: str
    coalition: tuple[str, ...] | None
    periods: int
    automaton: GoalAutomaton


def read_coalition_goals(
    case: Case, memory: float = 4e9
) -> tuple[Game, list[CoalitionGoal], list[str]]:
    """The game, the goals in its claims, and a sentence for each that has no place in it.

    A goal is the formula of a `can(...)`, with its coalition, or of a `P(...)`, with none.
    """
    asked = list(_quantities_in_claims(case))
    kept = [(claim, q) for claim, q in asked if not _reason_left_out(q)]
    passes = frozenset(party for _, q in kept for party in parties_with_pass_asked(q))
    game = build(case, passes=passes, memory=memory)
    watches: dict[Formula, GoalAutomaton] = {}
    goals = []
    for claim, quantity in kept:
        formula = quantity.formula
        assert formula is not None
        if formula not in watches:
            watches[formula] = _build_goal_automaton(game, formula)
        goals.append(
            CoalitionGoal(
                text=quantity.text,
                claim=claim,
                coalition=quantity.coalition if quantity.kind == "can" else None,
                periods=case.horizon if quantity.periods is None else quantity.periods,
                automaton=watches[formula],
            )
        )
    left: dict[tuple[str, str], list[str]] = {}
    for claim, quantity in asked:
        if why := _reason_left_out(quantity):
            left.setdefault((claim, why), []).append(quantity.text)
    said = [
        f"Claim {claim} asks for {why}, and is left out: {', '.join(texts)}."
        for (claim, why), texts in left.items()
    ]
    return game, goals, said


def _quantities_in_claims(case: Case) -> Iterator[tuple[str, Quantity]]:
    for claim, one in case.claims.items():
        question: Question = read_question(case, one.test, one.location, test=True)
        for quantity in question.quantities:
            yield claim, quantity


def _reason_left_out(quantity: Quantity) -> str:
    """Why a quantity is no goal in the game as it stands; empty if it is one."""
    if quantity.kind not in ("can", "P") or quantity.formula is None:
        return "what is played, believed or got, not for what can be secured"
    if belief_terms_of_formula(quantity.formula):
        return "what is believed"
    if quantity.modification != GameModification() or quantity.start:
        return "another game (start, without, closed, given or sharper)"
    if quantity.types:
        return "what holds for some types"
    if quantity.provided is not None:
        return "a probability under a condition"
    return ""


def _build_goal_automaton(game: Game, formula: Formula) -> GoalAutomaton:
    seen = list_state_conditions([formula])
    world = dict(game.case.best_estimates)
    columns = [states_satisfying(game, condition, world) for condition in seen]
    none = np.zeros((len(game.states), 0), dtype=np.bool_)
    holds = np.stack(columns, axis=1) if columns else none
    classes = np.unique(holds, axis=0) if columns else holds[:1]
    machine = build_formula_automaton([formula], game.labels, classes)
    start = int(machine.initial_state[machine.classes_of_states(holds)[game.start_state({})]])
    return GoalAutomaton(
        conditions=tuple(condition.expression for condition in seen),
        classes=tuple(tuple(bool(bit) for bit in row) for row in machine.classes),
        period_end_transition=tuple(
            tuple(int(q) for q in row) for row in machine.period_end_transition
        ),
        label_transition={
            label: tuple(int(q) for q in machine.label_transition[number])
            for number, label in enumerate(game.labels)
        },
        initial_state=start,
        accepting=tuple(bool(accepts) for accepts in machine.accepting[:, 0]),
    )

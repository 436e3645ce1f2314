"""What a move, a deal or a chance does to the public state."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.case import Case, Chance, Deal, Expression, Move
from ceasefire.errors import GameError, Problem
from ceasefire.game.states import Floats, Ints, StateTable

StateEffect = Move | Deal | Chance
FORBIDDEN, IMPOSSIBLE = -1, -2


@dataclass(frozen=True, eq=False)
class AppliedEffect:
    """An effect in n states: where it leads before its outcomes, and where each outcome leads.

    codes_before_outcomes       (n, V) the state after everything but the outcomes
    targets    (n, M + 1) state numbers, the last for 'nothing more'; FORBIDDEN where a variable
               would leave its values, IMPOSSIBLE where no world gives the branch a chance
    """

    states: Ints
    codes_before_outcomes: Ints
    targets: Ints


def apply_effect(
    state_table: StateTable,
    effect: StateEffect,
    states: Ints,
    broken: Mapping[str, npt.NDArray[np.bool_]],
) -> AppliedEffect:
    """Apply an effect: breach, `set`, `releases`, `promises`, then the outcomes.

    broken  for each promise, in which of the states this breaks it

    Raises GameError, naming the state, where a variable would leave its values.
    """
    rows = state_table.codes[states]
    for promise, where in broken.items():
        rows[where, state_table.names.index(promise)] = 0
    after, bad = _assign_variables(state_table, effect.set, rows)
    if bad:
        raise GameError(bad)
    for promise in effect.releases:
        after[:, state_table.names.index(promise)] = 0
    for promise in effect.promises:
        after[:, state_table.names.index(promise)] = 1
    targets = np.full((len(states), len(effect.outcomes) + 1), IMPOSSIBLE, dtype=np.int32)
    chance, left = _known_chances(state_table, effect, after)
    problems: list[Problem] = []
    for m, outcome in enumerate(effect.outcomes):
        possible = ~(chance[:, m] == 0)
        reached, bad = _assign_variables(state_table, outcome.set, after[possible])
        fine = (reached >= 0).all(axis=1)
        certain = chance[possible, m] > 0  # nan where the world decides
        if bad and (~fine & certain).any():
            problems += bad
        numbers = np.full(len(reached), FORBIDDEN, dtype=np.int32)
        numbers[fine] = state_table.add_states(reached[fine])
        targets[possible, m] = numbers
    if problems:
        raise GameError(problems)
    stays = ~(left <= 1e-12)
    targets[stays, -1] = state_table.add_states(after[stays])
    return AppliedEffect(states, after, targets)


def _assign_variables(
    state_table: StateTable, changes: Mapping[str, Expression], rows: Ints
) -> tuple[Ints, list[Problem]]:
    """All assignments at once from the old values; -1 and a problem where one is out of range."""
    after = rows.copy()
    problems = []
    for name, expression in changes.items():
        values = state_table.evaluate(expression, rows, {})
        after[:, state_table.names.index(name)] = codes = state_table.encode_values(name, values)
        if (codes < 0).any():
            x = int(np.argmin(codes))
            variable = state_table.case.variables_and_promises[name]
            problems.append(
                expression.location.problem(
                    f"{name} would leave its values",
                    found=f"{values[x]:g} in the state {state_table.describe(rows[x])}",
                    allowed=", ".join(str(value).lower() for value in variable.values[:12]),
                    help="narrow its `when`, or keep the value in range with min(…) or max(…)",
                )
            )
    return after, problems


def _known_chances(
    state_table: StateTable, effect: StateEffect, rows: Ints
) -> tuple[Floats, Floats]:
    """(n, M) chances that no unknown changes, nan elsewhere, and (n,) what they leave over."""
    unknowns = set(state_table.case.unknowns)
    chance = np.full((len(rows), len(effect.outcomes)), np.nan)
    for m, outcome in enumerate(effect.outcomes):
        if not outcome.chance.names_read & unknowns:
            chance[:, m] = state_table.evaluate(outcome.chance, rows, {})
    return chance, 1.0 - chance.sum(axis=1)


def reads_unknowns(case: Case, expression: Expression) -> bool:
    """Whether an expression reads an unknown, so that its value differs between worlds."""
    return bool(expression.names_read & set(case.unknowns))

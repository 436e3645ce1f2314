"""Quantities about whole plays: P, E, time, value, kept, and beliefs after so many periods."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from twin.equilibrium import Equilibrium
from twin.expressions import parse, unparse, walk
from twin.histories import History, conditions_in, first, holds, label
from twin.paths import Mark, Paths
from twin.positions import Position


class Asked:
    """One quantity with its options read."""

    def __init__(
        self,
        equilibrium: Equilibrium,
        *,
        arguments: list[ast.expr],
        types: dict[str, str],
        start: dict[str, Any],
        periods: int,
        at: int | None,
        by: str | None,
        kind: str | None,
        after: list[str],
        provided: ast.expr | None,
        runs: dict[Any, Any],
    ) -> None:
        self.equilibrium, self.rules = equilibrium, equilibrium.rules
        self.arguments, self.types, self.changes = arguments, types, start
        self.periods, self.at = periods, at
        self.by, self.kind, self.after, self.provided = by, kind, after, provided
        self.paths = Paths(equilibrium, types)
        self.start = self.rules.start(start)
        self._runs = runs

    def name(self, place: int = 0) -> str:
        """An argument that is a dotted name."""
        return label(self.arguments[place])

    def mean(
        self, worth: Callable[[Mark, History], float], formulas: list[ast.expr], *bare: ast.expr
    ) -> float | None:
        """The mean of worth(mark, history), under `provided=` if that is asked.

        The mark is state and records after `at` periods, the last ones unless `at=` is given.
        """
        used = [*formulas, *([] if self.provided is None else [self.provided])]
        total = weight = 0.0
        for _, _, history, mark, mass in self._histories(used, list(bare)):
            if self.provided is None or holds(self.provided, history):
                weight += mass
                total += mass * worth(mark, history)
        return total / weight if weight > 0.0 else None

    def _histories(self, formulas: list[ast.expr], bare: list[ast.expr]) -> Any:
        """(state, records, history, mark, probability) after the periods looked at."""
        conditions = [c for formula in formulas for c in conditions_in(formula)] + bare
        texts = tuple(sorted({unparse(c) for c in conditions}))
        at = self.periods if self.at is None else self.at
        types = tuple(self.types.items())
        key = (repr(self.rules.variant), types, self.start, self.periods, texts, at)
        if key not in self._runs:
            places = self.paths.run(self.start, self.periods, conditions, at)
            self._runs[key] = [(*place, float(np.sum(mass))) for place, mass in places.items()]
        return self._runs[key]


def probability(asked: Asked) -> float | None:
    """P(formula)."""
    formula = asked.arguments[0]
    return asked.mean(lambda mark, history: float(holds(formula, history)), [formula])


def expectation(asked: Asked) -> float | None:
    """E(expression)."""
    expression = unparse(asked.arguments[0])
    return asked.mean(lambda mark, history: float(asked.rules.read(expression, mark[0])), [])


def time(asked: Asked) -> float | None:
    """time(c): the number of the period's end at which c first holds, or of its period."""
    c = asked.arguments[0]

    def wait(mark: Mark, history: History) -> float:
        return float(min(first(history, c)[0] + 1, asked.periods))

    return asked.mean(wait, [], c)


def value(asked: Asked) -> float:
    """value(party): by the party's own beliefs, or the analyst's."""
    party, paths = asked.name(), asked.paths
    known = dict(asked.types)
    if asked.kind is not None:
        known[party] = asked.kind
    total = 0.0
    here, shown = Position(0, 0, (), asked.start), asked.equilibrium.nothing_shown
    for profile, _ in paths.profiles:
        rest = {name: kind for name, kind in profile.items() if name != party}
        mine = {name: kind for name, kind in profile.items() if name == party}
        weight = paths.weight(rest, party if asked.by is None else None, known)
        weight *= paths.weight(mine, None, known)
        if weight > 0.0:
            total += weight * paths.worth(party, profile, here, shown)
    return total


def kept(asked: Asked) -> float | None:
    """kept(promise, n), the promise in force at the start."""
    promise = asked.name()
    asked.periods = int(walk(asked.arguments[1], lambda name: name))
    asked.start = asked.rules.start({**asked.changes, promise: True})
    unbroken = parse(f"not eventually(broken({promise}))")
    return asked.mean(lambda mark, history: float(holds(unbroken, history)), [unbroken])

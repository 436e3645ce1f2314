"""Quantities about whole plays: P, E, time, value, kept, and beliefs after so many periods."""

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from twin.equilibrium import Equilibrium
from twin.expressions import parse, unparse, walk
from twin.histories import History, conditions_in, first, holds, label
from twin.paths import Mark, Masses, Paths, Standing
from twin.positions import Position
from twin.seen import see


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
        self.first, self.left = 0, periods
        self._standing: list[Standing] | None = None
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
        for begin in sorted({position.period for position, _, _ in self.standing()}):
            self.first, self.left = begin, min(self.periods, self.rules.case.horizon - begin)
            for _, _, history, mark, mass in self._histories(used, list(bare)):
                if self.provided is None or holds(self.provided, history):
                    weight += mass
                    total += mass * worth(mark, history)
        return total / weight if weight > 0.0 else None

    def standing(self) -> list[Standing]:
        """Where play stands once the choices of `after=` were made, or at the start."""
        if self._standing is None:
            shown = self.equilibrium.nothing_shown
            standing = [(Position(0, 0, (), self.start), shown, prior(self))]
            for item in self.after:
                standing = [after for each in standing for after in see(self, item, each)]
            self._standing = standing
        return self._standing

    def _histories(self, formulas: list[ast.expr], bare: list[ast.expr]) -> Any:
        """(state, records, history, mark, probability) after the periods looked at."""
        conditions = [c for formula in formulas for c in conditions_in(formula)] + bare
        texts = tuple(sorted({unparse(c) for c in conditions}))
        at = min(self.left if self.at is None else self.at, self.left)
        asked = (tuple(self.types.items()), self.start, tuple(self.after))
        key = (repr(self.rules.variant), asked, self.first, self.left, texts, at)
        if key not in self._runs:
            here = [each for each in self.standing() if each[0].period == self.first]
            places = self.paths.run(here, self.left, conditions, at)
            self._runs[key] = [(*place, float(np.sum(mass))) for place, mass in places.items()]
        return self._runs[key]


def prior(asked: Asked) -> Masses:
    """The analyst's probability of each combination of types, those that are counted."""
    return np.array([weight for _, weight in asked.paths.profiles])


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
        when = first(history, c)[0]
        return 0.0 if when < 0 else float(min(when - asked.first + 1, asked.left))

    return asked.mean(wait, [], c)


def value(asked: Asked) -> float:
    """value(party): by the party's own beliefs, or the analyst's."""
    party = asked.name()
    if asked.kind is not None:
        asked.types = {**asked.types, asked.rules.source[party]: asked.kind}
        asked.paths = Paths(asked.equilibrium, asked.types)
    total = 0.0
    for here, shown, mass in asked.standing():
        weights = mass if asked.by == "analyst" else _by_own_belief(asked, party, mass)
        for (profile, _), weight in zip(asked.paths.profiles, weights, strict=True):
            if weight > 0.0:
                total += float(weight) * asked.paths.worth(party, profile, here, shown)
    return total


def _by_own_belief(asked: Asked, party: str, mass: Masses) -> Masses:
    """The same with all others weighed by the party's own prior and by what they have shown."""
    profiles = [profile for profile, _ in asked.paths.profiles]
    weights = np.zeros(len(profiles))
    for n, profile in enumerate(profiles):
        if mass[n] > 0.0:
            known = asked.rules.source[party]
            rest = {name: kind for name, kind in profile.items() if name != known}
            likelihood = mass[n] / asked.paths.weight(profile, None, asked.types)
            weights[n] = asked.paths.weight(rest, party) * likelihood
    known = asked.rules.source[party]
    for kind in {profile.get(known) for profile in profiles}:
        same = np.array([profile.get(known) == kind for profile in profiles])
        if weights[same].sum() > 0.0:
            weights[same] *= mass[same].sum() / weights[same].sum()
    return weights


def kept(asked: Asked) -> float | None:
    """kept(promise, n), the promise in force at the start unless choices come first."""
    promise = asked.name()
    asked.periods = int(walk(asked.arguments[1], lambda name: name))
    if not asked.after:
        asked.start = asked.rules.start({**asked.changes, promise: True})
    unbroken = parse(f"not eventually(broken({promise}))")
    return asked.mean(lambda mark, history: float(holds(unbroken, history)), [unbroken])

"""can([...], formula): what a coalition can secure against everyone else."""

import ast

from twin.expressions import unparse
from twin.histories import END, START, History, Time, conditions_in, events_of, holds
from twin.plays import Asked
from twin.positions import NOTHING, Chance, Choice, News, Payment, Position, Renewal, State


def can(asked: Asked) -> float:
    """The probability that the coalition secures the formula, types and payoffs aside."""
    node = asked.arguments[0]
    names = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return _Duel(asked, frozenset(unparse(name) for name in names)).best()


class _Duel:
    """Members against the rest, over positions and what has happened so far."""

    def __init__(self, asked: Asked, members: frozenset[str]) -> None:
        self.asked, self.members, self.formula = asked, members, asked.arguments[1]
        self.conditions = {unparse(c): c for c in conditions_in(self.formula)}
        self.last = 0
        self._known: dict[tuple[Position, History], float] = {}

    def best(self) -> float:
        """What the members can secure from the start."""
        total = 0.0
        for position, _, mass in self.asked.standing():
            begin = (self._ended(START, position.state),)
            periods = min(self.asked.periods, self.asked.rules.case.horizon - position.period)
            self.last = position.period + periods
            self._known.clear()
            found = self._worth(position, begin) if periods else holds(self.formula, begin)
            total += float(mass.sum()) * float(found)
        return total

    def _ended(self, time: Time, state: State) -> tuple[Time, frozenset[str]]:
        true = {
            text
            for text, c in self.conditions.items()
            if events_of(c) is None and self.asked.paths.truth(c, state, ())
        }
        return time, frozenset(true)

    def _worth(self, position: Position, history: History) -> float:
        key = (position, history)
        if key not in self._known:
            self._known[key] = self._look(position, history)
        return self._known[key]

    def _follow(
        self, position: Position, history: History, labels: frozenset[str], to: Position
    ) -> float:
        happened = {t for t, c in self.conditions.items() if (events_of(c) or NOTHING) & labels}
        time = (position.period, position.step)
        entry = ((time, frozenset(happened)),) if happened else ()
        return self._worth(to, (*history, *entry))

    def _look(self, position: Position, history: History) -> float:
        match self.asked.rules.node(position):
            case Chance(branches=branches):
                return sum(
                    chance * self._follow(position, history, labels, to)
                    for chance, labels, to in branches
                )
            case News(party=told, branches=news):
                kinds = self.asked.rules.types(told)
                priors = self.asked.equilibrium.priors[None, told]
                return sum(
                    sum(p * likely[one] for p, one in zip(priors, kinds, strict=True))
                    * self._follow(position, history, labels, to)
                    for likely, labels, to in news
                )
            case Payment(after=after, events=labels):
                return self._follow(position, history, labels, after)
            case Renewal(after=after):
                return self._follow(position, history, NOTHING, after)
            case Choice(party=party, options=options):
                found = [self._follow(position, history, o.events, o.after) for o in options]
                return max(found) if party in self.members else min(found)
        history = (*history, self._ended((position.period, END), position.state))
        if position.period + 1 == self.last:
            return float(holds(self.formula, history))
        return self._worth(Position(position.period + 1, 0, (), position.state), history)

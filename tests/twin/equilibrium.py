"""What everybody expects and does at a position, by recursion over exact records.

The record of a party with types is the log-likelihood ratio of its first type against its second.
Nothing is put on a grid: at a signalling decision the value of what follows is asked for at each
record that comes up. Source: DESIGN section 3.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from twin.branch import principal
from twin.curves import Curve
from twin.expressions import TwinError
from twin.positions import Chance, Choice, End, Option, Payment, Position, successors
from twin.rules import Rules

Records = tuple[float, ...]  # one for each party with types, in the order of the file
Values = Mapping[tuple[str, str | None], float]
Policy = Mapping[str | None, tuple[float, ...]]


class TooLargeError(TwinError):
    """More decisions than the twin was allowed to take."""


def sigmoid(odds: float) -> float:
    """The probability that goes with log-odds."""
    return 1.0 / (1.0 + math.exp(-odds)) if odds > 0 else math.exp(odds) / (1.0 + math.exp(odds))


def logit(chance: float) -> float:
    """The log-odds that go with a probability."""
    return math.log(chance) - math.log1p(-chance)


class Equilibrium:
    """The logit Markov equilibrium of a case, on the principal branch.

    `quick` remembers what follows an option as a curve over the mover's record, accurate to 1e-9,
    for games in which signals nest; without it every record is followed to the end of play.
    Raises TooLargeError after `most` decisions.
    """

    def __init__(self, rules: Rules, *, quick: bool = False, most: int = 10**9) -> None:
        self.rules, self.quick, self.most = rules, quick, most
        self.unresolved = self.branch_points = 0
        self._values: dict[tuple[Position, Records], Values] = {}
        self._policies: dict[tuple[Position, Records], tuple[Policy, tuple[Records, ...]]] = {}
        self._listened: dict[tuple[Position, str], bool] = {}
        self._curves: dict[tuple[Position, str, Records], Curve] = {}
        self.priors = {
            (observer, party): rules.prior(observer, party)
            for party in rules.hidden
            for observer in (None, *rules.case.parties)
        }
        self.precision = {party: rules.precision(party) for party in rules.case.parties}
        self.patience = {party: rules.patience(party) for party in rules.case.parties}
        self.players = [
            (party, kind) for party in rules.case.parties for kind in rules.types(party)
        ]

    @property
    def nothing_shown(self) -> Records:
        """The records at the start."""
        return (0.0,) * len(self.rules.hidden)

    def belief(self, observer: str | None, party: str, records: Records) -> float:
        """The probability an observer gives the first type (None: the analyst)."""
        record = records[self.rules.hidden.index(party)]
        return sigmoid(logit(self.priors[observer, party]) + record)

    def values(self, position: Position, records: Records) -> Values:
        """What each party of each type expects from here to the end of play."""
        key = (position, _rounded(records))
        if key not in self._values:
            self._values[key] = self._value(position, records)
        return self._values[key]

    def policy(self, position: Position, records: Records) -> tuple[Policy, tuple[Records, ...]]:
        """Option probabilities of each type, and the records after each option."""
        key = (position, _rounded(records))
        if key not in self._policies:
            node = self.rules.node(position)
            assert isinstance(node, Choice)
            self._policies[key] = self._choose(node, records)
            if len(self._policies) > self.most:
                raise TooLargeError(f"more than {self.most} decisions")
        return self._policies[key]

    def _value(self, position: Position, records: Records) -> Values:
        match self.rules.node(position):
            case End():
                return self._paid(position, records)
            case Chance(branches=branches):
                later = [(chance, self.values(to, records)) for chance, _, to in branches]
                return {who: sum(p * v[who] for p, v in later) for who in self.players}
            case Payment(costs=costs, after=signed):
                paid = self.values(signed, records)
                return {
                    (party, kind): paid[party, kind] - costs.get(party, {}).get(kind, 0.0)
                    for party, kind in self.players
                }
            case Choice(party=mover, options=options):
                policy, shown = self.policy(position, records)
                then = [self.values(o.after, r) for o, r in zip(options, shown, strict=True)]
                return {
                    who: self._expect(who, mover, options, policy, then, records)
                    for who in self.players
                }

    def _expect(
        self,
        who: tuple[str, str | None],
        mover: str,
        options: tuple[Option, ...],
        policy: Policy,
        after: list[Values],
        records: Records,
    ) -> float:
        """One reader's expectation over what the mover does."""
        party, kind = who
        if party == mover:
            gains = [v[who] - o.cost[kind] for o, v in zip(options, after, strict=True)]
            return sum(p * gain for p, gain in zip(policy[kind], gains, strict=True))
        chances = policy[self.rules.types(mover)[0]]
        if mover in self.rules.hidden:
            first, second = self.rules.types(mover)
            b = self.belief(party, mover, records)
            both = zip(policy[first], policy[second], strict=True)
            chances = tuple(b * p + (1.0 - b) * q for p, q in both)
        return sum(p * v[who] for p, v in zip(chances, after, strict=True))

    def _paid(self, position: Position, records: Records) -> Values:
        """The period's payoffs, and what they lead to."""
        rules, over = self.rules, position.period + 1 == self.rules.periods
        later = (
            {}
            if over
            else self.values(Position(position.period + 1, 0, (), position.state), records)
        )
        result = {}
        for party, kind in self.players:
            now, d = rules.payoff(party, kind, position.state), self.patience[party]
            if not over:
                then = later[party, kind]
            else:
                then = now / (1.0 - d) if rules.case.ending == "lasts" else 0.0
            result[party, kind] = now + d * then
        return result

    def _choose(self, node: Choice, records: Records) -> tuple[Policy, tuple[Records, ...]]:
        mover, options = node.party, node.options
        kinds = self.rules.types(mover)
        if len(options) == 1:
            return dict.fromkeys(kinds, (1.0,)), (records,)
        if mover not in self.rules.hidden:
            scores = []
            for option in options:
                value = self.values(option.after, records)[mover, None] - option.cost[None]
                scores.append(math.log(option.weight) + self.precision[mover] * value)
            return {None: _softmax(scores)}, (records,) * len(options)
        return self._signal(node, records)

    def _signal(self, node: Choice, records: Records) -> tuple[Policy, tuple[Records, ...]]:
        """A choice that shows something of the mover's type: a fixed point."""
        mover, options = node.party, node.options
        place, (first, second) = self.rules.hidden.index(mover), self.rules.types(mover)
        heard = [self._somebody_listens(option.after, mover) for option in options]
        silent = [self._pair(option, mover, records) for option in options]

        def gain(a: int, z: float) -> tuple[float, float]:
            if not heard[a]:
                return silent[a]
            moved = _moved(records, place, records[place] + z)
            return self._pair(options[a], mover, moved)

        weights = [option.weight for option in options]
        fixed = principal(gain, weights, self.precision[mover], heard=any(heard))
        self.unresolved += not fixed.resolved
        self.branch_points += fixed.branch_points
        shift = fixed.logs[0] - fixed.logs[1]
        policy = {first: tuple(np.exp(fixed.logs[0])), second: tuple(np.exp(fixed.logs[1]))}
        return policy, tuple(_moved(records, place, records[place] + float(z)) for z in shift)

    def _pair(self, option: Option, mover: str, records: Records) -> tuple[float, float]:
        """What an option is worth to the two types when the records are these afterwards."""
        first, second = self.rules.types(mover)
        if self.quick and self._somebody_listens(option.after, mover):
            one, two = self._curve(option.after, mover, records)
        else:
            after = self.values(option.after, records)
            one, two = after[mover, first], after[mover, second]
        return one - option.cost[first], two - option.cost[second]

    def _curve(self, after: Position, mover: str, records: Records) -> tuple[float, float]:
        place, (first, second) = self.rules.hidden.index(mover), self.rules.types(mover)
        others = _rounded(_moved(records, place, 0.0))

        def exact(record: float) -> tuple[float, float]:
            found = self.values(after, _moved(records, place, record))
            return found[mover, first], found[mover, second]

        key = (after, mover, others)
        if key not in self._curves:
            self._curves[key] = Curve(exact)
        return self._curves[key](records[place])

    def _somebody_listens(self, position: Position, speaker: str) -> bool:
        """Whether another party still has something to decide after this position."""
        key = (position, speaker)
        if key not in self._listened:
            node: Any = self.rules.node(position)
            later = successors(node)
            if isinstance(node, End) and position.period + 1 < self.rules.periods:
                later = [Position(position.period + 1, 0, (), position.state)]
            other = isinstance(node, Choice) and node.party != speaker and len(node.options) > 1
            self._listened[key] = other or any(self._somebody_listens(p, speaker) for p in later)
        return self._listened[key]


def _softmax(scores: list[float]) -> tuple[float, ...]:
    top = max(scores)
    weights = [math.exp(score - top) for score in scores]
    return tuple(weight / sum(weights) for weight in weights)


def _moved(records: Records, place: int, to: float) -> Records:
    return (*records[:place], to, *records[place + 1 :])


def _rounded(records: Records) -> Records:
    return tuple(round(record, 12) for record in records)

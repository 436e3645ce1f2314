"""Every way a play can go, with its probability for each combination of types.

Plays that agree in state, records and in all that the formulas ask about are counted together.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.equilibrium import Equilibrium, Policy, Records
from twin.expressions import scope, unparse, walk
from twin.histories import END, START, History, Time, events_of, label
from twin.positions import Chance, Choice, Moment, News, Payment, Position, Renewal, State

Masses = NDArray[np.float64]  # one entry for each combination of types
Factor = NDArray[np.float64]  # by how much each is multiplied, or a matrix where types are drawn
Profile = Mapping[str, str]
Mark = tuple[State, Records]
Standing = tuple[Position, Records, Masses]
Place = tuple[State, Records, History, Mark | None]


class Paths:
    """The plays of one equilibrium.

    types: the types whose plays are counted, the others weighed by the analyst's prior.
    """

    def __init__(self, equilibrium: Equilibrium, types: Profile | None = None) -> None:
        self.equilibrium, self.rules = equilibrium, equilibrium.rules
        self.profiles = self._profiles(dict(types or {}))
        self._worth: dict[Any, float] = {}

    def weight(self, profile: Profile, observer: str | None = None, known: Profile = {}) -> float:  # noqa: B006
        """The probability an observer gives a combination of types, some being known."""
        total = 1.0
        for party, kind in profile.items():
            if party in known:
                total *= float(known[party] == kind)
            else:
                number = self.rules.types(party).index(kind)
                total *= self.equilibrium.priors[observer, party][number]
        return total

    def _profiles(self, chosen: Profile) -> list[tuple[Profile, float]]:
        hidden = self.rules.hidden
        every = product(*(self.rules.types(party) for party in hidden))
        named = [dict(zip(hidden, kinds, strict=True)) for kinds in every]
        return [(profile, self.weight(profile, None, chosen)) for profile in named]

    def truth(self, c: ast.expr, state: State, records: Records) -> bool:
        """Whether a condition over state and beliefs holds."""
        rules = self.rules

        def call(node: ast.Call) -> float:
            observer, target = (label(argument) for argument in node.args)
            party, kind = target.split(".")
            who = None if observer == "analyst" else observer
            return self.equilibrium.beliefs(who, party, records)[rules.types(party).index(kind)]

        public = dict(zip(rules.variables, state, strict=True))
        look = scope(public, rules.unknowns, conditions=rules.conditions)
        return bool(walk(c, look, call))

    def run(
        self,
        standing: list[Standing],
        periods: int,
        conditions: list[ast.expr],
        at: int | None = None,
    ) -> dict[Place, Masses]:
        """Where play is after so many periods, what happened, and where it was after `at`.

        It goes on from positions of one period, whose end is the first that is counted.
        """
        distinct = {unparse(c): c for c in conditions}
        events = {text: events_of(c) for text, c in distinct.items()}
        states = {text: c for text, c in distinct.items() if events[text] is None}
        watched = {text: labels for text, labels in events.items() if labels is not None}

        def at_end(time: Time, state: State, records: Records) -> tuple[Time, frozenset[str]]:
            true = {text for text, c in states.items() if self.truth(c, state, records)}
            return time, frozenset(true)

        places: dict[Place, Masses] = {}
        entering: dict[int, dict[Any, Masses]] = {}
        for position, shown, mass in standing:
            begin = position.state
            history = (at_end(START, begin, shown),)
            place = (begin, shown, history, (begin, shown) if at == 0 else None)
            if periods:
                _add(entering.setdefault(position.step, {}), (*place, position.drawn), mass)
            else:
                _add(places, place, mass)
        first = standing[0][0].period
        for period in range(first, first + periods):
            places = self.through_period(places, period, watched, entering)
            entering = {}
            ended: dict[Place, Masses] = {}
            for (state, records, history, mark), mass in places.items():
                entry = at_end((period, END), state, records)
                here = (state, records) if period + 1 - first == at else mark
                _add(ended, (state, records, (*history, entry), here), mass)
            places = ended
        return places

    def through_period(
        self,
        places: dict[Place, Masses],
        period: int,
        watched: Mapping[str, frozenset[str]],
        entering: Mapping[int, dict[Any, Masses]] = MappingProxyType({}),
    ) -> dict[Place, Masses]:
        """Where play is after the steps of a period, before anything is read at its end.

        entering  what enters before each step, besides what is there when the period begins
        """
        ahead: dict[Any, Masses] = {(*place, ()): mass for place, mass in places.items()}
        last = len(self.rules.case.order)
        for step in range(last + 1):
            for place, mass in entering.get(step, {}).items():
                _add(ahead, place, mass)
            if step < last:
                ahead = self._step(ahead, period, step, watched)
        return {place[:4]: mass for place, mass in ahead.items()}

    def _step(
        self,
        places: dict[Any, Masses],
        period: int,
        step: int,
        watched: Mapping[str, frozenset[str]],
    ) -> dict[Any, Masses]:
        after: dict[Any, Masses] = {}
        for (state, records, history, mark, drawn), mass in places.items():
            begin = Position(period, step, (), state, drawn)
            for end, shown, labels, factor in self.through(begin, records):
                happened = frozenset(text for text, names in watched.items() if names & labels)
                entry = (((period, step), happened),) if happened else ()
                rounded = tuple(round(record, 11) for record in shown)
                place = (end.state, rounded, (*history, *entry), mark, end.drawn)
                _add(after, place, apply(factor, mass))
        return after

    def through(
        self, position: Position, records: Records
    ) -> Iterator[tuple[Position, Records, frozenset[str], Factor]]:
        """Every way through the rest of a step, with its probability for each combination."""
        for after, shown, labels, factor in self.edges(position, records):
            if after.step != position.step:
                yield after, shown, labels, factor
            else:
                for end, last, more, rest in self.through(after, shown):
                    yield end, last, labels | more, compose(rest, factor)

    def edges(
        self, position: Position, records: Records
    ) -> Iterator[tuple[Position, Records, frozenset[str], Factor]]:
        """What can follow at once."""
        ones = np.ones(len(self.profiles))
        match self.rules.node(position):
            case Chance(branches=branches):
                for chance, labels, after in branches:
                    yield after, records, labels, chance * ones
            case News(party=told, branches=news):
                shown = self.equilibrium.records_after_news(position, records)
                for (likely, labels, after), record in zip(news, shown, strict=True):
                    chances = [likely[profile[told]] for profile, _ in self.profiles]
                    yield after, record, labels, np.array(chances)
            case Payment(after=after, events=labels):
                yield after, records, labels, ones
            case Moment(after=joint) as node:
                policies = self.equilibrium.moment_policies(position, records)
                for chosen, (labels, after) in joint.items():
                    shown = self.equilibrium.records_after_moment(node, policies, chosen, records)
                    yield after, shown, labels, self.by_profile(node, policies, chosen)
            case Renewal(drawn=drawn, after=after):
                shown = self.equilibrium.renewed(drawn, records)
                yield after, shown, frozenset(), self.redrawn(drawn)
            case Choice(party=mover, options=options):
                policy, shown = self.equilibrium.choice_probabilities(position, records)
                for a, option in enumerate(options):
                    chances = [
                        policy[profile.get(self.rules.source[mover])][a]
                        for profile, _ in self.profiles
                    ]
                    yield option.after, shown[a], option.events, np.array(chances)

    def by_profile(
        self, node: Moment, policies: list[Policy], chosen: tuple[int, ...]
    ) -> NDArray[np.float64]:
        """How likely a joint choice is for each combination of types."""
        return np.array(
            [
                np.prod(
                    [
                        policy[profile.get(self.rules.source[mover])][n]
                        for (mover, _), policy, n in zip(node.movers, policies, chosen, strict=True)
                    ]
                )
                for profile, _ in self.profiles
            ]
        )

    def redrawn(self, drawn: Mapping[str, float]) -> Factor:
        """(to, from) how likely each combination of types is after some were drawn anew."""
        return np.array(
            [
                [self._likely(drawn, before, after) for before, _ in self.profiles]
                for after, _ in self.profiles
            ]
        )

    def _likely(self, drawn: Mapping[str, float], before: Profile, after: Profile) -> float:
        total = 1.0
        for party, kind in after.items():
            if party not in drawn:
                total *= float(before[party] == kind)
            else:
                is_first = kind == self.rules.types(party)[0]
                total *= drawn[party] if is_first else 1.0 - drawn[party]
        return total

    def worth(self, party: str, profile: Profile, position: Position, records: Records) -> float:
        """The discounted payoff a party gets from here on if the types are these."""
        key = (party, tuple(profile.items()), position, records)
        if key not in self._worth:
            self._worth[key] = self._worth_of(party, profile, position, records)
        return self._worth[key]

    def _worth_of(
        self, party: str, profile: Profile, position: Position, records: Records
    ) -> float:
        kind, rules = profile.get(self.rules.source[party]), self.rules
        match rules.node(position):
            case Chance(branches=branches):
                return sum(p * self.worth(party, profile, s, records) for p, _, s in branches)
            case News(party=told, branches=news):
                moved = self.equilibrium.records_after_news(position, records)
                return sum(
                    likely[profile[told]] * self.worth(party, profile, after, record)
                    for (likely, _, after), record in zip(news, moved, strict=True)
                )
            case Renewal(drawn=drawn, after=after):
                shown = self.equilibrium.renewed(drawn, records)
                return sum(
                    chance * self.worth(party, then, after, shown)
                    for then, _ in self.profiles
                    if (chance := self._likely(drawn, profile, then)) > 0.0
                )
            case Payment(costs=costs, after=after):
                paid = costs.get(party, {}).get(kind, 0.0)
                return self.worth(party, profile, after, records) - paid
            case Moment(movers=movers, after=joint) as node:
                policies = self.equilibrium.moment_policies(position, records)
                place = [each for each, _ in self.profiles].index(profile)
                total = 0.0
                for chosen, (_, after) in joint.items():
                    likely = self.by_profile(node, policies, chosen)[place]
                    each = zip(movers, chosen, strict=True)
                    paid = sum(o[n].cost[kind] for (mover, o), n in each if mover == party)
                    shown = self.equilibrium.records_after_moment(node, policies, chosen, records)
                    then = self.worth(party, profile, after, shown)
                    total += float(likely) * (then - paid)
                return total
            case Choice(party=mover, options=options):
                policy, shown = self.equilibrium.choice_probabilities(position, records)
                total = 0.0
                for a, option in enumerate(options):
                    paid = option.cost[kind] if mover == party else 0.0
                    then = self.worth(party, profile, option.after, shown[a])
                    total += policy[profile.get(self.rules.source[mover])][a] * (then - paid)
                return total
        now = rules.payoff(party, kind, position.state, profile)
        patience = rules.patience(party)
        if position.period + 1 < rules.periods:
            begin = Position(position.period + 1, 0, (), position.state)
            return now + patience * self.worth(party, profile, begin, records)
        ever = now / (1.0 - patience) if rules.case.ending == "lasts" else 0.0
        return now + patience * ever


def _add(places: dict[Any, Masses], place: Any, mass: Masses) -> None:
    if place in places:
        places[place] = places[place] + mass
    elif mass.any():
        places[place] = mass


def apply(factor: Factor, mass: Masses) -> Masses:
    """What becomes of masses.

    >>> apply(np.array([0.5, 0.25]), np.array([0.5, 0.5])).tolist()
    [0.25, 0.125]
    >>> apply(np.array([[0.1, 0.1], [0.9, 0.9]]), np.array([0.5, 0.5])).tolist()
    [0.1, 0.9]
    """
    return np.asarray(factor @ mass if factor.ndim == 2 else factor * mass)


def compose(later: Factor, earlier: Factor) -> Factor:
    """One factor after another.

    >>> half, drawn = np.array([0.5, 0.25]), np.array([[0.2, 0.2], [0.8, 0.8]])
    >>> compose(half, half).tolist(), compose(drawn, half).tolist()
    ([0.25, 0.0625], [[0.1, 0.05], [0.4, 0.2]])
    """
    if later.ndim == 2:
        return np.asarray(later @ earlier if earlier.ndim == 2 else later * earlier)
    return np.asarray(later[:, None] * earlier if earlier.ndim == 2 else later * earlier)

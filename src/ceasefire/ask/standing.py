"""Quantities asked from where things may stand: any mixture of states and records.

Almost everything is linear in the mixture. So each quantity is worked out once for every state
and record (by playing backwards) or once for every point, and a mixture is a weighted sum.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.ask.local import belief_after, plays, signed
from ceasefire.ask.mixture import Floats, Mixture, Standing, certain
from ceasefire.ask.paths import Path, Walker
from ceasefire.ask.question import Atom, Formula, Happening, Quantity, beliefs
from ceasefire.ask.reading import NEVER, Oracle, Reading
from ceasefire.ask.rounding import Rounding
from ceasefire.ask.watch import BeliefReader, Seen, impossible, monitor_of, share
from ceasefire.game.states import Ints
from ceasefire.solve import Points, Viewer, backward, follow, secure


class Onlooker:
    """Answers quantities about one game in one world from where things may stand."""

    def __init__(self, oracle: Oracle, standing: Standing) -> None:
        self.oracle, self.standing, self.game = oracle, standing, oracle.game
        self.mixture = Mixture(oracle, standing)
        self.rounding = Rounding(oracle)
        self._fields: dict[object, Floats] = {}

    def read(self, quantity: Quantity) -> list[Reading]:
        """The number that a quantity has in each version."""
        return _BY_KIND[quantity.kind](self, quantity)

    def bound(self, quantity: Quantity, reading: Reading, version: int) -> float:
        """What rounding beliefs near certainty may do to a version's reading, in its scale."""

        def mean(field: Floats, viewer: Viewer) -> float:
            at = self.mixture.at(field, self.mixture.states(quantity.start), viewer)
            return certain(self.mixture.mean(at, quantity.types)[version])

        return self.rounding.bound(quantity, reading, mean)

    def _periods(self, quantity: Quantity) -> int:
        return self.game.case.horizon if quantity.periods is None else quantity.periods

    def _viewer(self, quantity: Quantity) -> Viewer:
        return self.oracle.play.viewer(types=dict(quantity.types))

    def _accepted(
        self, formulas: Sequence[Formula], quantity: Quantity, waiting: bool = False
    ) -> Floats:
        """(n,) probability that all formulas hold, or the time until the first does."""
        periods, viewer = self._periods(quantity), self._viewer(quantity)
        key = (tuple(formulas), quantity.types, periods, waiting)
        if key not in self._fields:
            monitor, accept = monitor_of(self.game, formulas, self.oracle.world)
            holds = np.asarray(accept.all(axis=1), dtype=np.float64)[:, None]
            rewards = {periods: holds}
            if waiting:
                rewards = dict.fromkeys(range(periods), 1.0 - holds)
            self._fields[key] = backward(
                self.oracle.play, periods, rewards=rewards, monitor=monitor, viewer=viewer
            )
        return self.mixture.at(self._fields[key], self.mixture.states(quantity.start), viewer)

    def _followed(self, formulas: Sequence[Formula], quantity: Quantity) -> list[Seen]:
        """How formulas that read beliefs stand, in each version."""
        play, states = self.oracle.play, self.mixture.states(quantity.start)
        seen = []
        for weights in self.mixture.weighed(quantity.types):
            there = weights > 0
            points = Points(states[there], self.standing.records[there], weights[there])
            reader = BeliefReader(self.game, formulas, dict(play.world))
            found = follow(
                play, points, reader, viewer=self._viewer(quantity), periods=self._periods(quantity)
            )
            seen.append(Seen(found.mass, reader.machine.accept, found.paths))
        return seen

    def _probability(self, quantity: Quantity) -> list[Reading]:
        assert quantity.formula is not None
        formula, provided = quantity.formula, quantity.provided
        formulas = [formula] if provided is None else [formula, provided]
        if any(beliefs(each) for each in formulas):
            return self._believed(quantity, formulas)
        both = self._accepted(formulas, quantity)
        if provided is None:
            return [_share(value) for value in self.mixture.mean(both, quantity.types)]
        given = self._accepted([provided], quantity)
        found = self.mixture.mean(both, quantity.types, given)
        parts = self.mixture.mean(given, quantity.types)
        return [_share(*pair) for pair in zip(found, parts, strict=True)]

    def _believed(self, quantity: Quantity, formulas: Sequence[Formula]) -> list[Reading]:
        periods, readings = self._periods(quantity), []
        for seen in self._followed(formulas, quantity):
            if len(formulas) == 1:
                readings.append(Reading(seen.probability(periods), seen.error(periods)))
                continue
            condition = seen.probability(periods, 1)
            if condition > 0:
                value = share(seen.both(periods) / condition)
                error = seen.error(periods, given=1)
                readings.append(Reading(value, error, given=condition))
            else:
                readings.append(Reading(None, None, (NEVER,)))
        return readings

    def _time(self, quantity: Quantity) -> list[Reading]:
        assert quantity.condition is not None
        formula = Atom("eventually", (quantity.condition,))
        scale = float(max(1, self._periods(quantity)))
        if beliefs(formula):
            seen = self._followed([formula], quantity)
            found = [each.waiting(self._periods(quantity)) for each in seen]
            return [Reading(value, error, (), scale) for value, error in found]
        values = self._accepted([formula], quantity, waiting=True)
        return [
            Reading(value, None, (), scale) for value in self.mixture.mean(values, quantity.types)
        ]

    def _kept(self, quantity: Quantity) -> list[Reading]:
        promise, case = quantity.subject, self.game.case
        broken = Atom("eventually", (Happening(frozenset({f"broken:{promise}"})),))
        values = self._accepted([broken], quantity)
        states, possible = (
            self.mixture.states(quantity.start),
            np.zeros(len(self.standing.states), dtype=bool),
        )
        for key in case.promises[promise].forbids:
            if key not in quantity.variant.without:
                possible |= self.game.evaluate(case.moves[key].when, self.oracle.world)[states] != 0
        said = f"nothing that {promise} forbids is possible"
        found = self.mixture.mean(values, quantity.types)
        return [
            Reading(1.0 - certain(value), None, warnings)
            for value, warnings in zip(
                found, self.mixture.lacks(~possible, quantity.types, said), strict=True
            )
        ]

    def _expectation(self, quantity: Quantity) -> list[Reading]:
        assert quantity.expression is not None
        values = self.game.evaluate(quantity.expression, self.oracle.world)
        wrong = ~np.isfinite(values)
        if wrong.any():
            raise impossible(self.game, quantity.expression.text, int(np.argmax(wrong)))
        spread = float(np.ptp(values)) or 1.0
        return self._conditional(quantity, values[:, None, None], spread)

    def _conditional(
        self, quantity: Quantity, feature: Floats, scale: float = 1.0
    ) -> list[Reading]:
        """Expected value of a feature after `at` periods, provided a formula holds."""
        play, periods, viewer = self.oracle.play, self._periods(quantity), self._viewer(quantity)
        at = periods if quantity.at is None else quantity.at
        states = self.mixture.states(quantity.start)
        if quantity.provided is None:
            field = backward(play, at, rewards={at: feature}, viewer=viewer)
            means = self.mixture.mean(self.mixture.at(field, states, viewer), quantity.types)
            return [Reading(value, scale=scale) for value in means]
        monitor, accept = monitor_of(self.game, [quantity.provided], self.oracle.world)
        parts = [
            backward(
                play,
                periods,
                rewards={periods: accept[:, 0].astype(np.float64)[:, None]},
                factors={at: factor},
                monitor=monitor,
                viewer=viewer,
            )
            for factor in (feature, np.ones(1))
        ]
        both, given = (self.mixture.at(field, states, viewer) for field in parts)
        found = self.mixture.mean(both, quantity.types, given)
        chances = self.mixture.mean(given, quantity.types)
        return [_given(value, scale, part) for value, part in zip(found, chances, strict=True)]

    def _value(self, quantity: Quantity) -> list[Reading]:
        party = quantity.party
        kinds = list(self.game.case.parties[party].types)
        if quantity.observer == "analyst":
            found = [self._earned(quantity, version) for version in range(len(self.standing))]
        else:
            own = quantity.type or (None if not kinds else kinds[0])
            states = self.mixture.states(quantity.start)
            first = self._valued(party, own, states)
            if kinds and quantity.type is None:
                believed = self.mixture.belief(party)
                first = believed * first + (1.0 - believed) * self._valued(party, kinds[1], states)
            types = () if quantity.type is None else ((party, quantity.type),)
            found = [certain(value) for value in self.mixture.mean(first, types)]
        return [Reading(value, None, (), max(1.0, abs(value))) for value in found]

    def _valued(self, party: str, kind: str | None, states: Ints) -> Floats:
        """(n,) what a party of this type expects at each point, by its own beliefs."""
        play = self.oracle.play
        number = 0 if kind is None else list(self.game.case.parties[party].types).index(kind)
        field = play.values[:, self.game.readers.index((party, number))]
        return self.mixture.at(field, states, play.viewer(party, kind))

    def _earned(self, quantity: Quantity, version: int) -> float:
        """What the analyst expects a party to get, its types weighed by what is believed."""
        party, types = quantity.party, dict(quantity.types)
        kinds = list(self.game.case.parties[party].types)
        if quantity.type is not None:
            types[party] = quantity.type
        if not kinds or party in types:
            kind = kinds.index(types[party]) if kinds else 0
            return self._earned_by(quantity, version, kind, types)
        first = self.mixture.belief(party)
        share_first = float(self.mixture.weighed(tuple(types.items()))[version] @ first)
        return sum(
            weight * self._earned_by(quantity, version, kind, {**types, party: kinds[kind]})
            for kind, weight in ((0, share_first), (1, 1.0 - share_first))
            if weight > 0
        )

    def _earned_by(
        self, quantity: Quantity, version: int, kind: int, types: dict[str, str]
    ) -> float:
        play = self.oracle.play
        weights = self.mixture.weighed(tuple(types.items()))[version]
        lanes, parts = play.spread(self.standing.records, play.viewer(types=types))
        measure = np.zeros((len(self.game.states), 1, play.records.lanes))
        states = self.mixture.states(quantity.start)
        np.add.at(measure[:, 0], (states[:, None], lanes), weights[:, None] * parts)
        return self.oracle.earned(quantity.party, kind, types, 0, measure)

    def _locally(
        self,
        quantity: Quantity,
        ask: Callable[[Walker, Quantity, int], tuple[Any, ...]],
        count: int,
    ) -> tuple[list[Floats], npt.NDArray[np.bool_], set[str]]:
        """`count` arrays (n,), asked of all points of a state at once; where it warned, of what."""
        states, records = self.mixture.states(quantity.start), self.standing.records
        types = dict(quantity.types)
        found = [np.zeros(len(states)) for _ in range(count)]
        lacking, said = np.zeros(len(states), dtype=np.bool_), set()
        for state in np.unique(states):
            here = states == state
            *numbers, warnings = ask(
                Walker(self.oracle.play, types, records[here]), quantity, int(state)
            )
            for array, number in zip(found, numbers, strict=True):
                array[here] = np.nan if number is None else number
            if warnings:
                lacking[here] = True
                said |= set(warnings)
        return found, lacking, said

    def _plays(self, quantity: Quantity) -> list[Reading]:
        (values,), lacking, _ = self._locally(quantity, plays, 1)
        warned = self.mixture.lacks(lacking, quantity.types, f"{quantity.subject} is not offered")
        found = self.mixture.mean(values, quantity.types)
        return [Reading(share(certain(v)), None, w) for v, w in zip(found, warned, strict=True)]

    def _signs(self, quantity: Quantity) -> list[Reading]:
        (agreed, asked), lacking, _ = self._locally(quantity, signed, 2)
        said = f"{quantity.party} is not asked about {quantity.subject}"
        warned = self.mixture.lacks(lacking, quantity.types, said)
        found = self.mixture.mean(agreed, quantity.types, asked)
        return [
            Reading(0.0 if value is None else share(value), None, warnings)
            for value, warnings in zip(found, warned, strict=True)
        ]

    def _belief(self, quantity: Quantity) -> list[Reading]:
        play, party = self.oracle.play, quantity.party
        observer = quantity.observer or "analyst"
        second = list(self.game.case.parties[party].types).index(str(quantity.type)) == 1

        def believe(path: Path) -> Floats:
            first = play.belief(observer, party, path.record)
            return np.asarray(1.0 - first if second else first)

        if quantity.at is not None:
            row = -1 if observer == "analyst" else self.game.parties.index(observer)
            first = play.lane_beliefs[row, self.game.hidden.index(party)]
            lane = 1.0 - first if second else first
            return self._conditional(quantity, lane[None, None])

        def ask(walker: Walker, quantity: Quantity, state: int) -> tuple[Any, ...]:
            return belief_after(walker, quantity, state, believe)

        (values,), lacking, said = self._locally(quantity, ask, 1)
        if np.isnan(values).any():
            return [Reading(None, None, tuple(sorted(said))) for _ in self.standing.weights]
        seen = " or ".join(quantity.after)
        warned = self.mixture.lacks(lacking, quantity.types, f"{seen} is not offered")
        found = self.mixture.mean(values, quantity.types)
        return [Reading(v, None, w) for v, w in zip(found, warned, strict=True)]

    def _can(self, quantity: Quantity) -> list[Reading]:
        assert quantity.formula is not None
        monitor, _ = monitor_of(self.game, [quantity.formula], self.oracle.world)
        states, periods = self.mixture.states(quantity.start), self._periods(quantity)
        distinct, place = np.unique(states, return_inverse=True)
        secured = [
            secure(self.game, self.oracle.numbers, quantity.coalition, monitor, int(s), periods)
            for s in distinct
        ]
        return [Reading(value) for value in self.mixture.mean(np.array(secured)[place], ())]


# beside the class, for the reason that `reading` gives
_BY_KIND: Mapping[str, Callable[[Onlooker, Quantity], list[Reading]]] = {
    "P": Onlooker._probability,
    "E": Onlooker._expectation,
    "time": Onlooker._time,
    "value": Onlooker._value,
    "plays": Onlooker._plays,
    "signs": Onlooker._signs,
    "belief": Onlooker._belief,
    "can": Onlooker._can,
    "kept": Onlooker._kept,
}


def _share(value: float | None, given: float | None = 1.0) -> Reading:
    return _given(None if value is None else share(value), 1.0, given)


def _given(value: float | None, scale: float, given: float | None) -> Reading:
    if value is None:
        return Reading(None, None, (NEVER,), scale)
    return Reading(value, scale=scale, given=certain(given))

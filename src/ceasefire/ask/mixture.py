"""A mixture of states and records, and sums weighed by it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.ask.question import Start
from ceasefire.ask.reading import Oracle
from ceasefire.game.states import Ints, States
from ceasefire.solve import Viewer

Floats = npt.NDArray[np.float64]
Types = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Standing:
    """Where things may stand: n points, and how likely each of them is in S versions.

    table    the states that `states` counts
    states   (n,) public states
    records  (n, H) record of each party with types
    weights  (S, n) probability of each point, one row for each version
    """

    table: States
    states: Ints
    records: Floats
    weights: Floats

    def __len__(self) -> int:
        """How many versions there are."""
        return len(self.weights)


class Mixture:
    """Where things may stand in one game, which is solved when records are first read."""

    def __init__(self, oracle: Oracle, standing: Standing) -> None:
        self.oracle, self.standing, self.game = oracle, standing, oracle.game
        self._weights: dict[Types, Floats] = {}
        self._places: dict[Start, Ints] = {}

    def states(self, start: Start) -> Ints:
        """(n,) the states of this game in which the points are, once `start=` has its way."""
        if start not in self._places:
            table, standing = self.game.table, self.standing
            codes = standing.table.codes.copy()
            for name, value in start:
                variable = self.game.case.variables[name]
                codes[:, table.names.index(name)] = variable.values.index(value)
            self._places[start] = table.numbers(codes)[standing.states]
        return self._places[start]

    def weighed(self, types: Types) -> Floats:
        """(S, n) weights of the points among plays with these types."""
        if types not in self._weights:
            weights = self.standing.weights
            for party, kind in types:
                first = self.belief(party)
                known = list(self.game.case.parties[party].types).index(kind)
                weights = weights * (first if known == 0 else 1.0 - first)
            total = weights.sum(axis=1, keepdims=True)
            self._weights[types] = weights / np.where(total > 0, total, 1.0)
        return self._weights[types]

    def belief(self, party: str) -> Floats:
        """(n,) what the analyst believes of a party's first type at each point."""
        return np.asarray(self.oracle.play.belief("analyst", party, tuple(self.standing.records.T)))

    def at(self, field: Floats, states: Ints, viewer: Viewer) -> Floats:
        """(n,) a (X, L) field at the points, between the nodes in the viewer's belief."""
        lanes, weights = self.oracle.play.spread(self.standing.records, viewer)
        found: Floats = (field[states[:, None], lanes] * weights).sum(axis=1)
        return found

    def mean(self, values: Floats, types: Types, given: Floats | None = None) -> list[float | None]:
        """In each version the mean of values (n,), or the ratio of two means."""
        weights = self.weighed(types)
        means = weights @ np.broadcast_to(values, len(weights.T))
        if given is None:
            return [float(mean) for mean in means]
        parts = weights @ np.broadcast_to(given, len(weights.T))
        return [float(a / b) if b > 0 else None for a, b in zip(means, parts, strict=True)]

    def lacks(
        self, lacking: npt.NDArray[np.bool_], types: Types, said: str
    ) -> list[tuple[str, ...]]:
        """A warning in each version in which something is lacking at some points."""
        missing = self.mean(lacking.astype(np.float64), types)
        return [
            (f"{said} in {certain(part):.0%} of where things may stand",)
            if certain(part) > 5e-3
            else ()
            for part in missing
        ]


def certain(value: float | None) -> float:
    """A mean, which always has a value; a ratio may have none."""
    assert value is not None
    return value

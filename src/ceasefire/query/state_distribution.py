"""Where may play stand when a quantity is asked, and how likely is each of these points?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ceasefire.equilibrium import Equilibrium, ObserverMeasure
from ceasefire.game import Game
from ceasefire.game.automaton import Bools
from ceasefire.game.states import Floats, Ints, StateTable
from ceasefire.query.ast import StartOverrides

TypesByParty = tuple[tuple[str, str], ...]

LEAST_SHARE_TO_WARN_OF = 5e-3


@dataclass(frozen=True, eq=False)
class StateDistribution:
    """Points at which play may stand, with the probability of each in V versions.

    state_table  the states that `states` counts
    states       (n,) public states
    records      (n, H) public record of each party with types: the log-likelihood ratio of its
                 choices so far, first type over second
    weights      (V, n) probability of each point, one row for each version
    """

    state_table: StateTable
    states: Ints
    records: Floats
    weights: Floats

    @classmethod
    def at_start(cls, game: Game) -> "StateDistribution":
        """The case's own start, where nothing has been shown: one point, one version."""
        return cls(
            game.state_table,
            np.array([game.start_state({})], dtype=np.int32),
            np.zeros((1, len(game.parties_with_types))),
            np.ones((1, 1)),
        )

    @property
    def version_count(self) -> int:
        """How many versions there are."""
        return len(self.weights)


class DistributionInGame:
    """A distribution read in one game, which is solved when beliefs are first needed.

    solution  gives the game solved
    """

    def __init__(
        self, distribution: StateDistribution, game: Game, solution: Callable[[], Equilibrium]
    ) -> None:
        self.distribution, self.game, self._solution = distribution, game, solution
        self._weights: dict[TypesByParty, Floats] = {}
        self._states: dict[StartOverrides, Ints] = {}

    def states(self, start: StartOverrides) -> Ints:
        """(n,) the states of this game in which the points are, with `start=` put in place."""
        if start not in self._states:
            table, distribution = self.game.state_table, self.distribution
            codes = distribution.state_table.codes[distribution.states]
            for name, value in start:
                variable = self.game.case.variables_and_promises[name]
                codes[:, table.names.index(name)] = variable.values.index(value)
            self._states[start] = table.find_states(codes)
        return self._states[start]

    def weights_given(self, types: TypesByParty) -> Floats:
        """(V, n) probability of each point among plays with these types."""
        if types not in self._weights:
            weights = self.distribution.weights
            for party, kind in types:
                first = self.analyst_belief(party)
                known = list(self.game.case.parties[party].types).index(kind)
                weights = weights * (first if known == 0 else 1.0 - first)
            total = weights.sum(axis=1, keepdims=True)
            self._weights[types] = weights / np.where(total > 0, total, 1.0)
        return self._weights[types]

    def analyst_belief(self, party: str) -> Floats:
        """(n,) what the analyst believes of a party's first type at each point."""
        equilibrium, records = self._solution(), self.distribution.records
        shown = records[:, self.game.parties_with_types.index(party)]
        believed: Floats = np.where(
            shown == 0.0,
            equilibrium.prior("analyst", party),
            equilibrium.belief("analyst", party, tuple(records.T)),
        )
        return believed

    def field_at_points(self, field: Floats, start: StartOverrides, by: ObserverMeasure) -> Floats:
        """(n,) a (X, L) field at the points, linear between grid points in an observer's belief."""
        points, weights = self._solution().interpolate_batch(self.distribution.records, by)
        found: Floats = (field[self.states(start)[:, None], points] * weights).sum(axis=1)
        return found

    def means(self, values: Floats, types: TypesByParty) -> Floats:
        """(V,) mean over plays with these types of values (n,) at the points."""
        weights = self.weights_given(types)
        means: Floats = weights @ np.broadcast_to(values, len(weights.T))
        return means

    def warnings_where(
        self, lacking: Bools, types: TypesByParty, said: str
    ) -> list[tuple[str, ...]]:
        """A warning in each version in which something is lacking at more than a few points."""
        return [
            (f"{said} in {share:.0%} of where things may stand",)
            if share > LEAST_SHARE_TO_WARN_OF
            else ()
            for share in self.means(lacking.astype(np.float64), types)
        ]

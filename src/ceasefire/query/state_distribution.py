"""Where may play stand when a quantity is asked, and how far off may be what is read there?

Each point has its probability. What is read near certainty is read at the edge of the belief grid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ceasefire.equilibrium import Equilibrium, ObserverMeasure, expected_rewards_to_go
from ceasefire.game import Game
from ceasefire.game.graph import Bools
from ceasefire.game.states import Floats, Ints, StateTable
from ceasefire.query.ast import Quantity, StartOverrides

TypesByParty = tuple[tuple[str, str], ...]

LEAST_SHARE_TO_WARN_OF = 5e-3
KINDS_WEIGHED_BY_BELIEF = ("P", "E", "time", "kept", "value")  # besides beliefs at a time
FieldMean = Callable[[Floats, ObserverMeasure], float]
EdgeMass = Callable[[ObserverMeasure, int, float], float]


@dataclass(frozen=True, eq=False)
class StateDistribution:
    """Points at which play may stand, with the probability of each in V versions.

    state_table  the states that `states` counts
    states       (n,) public states
    records      (n, D) public record of each party with types: the log-likelihood ratios of its
                 choices so far, its first type over each other
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
            np.zeros((1, game.record_size)),
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
            for name, value in self.game.case.with_clocks_set(dict(start)).items():
                variable = self.game.case.variables_and_promises[name]
                codes[:, table.names.index(name)] = variable.values.index(value)
            self._states[start] = table.find_states(codes)
        return self._states[start]

    def weights_given(self, types: TypesByParty) -> Floats:
        """(V, n) probability of each point among plays with these types."""
        if types not in self._weights:
            weights = self._weights_of(types)
            total = weights.sum(axis=1, keepdims=True)
            self._weights[types] = weights / np.where(total > 0, total, 1.0)
        return self._weights[types]

    def masses_given(self, types: TypesByParty) -> Floats:
        """(V,) how much of each version's weight is on plays with these types."""
        masses: Floats = self._weights_of(types).sum(axis=1)
        return masses

    def _weights_of(self, types: TypesByParty) -> Floats:
        weights = self.distribution.weights
        for party, kind in types:
            known = list(self.game.case.parties[party].types).index(kind)
            weights = weights * self.analyst_belief(party, known)
        return weights

    def analyst_belief(self, party: str, number: int) -> Floats:
        """(n,) what the analyst believes of the type of a party with this number at each point."""
        equilibrium, records = self._solution(), self.distribution.records
        place = self.game.record_places[self.game.parties_with_types.index(party)]
        believed: Floats = np.where(
            (records[:, place] == 0.0).all(axis=1),
            equilibrium.priors("analyst", party)[number],
            equilibrium.beliefs("analyst", party, tuple(records.T))[number],
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


def depends_on_grid_edge(quantity: Quantity) -> bool:
    """Whether a quantity weighs types by a belief that play moves, and so by the grid's edge."""
    return quantity.kind in KINDS_WEIGHED_BY_BELIEF or quantity.after_periods is not None


class GridEdgeErrorBound:
    """What the grid's edge may do to the quantities that one solved game answers."""

    def __init__(self, equilibrium: Equilibrium) -> None:
        self.equilibrium, self.game = equilibrium, equilibrium.game
        self._fields: dict[object, Floats] = {}

    def bound(
        self,
        quantity: Quantity,
        scale: float,
        condition_probability: float,
        mean: FieldMean,
        edge_mass: EdgeMass | None = None,
    ) -> float:
        """By how much a value may be off, in units of its scale.

        scale                  what a change of the value is compared with
        condition_probability  of the condition that it is asked provided of
        mean                   gives what a (X, L) field is where the quantity is asked from, as an
                               observer reads it
        edge_mass              gives, where choices of `after=` come first, what leaks back in so
                               many periods, each weighed by patience

        A probability moves by no more than what leaks back at the edge; a value by that much of
        what separates the best from the worst that the party can expect anywhere. Of what is
        asked provided that a condition holds, both the condition and the rest may move.
        """
        leaked = partial(self._mass_from_field, mean) if edge_mass is None else edge_mass
        if quantity.kind == "value":
            return self._value_bound(quantity, leaked) / scale
        at = quantity.after_periods if quantity.provided is None else None
        periods = self.game.case.horizon if quantity.periods is None else quantity.periods
        off = self._leaked_mass(leaked, periods if at is None else at, types=quantity.types)
        if quantity.provided is None or off == 0.0:
            return off
        given = condition_probability
        return min(1.0, 2.0 * off / (given - off)) if given > off else 1.0

    def _value_bound(self, quantity: Quantity, leaked: EdgeMass) -> float:
        party, game, equilibrium = quantity.party, self.game, self.equilibrium
        kinds: list[str | None] = [*game.case.types_known_to(party)] or [None]
        asked = [quantity.type] if quantity.type is not None else kinds
        readers = [game.player_types.index((party, kinds.index(kind))) for kind in asked]
        spread = float(np.ptp(equilibrium.values[:, readers]))
        patience = float(equilibrium.parameters.patience[game.parties.index(party)])
        if quantity.observer == "analyst":
            known = game.case.party_known_to(party)
            own = () if quantity.type is None else ((known, quantity.type),)
            types = (*quantity.types, *own)
            return spread * self._leaked_mass(leaked, game.periods, patience, types=types)
        each = [self._leaked_mass(leaked, game.periods, patience, (party, kind)) for kind in asked]
        return spread * max(each)

    def _leaked_mass(
        self,
        leaked: EdgeMass,
        periods: int,
        patience: float = 1.0,
        party: tuple[str, str | None] | None = None,
        types: TypesByParty = (),
    ) -> float:
        """What may leak back, each period weighed by patience, as an observer counts plays."""
        equilibrium = self.equilibrium
        observer = (
            equilibrium.observer_measure(*party)
            if party is not None
            else equilibrium.observer_measure(types=dict(types))
        )
        coarser = 2.0 * float(np.exp(equilibrium.belief_grid.spacing.max(initial=0.0)))
        return coarser * leaked(observer, periods, patience)

    def _mass_from_field(
        self, mean: FieldMean, observer: ObserverMeasure, periods: int, patience: float
    ) -> float:
        """The same from where a period begins: what is to come of it at each state and record."""
        ends = observer.edge_leakage
        reader = observer.first_type_probability.tobytes(), observer.prior_logit.tobytes()
        key = (periods, patience, *reader)
        if key not in self._fields:
            rewards = {n: ends * patience**n for n in range(periods)}
            nothing = np.zeros((len(self.game.states), len(ends)))
            self._fields[key] = (
                expected_rewards_to_go(
                    self.equilibrium, periods, rewards=rewards, observer=observer
                )
                if ends.any()
                else nothing
            )
        return mean(self._fields[key], observer)

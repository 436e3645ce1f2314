"""A solved game: what everyone does, and what everyone expects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.belief_grid import BeliefGrid
from ceasefire.game.graph import Game
from ceasefire.game.parameters import GameParameters
from ceasefire.game.states import Floats


@dataclass(frozen=True, eq=False)
class ObserverMeasure:
    """The measure under which plays are counted.

    first_type_probability  (H, size) chance that the viewer gives each axis's party of being its
                            first type
    interpolation_belief  (H, size) the belief in which the viewer reads between nodes
    """

    first_type_probability: Floats
    interpolation_belief: Floats
    prior_logit: Floats  # (H,) log odds of the prior behind `coordinate`

    @property
    def edge_leakage(self) -> Floats:
        """(L,) what the viewer still gives, at the ends of the axes, to types that are ruled out.

        What lies beyond an end is read at it, so this much may come back in each period. A type
        that the viewer knows is never ruled out.
        """
        axes, size = self.first_type_probability.shape
        ends = np.zeros((axes, size))
        if axes:
            ends[:, 0], ends[:, -1] = (
                self.first_type_probability[:, 0],
                1.0 - self.first_type_probability[:, -1],
            )
            ends[(self.first_type_probability != self.interpolation_belief).any(axis=1)] = 0.0
        total = np.zeros((size,) * axes)
        for h in range(axes):
            total += ends[h].reshape([-1 if other == h else 1 for other in range(axes)])
        found: Floats = total.ravel()
        return found


PublicRecord = Sequence[Any]  # one entry for each party with types: a number, or an array of them


@dataclass(frozen=True)
class FixedPointCertificate:
    """How well the fixed points of one solution were found.

    residual       largest error left in a log-odds equation of a signalling decision
    unresolved     signalling decisions whose fixed point was not found
    branch_points  those at which the principal branch met another and went straight on
    decision_count      decisions taken in all, each record counted
    continued_by_arclength       those that had to be followed by arclength
    """

    residual: float
    unresolved: int
    branch_points: int
    decision_count: int
    continued_by_arclength: int


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A game solved in one world."""

    game: Game
    parameters: GameParameters
    belief_grid: BeliefGrid
    precision_factor: float
    certificate: FixedPointCertificate
    policies: tuple[Floats, ...]
    policy_offsets: tuple[npt.NDArray[Any], ...]
    values: Floats  # (X, R, L) at the beginning of period 0
    values_at: Mapping[int, Floats]  # the same at the beginning of other periods, where asked for

    @property
    def world(self) -> Mapping[str, float]:
        """The value of every unknown."""
        return self.parameters.world

    @property
    def grid_size(self) -> int:
        """Belief nodes per party with types."""
        return self.belief_grid.axis_size

    @property
    def parties_with_types(self) -> tuple[str, ...]:
        """The parties with types; a record has one entry for each."""
        return self.game.parties_with_types

    @cached_property
    def prior_record(self) -> tuple[float, ...]:
        """The record of somebody of whom nothing has been seen."""
        return (0.0,) * len(self.parties_with_types)

    def value(self, party: str, type: str | None = None, start: int = 0) -> float:
        """What a party expects at the start: its discounted payoff by its own beliefs.

        For a party with types and no `type`, its types are weighed by the analyst's prior.
        """
        types = list(self.game.case.parties[party].types)
        lane = self.belief_grid.prior_point

        def of(kind: int) -> float:
            return float(self.values[start, self.game.player_types.index((party, kind)), lane])

        if not types:
            return of(0)
        if type is not None:
            return of(types.index(type))
        first = self.prior("analyst", party)
        return first * of(0) + (1.0 - first) * of(1)

    def prior(self, observer: str, party: str) -> float:
        """What an observer, or the `analyst`, believes of a party's first type at the start."""
        parties = self.game.parties
        row = len(parties) if observer in ("analyst", party) else parties.index(observer)
        return float(self.parameters.prior[row, parties.index(party)])

    def belief(self, observer: str, party: str, record: PublicRecord) -> Any:
        """What an observer believes of a party's first type once the record stands so.

        A float, or an array where the record is one of arrays.
        """
        prior = self.prior(observer, party)
        odds = np.log(prior) - np.log1p(-prior) + record[self.parties_with_types.index(party)]
        with np.errstate(over="ignore"):  # what is beyond it is 0, as it should be
            believed = 1.0 / (1.0 + np.exp(-odds))
        return believed if isinstance(believed, np.ndarray) else float(believed)

    def chance_probabilities(self, graph_index: int) -> Floats:
        """(B,) probability of each chance branch of a graph."""
        return self.parameters.by_graph[graph_index].chance

    def choice_probabilities(self, period: int, node: int, record: PublicRecord) -> Floats:
        """(types, K) what the mover at a node does; one row for a mover without types.

        Between the nodes of the record choices are read in the analyst's belief. For a record of
        arrays (n,) it is (types, K, n).
        """
        number = self.game.graph_index(period)
        graph = self.game.graphs[number]
        options = int(graph.first_branch[node + 1] - graph.first_branch[node])
        party = self.game.parties[graph.mover[node]]
        types = 2 if party in self.parties_with_types else 1
        start = int(self.policy_offsets[number][node])
        block = self.policies[period][
            start : start + types * options * self.belief_grid.point_count
        ]
        table = block.reshape(types, options, -1)
        read: Floats
        if record and isinstance(record[0], np.ndarray):
            around, parts = self.interpolate_batch(np.stack(record, axis=1))
            read = (table[:, :, around] * parts).sum(axis=-1)
            return read
        lanes, weights = self.interpolate(record)
        read = table[:, :, lanes] @ weights
        return read

    def interpolate(
        self, record: PublicRecord, observer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """The grid nodes around a record, and the weight of each when read by a viewer."""
        lanes, weights = self.interpolate_batch(np.array([record], dtype=np.float64), observer)
        keep = weights[0] != 0
        return lanes[0][keep], weights[0][keep]

    def interpolate_batch(
        self, records: Floats, observer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """(n, 2**H) grid nodes around each of n records, and the weight of each; see `lanes`."""
        grid = self.belief_grid
        lanes = np.zeros((len(records), 1), dtype=np.int64)
        weights = np.ones((len(records), 1))
        for h in range(grid.axes):
            logit = grid.prior_logit[h, 0] if observer is None else observer.prior_logit[h]
            belief = grid.belief[h, 0] if observer is None else observer.interpolation_belief[h]
            reach = grid.lowest_record[h] + grid.spacing[h] * (grid.axis_size - 1)
            record = np.clip(records[:, h], grid.lowest_record[h], reach)
            k = np.clip(
                ((record - grid.lowest_record[h]) / grid.spacing[h]).astype(np.int64),
                0,
                grid.axis_size - 2,
            )
            b = 1.0 / (1.0 + np.exp(-(logit + record)))
            f = np.clip((b - belief[k]) / (belief[k + 1] - belief[k]), 0.0, 1.0)[:, None]
            stride = int(grid.strides[h])
            lanes = np.hstack([lanes + k[:, None] * stride, lanes + (k[:, None] + 1) * stride])
            weights = np.hstack([weights * (1.0 - f), weights * f])
        return lanes, weights

    @cached_property
    def point_beliefs(self) -> Floats:
        """(P + 1, H, L) belief of each party, the analyst last, in each first type at each lane."""
        grid = self.belief_grid
        lane = np.arange(grid.point_count)
        beliefs = np.zeros((len(grid.prior_kind), grid.axes, grid.point_count))
        for h in range(grid.axes):
            k = (lane // grid.strides[h]) % grid.axis_size
            for j in range(len(grid.prior_kind)):
                beliefs[j, h] = grid.belief[h, grid.prior_kind[j, h], k]
        return beliefs

    def observer_measure(
        self,
        party: str | None = None,
        type: str | None = None,
        types: Mapping[str, str] | None = None,
    ) -> ObserverMeasure:
        """Whose probabilities a trace counts.

        By default the analyst's; with `types` only plays in which these parties are of these
        types; with `party` that party's own, knowing its own `type`.
        """
        grid, game = self.belief_grid, self.game
        known = dict(types or {})
        row = -1
        if party is not None:
            row = game.parties.index(party)
            if type is not None:
                known[party] = type
        kinds = grid.prior_kind[row]
        axes = range(grid.axes)
        coordinate = np.zeros((grid.axes, grid.axis_size))
        for h in axes:
            coordinate[h] = grid.belief[h, kinds[h]]
        weight = coordinate.copy()
        for h, name in enumerate(game.parties_with_types):
            if name in known:
                first = list(game.case.parties[name].types).index(known[name]) == 0
                weight[h] = 1.0 if first else 0.0
        logit = np.array([grid.prior_logit[h, kinds[h]] for h in axes])
        return ObserverMeasure(weight, coordinate, logit)

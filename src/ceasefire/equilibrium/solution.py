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

    weight  (H, size) chance that the viewer gives each axis's party of being its first type
    coordinate  (H, size) the belief in which the viewer reads between nodes
    """

    weight: Floats
    coordinate: Floats
    logit: Floats  # (H,) log odds of the prior behind `coordinate`

    @property
    def rounding(self) -> Floats:
        """(L,) what the viewer still gives, at the ends of the axes, to types that are ruled out.

        What lies beyond an end is read at it, so this much may come back in each period. A type
        that the viewer knows is never ruled out.
        """
        axes, size = self.weight.shape
        ends = np.zeros((axes, size))
        if axes:
            ends[:, 0], ends[:, -1] = self.weight[:, 0], 1.0 - self.weight[:, -1]
            ends[(self.weight != self.coordinate).any(axis=1)] = 0.0
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
    decisions      decisions taken in all, each record counted
    followed       those that had to be followed by arclength
    """

    residual: float
    unresolved: int
    branch_points: int
    decisions: int
    followed: int


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A game solved in one world."""

    game: Game
    numbers: GameParameters
    records: BeliefGrid
    sharper: float
    certificate: FixedPointCertificate
    policies: tuple[Floats, ...]
    offsets: tuple[npt.NDArray[Any], ...]
    values: Floats  # (X, R, L) at the beginning of period 0
    kept: Mapping[int, Floats]  # the same at the beginning of other periods, where asked for

    @property
    def world(self) -> Mapping[str, float]:
        """The value of every unknown."""
        return self.numbers.world

    @property
    def grid(self) -> int:
        """Belief nodes per party with types."""
        return self.records.size

    @property
    def hidden(self) -> tuple[str, ...]:
        """The parties with types; a record has one entry for each."""
        return self.game.hidden

    @cached_property
    def prior_record(self) -> tuple[float, ...]:
        """The record of somebody of whom nothing has been seen."""
        return (0.0,) * len(self.hidden)

    def value(self, party: str, type: str | None = None, start: int = 0) -> float:
        """What a party expects at the start: its discounted payoff by its own beliefs.

        For a party with types and no `type`, its types are weighed by the analyst's prior.
        """
        types = list(self.game.case.parties[party].types)
        lane = self.records.prior_lane

        def of(kind: int) -> float:
            return float(self.values[start, self.game.readers.index((party, kind)), lane])

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
        return float(self.numbers.prior[row, parties.index(party)])

    def belief(self, observer: str, party: str, record: PublicRecord) -> Any:
        """What an observer believes of a party's first type once the record stands so.

        A float, or an array where the record is one of arrays.
        """
        prior = self.prior(observer, party)
        odds = np.log(prior) - np.log1p(-prior) + record[self.hidden.index(party)]
        with np.errstate(over="ignore"):  # what is beyond it is 0, as it should be
            believed = 1.0 / (1.0 + np.exp(-odds))
        return believed if isinstance(believed, np.ndarray) else float(believed)

    def chance(self, graph_number: int) -> Floats:
        """(B,) probability of each chance branch of a graph."""
        return self.numbers.graphs[graph_number].chance

    def policy(self, period: int, slot: int, record: PublicRecord) -> Floats:
        """(types, K) what the mover at a node does; one row for a mover without types.

        Between the nodes of the record choices are read in the analyst's belief. For a record of
        arrays (n,) it is (types, K, n).
        """
        number = self.game.graph_number(period)
        graph = self.game.graphs[number]
        options = int(graph.first[slot + 1] - graph.first[slot])
        party = self.game.parties[graph.mover[slot]]
        types = 2 if party in self.hidden else 1
        start = int(self.offsets[number][slot])
        block = self.policies[period][start : start + types * options * self.records.lanes]
        table = block.reshape(types, options, -1)
        read: Floats
        if record and isinstance(record[0], np.ndarray):
            around, parts = self.spread(np.stack(record, axis=1))
            read = (table[:, :, around] * parts).sum(axis=-1)
            return read
        lanes, weights = self.lanes(record)
        read = table[:, :, lanes] @ weights
        return read

    def lanes(
        self, record: PublicRecord, viewer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """The grid nodes around a record, and the weight of each when read by a viewer."""
        lanes, weights = self.spread(np.array([record], dtype=np.float64), viewer)
        keep = weights[0] != 0
        return lanes[0][keep], weights[0][keep]

    def spread(
        self, records: Floats, viewer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """(n, 2**H) grid nodes around each of n records, and the weight of each; see `lanes`."""
        grid = self.records
        lanes = np.zeros((len(records), 1), dtype=np.int64)
        weights = np.ones((len(records), 1))
        for h in range(grid.axes):
            logit = grid.logit[h, 0] if viewer is None else viewer.logit[h]
            belief = grid.belief[h, 0] if viewer is None else viewer.coordinate[h]
            reach = grid.low[h] + grid.step[h] * (grid.size - 1)
            record = np.clip(records[:, h], grid.low[h], reach)
            k = np.clip(((record - grid.low[h]) / grid.step[h]).astype(np.int64), 0, grid.size - 2)
            b = 1.0 / (1.0 + np.exp(-(logit + record)))
            f = np.clip((b - belief[k]) / (belief[k + 1] - belief[k]), 0.0, 1.0)[:, None]
            stride = int(grid.strides[h])
            lanes = np.hstack([lanes + k[:, None] * stride, lanes + (k[:, None] + 1) * stride])
            weights = np.hstack([weights * (1.0 - f), weights * f])
        return lanes, weights

    @cached_property
    def lane_beliefs(self) -> Floats:
        """(P + 1, H, L) belief of each party, the analyst last, in each first type at each lane."""
        grid = self.records
        lane = np.arange(grid.lanes)
        beliefs = np.zeros((len(grid.kind), grid.axes, grid.lanes))
        for h in range(grid.axes):
            k = (lane // grid.strides[h]) % grid.size
            for j in range(len(grid.kind)):
                beliefs[j, h] = grid.belief[h, grid.kind[j, h], k]
        return beliefs

    def viewer(
        self,
        party: str | None = None,
        type: str | None = None,
        types: Mapping[str, str] | None = None,
    ) -> ObserverMeasure:
        """Whose probabilities a trace counts.

        By default the analyst's; with `types` only plays in which these parties are of these
        types; with `party` that party's own, knowing its own `type`.
        """
        grid, game = self.records, self.game
        known = dict(types or {})
        row = -1
        if party is not None:
            row = game.parties.index(party)
            if type is not None:
                known[party] = type
        kinds = grid.kind[row]
        axes = range(grid.axes)
        coordinate = np.zeros((grid.axes, grid.size))
        for h in axes:
            coordinate[h] = grid.belief[h, kinds[h]]
        weight = coordinate.copy()
        for h, name in enumerate(game.hidden):
            if name in known:
                first = list(game.case.parties[name].types).index(known[name]) == 0
                weight[h] = 1.0 if first else 0.0
        logit = np.array([grid.logit[h, kinds[h]] for h in axes])
        return ObserverMeasure(weight, coordinate, logit)

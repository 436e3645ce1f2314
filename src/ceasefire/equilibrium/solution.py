"""What does everyone do in a solved game, and what does everyone expect and believe at a record?

A record is a log-likelihood ratio l of a party's first type against its second. With the prior p
an observer believes sigmoid(logit(p) + l). A game is solved at the points of a grid that is
uniform in l, holds l = 0, and reaches to where every observer's belief is within 1e-4 of
certainty, or 1e-6 where an outcome of chance may rule out a type; beyond its ends values are
constant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.game.graph import DECISION, Game, PeriodGraph
from ceasefire.game.parameters import GameParameters, weights_of_type_combinations
from ceasefire.game.states import Floats, Ints
from ceasefire.settings import check_grid_size

CERTAIN_RECORD = 700.0  # no record is larger: exp of more overflows, and what is left is nothing
GRID_EDGE_UNCERTAINTY = 1e-4
SURE_NEWS_EDGE_UNCERTAINTY = 1e-6  # on the axis of a type that an outcome of chance may rule out


@dataclass(frozen=True, eq=False)
class BeliefGrid:
    """The grid of records, and what everybody believes at its points.

    Axis h is the h-th party with types, kind m one of the distinct priors about any of them;
    kind 0 is the analyst's. Grid points are numbered over all axes, the last one fastest.
    """

    axis_party: Ints  # (H,) party index of each axis
    axis_size: int  # grid points on each axis
    lowest_record: Floats  # (H,) record at the first grid point
    spacing: Floats  # (H,) distance of neighbouring records
    prior_index: Ints  # (H,) place of the prior record on each axis
    prior_logit: Floats  # (H, M) log odds of the prior of each kind
    belief: Floats  # (H, M, size) belief in the first type at each grid point
    prior_kind: Ints  # (P + 1, H) kind of each party's belief about each axis, the analyst last

    @property
    def axes(self) -> int:
        """Number of parties with types."""
        return len(self.axis_party)

    @property
    def point_count(self) -> int:
        """Number of joint records."""
        return int(self.axis_size**self.axes)

    @property
    def strides(self) -> Ints:
        """(H,) difference of the numbers of neighbouring grid points on each axis."""
        return np.array(
            [self.axis_size ** (self.axes - 1 - h) for h in range(self.axes)], dtype=np.int32
        )

    @property
    def prior_point(self) -> int:
        """The grid point at which nothing has been recorded yet."""
        return int((self.prior_index * self.strides).sum())


def build_belief_grid(
    game: Game, parameters: GameParameters, size: int, halvings: int = 0
) -> BeliefGrid:
    """Lay the grid for a world.

    parameters  the numbers of the world, of which the priors are read
    size        grid points on each axis: odd, at least 3
    halvings    refinements after that: each keeps all grid points, halves their distance, and
                halves the uncertainty that is left beyond the ends; a negative number makes the
                grid so often half as fine instead

    Raises SolveError as `check_grid_size` does.
    """
    check_grid_size(size)
    size, halvings = halved_grid_size(size, max(0, -halvings)), max(0, halvings)
    parties = [game.parties.index(name) for name in game.parties_with_types]
    prior = parameters.prior[:, parties]
    odds = np.log(prior) - np.log1p(-prior)
    kind = np.zeros(prior.shape, dtype=np.int32)
    logit = np.zeros((len(parties), len(prior)))
    step = np.ones(len(parties))
    reach = np.zeros((len(parties), 2), int)
    inside = np.arange(1, size - 1)
    sure = _axes_of_sure_news(game, parameters)
    for h in range(len(parties)):
        knows = np.append(game.type_axis == h, False)
        others = odds[~knows, h]
        distinct = [odds[-1, h], *sorted(set(others) - {odds[-1, h]})]
        logit[h] = odds[-1, h]
        logit[h, : len(distinct)] = distinct
        for j in range(len(prior)):
            kind[j, h] = 0 if knows[j] else distinct.index(odds[j, h])
        certainty = SURE_NEWS_EDGE_UNCERTAINTY if h in sure else GRID_EDGE_UNCERTAINTY
        below, above = _extent_to_certainty(distinct, certainty)
        spacings = np.maximum(below / inside, above / inside[::-1])
        k = int(inside[spacings.argmin()])
        step[h] = spacings.min() / 2**halvings
        further = np.ceil(
            np.array(_extent_to_certainty(distinct, certainty / 2**halvings)) / step[h] - 1e-9
        )
        reach[h] = np.maximum(np.array([k, size - 1 - k]) * 2**halvings, further)
    nodes = int(reach.sum(axis=1).max(initial=2)) + 1
    prior_index = reach[:, 0]
    low = -step * prior_index
    kinds = int(kind.max(initial=0)) + 1
    logit = np.ascontiguousarray(logit[:, :kinds])
    record = low[:, None] + step[:, None] * np.arange(nodes)
    belief = 1.0 / (1.0 + np.exp(-(logit[:, :, None] + record[:, None, :])))
    return BeliefGrid(
        np.array(parties, dtype=np.int32),
        nodes,
        low,
        step,
        prior_index.astype(np.int32),
        logit,
        belief,
        kind,
    )


def point_beliefs(grid: BeliefGrid) -> Floats:
    """(P + 1, H, L) belief of each party, the analyst last, in each first type at each point."""
    point = np.arange(grid.point_count)
    beliefs = np.zeros((len(grid.prior_kind), grid.axes, grid.point_count))
    for h in range(grid.axes):
        k = (point // grid.strides[h]) % grid.axis_size
        for j in range(len(grid.prior_kind)):
            beliefs[j, h] = grid.belief[h, grid.prior_kind[j, h], k]
    return beliefs


def _axes_of_sure_news(game: Game, parameters: GameParameters) -> set[int]:
    """The axes of the parties of which some outcome of chance rules out a type."""
    found: set[int] = set()
    for graph, filled in zip(game.graphs, parameters.by_graph, strict=True):
        if graph.tells_by_chance:
            sure = (filled.chance_by_type > 0).sum(axis=1) == 1
            node = np.repeat(np.arange(graph.node_count), np.diff(graph.first_branch))
            found |= set(graph.axis[node[sure]].tolist())
    return found


def policy_layout(
    graph: PeriodGraph, game: Game
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(N,) where each decision's choices begin in a period's policy, and (N,) how many they are.

    Counted at one grid point. Outcomes of chance that tell of a type have their place there too.
    """
    options = np.diff(graph.first_branch)
    decides = graph.node_kind == DECISION
    types = np.where(decides, types_known_by_movers(graph, game), 1)
    if (graph.axis >= 0).any():
        hidden = [len(game.case.parties[party].types) for party in game.parties_with_types]
        types = np.where(graph.axis >= 0, np.array(hidden)[graph.axis], types)
    count = np.where(decides | (graph.axis >= 0), options * types, 0).astype(np.int64)
    return np.cumsum(count) - count, count


def types_known_by_movers(graph: PeriodGraph, game: Game) -> Ints:
    """(N,) of how many types a mover may be, or knows another to be; 1 if it knows none."""
    known = [max(1, len(game.case.types_known_to(party))) for party in game.parties]
    return np.array(known, dtype=np.int32)[graph.mover]


def halved_grid_size(size: int, times: int = 1) -> int:
    """Grid points on an axis that is so often half as fine: an odd number, at least 3.

    >>> [halved_grid_size(25, times) for times in range(5)]
    [25, 13, 7, 5, 3]
    """
    for _ in range(times):
        size = max(3, (size + 1) // 2 | 1)
    return size


def _extent_to_certainty(odds: list[float], certainty: float) -> tuple[float, float]:
    """How far below and above 0 a record must go for all observers to be so near to certainty.

    odds  log odds of the distinct priors; certainty  probability left to the other type
    """
    certain = float(np.log1p(-certainty) - np.log(certainty))
    return max(certain + max(odds), 1.0), max(certain - min(odds), 1.0)


@dataclass(frozen=True, eq=False)
class ObserverMeasure:
    """Whose probabilities are counted when a game is played forwards.

    first_type_probability  (H, size) probability that the observer gives each axis's party of
                            being its first type, at each grid point of the axis
    interpolation_belief    (H, size) the belief in which the observer reads between grid points
    prior_logit             (H,) log odds of the prior behind `interpolation_belief`
    followed_axes           the axes of parties whose type the observer knows, also once it is drawn
                            anew

    Probability is counted for each combination of the types of these parties: bit k of its number
    says whether the k-th of them is of its second type.
    """

    first_type_probability: Floats
    interpolation_belief: Floats
    prior_logit: Floats
    followed_axes: tuple[int, ...] = ()

    @property
    def combination_count(self) -> int:
        """C, the number of combinations of known types; 1 where none can be drawn anew."""
        return int(2 ** len(self.followed_axes))

    @property
    def known_bits(self) -> npt.NDArray[np.int64]:
        """(H,) the bit of a combination that says of which type a party is, 0 if none does."""
        bits = np.zeros(len(self.prior_logit), dtype=np.int64)
        bits[list(self.followed_axes)] = 1 << np.arange(len(self.followed_axes))
        return bits

    @property
    def first_combination(self) -> int:
        """The combination of known types at the start."""
        second = self.first_type_probability[list(self.followed_axes), 0] == 0.0
        return int(self.known_bits[list(self.followed_axes)][second].sum())

    @property
    def first_type_probability_by_combination(self) -> Floats:
        """(C, H, size) the observer's probability of each first type in each combination."""
        found = np.repeat(self.first_type_probability[None], self.combination_count, axis=0)
        for combination in range(self.combination_count):
            for k, axis in enumerate(self.followed_axes):
                found[combination, axis] = 0.0 if combination >> k & 1 else 1.0
        return found

    def transitions_by_combination(self, transition: Ints) -> Ints:
        """(n, C * Q) transitions (n, Q) of an automaton whose states stand once for each."""
        size = transition.shape[1]
        every = [transition + size * number for number in range(self.combination_count)]
        return np.concatenate(every, axis=1)

    def types_in(self, combination: int) -> "ObserverMeasure":
        """The same observer where the known types are those of a combination."""
        return replace(
            self, first_type_probability=self.first_type_probability_by_combination[combination]
        )

    def weights_of_type_combinations(self, grid: BeliefGrid) -> Floats:
        """(S, L) probability that the observer gives each combination of types at each point."""
        point = np.arange(grid.point_count)
        first = [
            self.first_type_probability[h, (point // grid.strides[h]) % grid.axis_size]
            for h in range(grid.axes)
        ]
        return weights_of_type_combinations([np.stack([each, 1.0 - each]) for each in first])

    @property
    def edge_leakage(self) -> Floats:
        """(L,) probability that the observer still gives to excluded types at the grid's edge.

        What lies beyond an end of the grid is read at the end, so this much may come back in each
        period. A type that the observer knows is never ruled out.
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


SELECTIONS = ("principal", "telling", "silent", "whole")

PublicRecord = Sequence[Any]  # one entry for each party with types: a number, or an array of them


@dataclass(frozen=True)
class FixedPointCertificate:
    """How well the fixed points of one solution were found.

    residual                largest error left in a log-odds equation of a signalling decision
    unresolved              signalling decisions whose fixed point was not found
    branch_points           those at which the principal branch met another and went straight on
    decision_count          decisions in all, counted at each grid point
    continued_by_arclength  those that had to be followed by arclength
    """

    residual: float
    unresolved: int
    branch_points: int
    decision_count: int
    continued_by_arclength: int


@dataclass(frozen=True, eq=False)
class FlaggedDecisions:
    """The signalling decisions of one period of which more is to be said than their choices.

    node   (n,) the decision
    point  (n,) the grid point at which it was solved
    flag   (n,) bits: UNRESOLVED_FLAG, BRANCH_POINT_FLAG, SEVERAL_FLAG, UNPROVED_FLAG
    """

    node: npt.NDArray[Any]
    point: npt.NDArray[Any]
    flag: npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A game solved in one world.

    policies        choices of each period, laid out as (node, type, option, grid point)
    policy_offsets  (N,) where each node's choices begin, for each graph of the game
    values          (X, R, L) value of each state to each player type at each grid point at the
                    beginning of period 0
    values_at       the same at the beginning of other periods, where asked for
    flagged         {period: decisions whose fixed point is in doubt}, periods without any left out
    record_of_state  (X, H) the one record with which play comes to each state of an unrolled game
    reply_shift     1 or -1 where steep replies are those at the next grid point, as `solve` says
    """

    game: Game
    parameters: GameParameters
    belief_grid: BeliefGrid
    precision_factor: float
    selection: str  # which fixed point is played where there are several
    certificate: FixedPointCertificate
    policies: tuple[Floats, ...]
    policy_offsets: tuple[npt.NDArray[Any], ...]
    values: Floats
    values_at: Mapping[int, Floats]
    flagged: Mapping[int, FlaggedDecisions]
    record_of_state: Floats | None = None
    reply_shift: int = 0

    @property
    def world(self) -> Mapping[str, float]:
        """The value of every unknown."""
        return self.parameters.world

    @property
    def grid_size(self) -> int:
        """Grid points per party with types."""
        return self.belief_grid.axis_size

    @property
    def parties_with_types(self) -> tuple[str, ...]:
        """The parties with types; a record has one entry for each."""
        return self.game.parties_with_types

    @cached_property
    def prior_record(self) -> tuple[float, ...]:
        """The record of somebody of whom nothing has been seen."""
        return (0.0,) * self.game.record_size

    def value(self, party: str, type: str | None = None, start: int = 0) -> float:
        """What a party expects at the start: its discounted payoff by its own beliefs.

        type    the type whose value is meant, its own or the one that it knows; the types are
                weighed by the analyst's prior if None
        start   public state in which play starts
        """
        types = list(self.game.case.types_known_to(party))
        point = self.belief_grid.prior_point

        def value_of_type(index: int) -> float:
            return float(self.values[start, self.game.player_types.index((party, index)), point])

        if not types:
            return value_of_type(0)
        if type is not None:
            return value_of_type(types.index(type))
        prior = self.priors("analyst", self.game.case.party_known_to(party))
        return sum(share * value_of_type(k) for k, share in enumerate(prior))

    def priors(self, observer: str, party: str) -> tuple[float, ...]:
        """What an observer, or the `analyst`, believes of each type of a party at the start."""
        parties = self.game.parties
        row = len(parties) if observer in ("analyst", party) else parties.index(observer)
        count = len(self.game.case.parties[party].types)
        return tuple(self.parameters.prior_by_type[row, parties.index(party), :count].tolist())

    def beliefs(self, observer: str, party: str, record: PublicRecord) -> tuple[Any, ...]:
        """What an observer believes of each type of a party at a public record.

        record   one entry for each log-likelihood ratio; arrays are returned if they are arrays
        """
        first = self.belief(observer, party, record)
        return first, 1.0 - first

    def belief(self, observer: str, party: str, record: PublicRecord) -> Any:
        """What an observer believes of the first of two types of a party at a public record.

        record   one entry for each party with types; the result is an array if they are arrays

        Belief is sigmoid(log odds of the prior + record).
        """
        prior = self.priors(observer, party)[0]
        shown = record[self.parties_with_types.index(party)]
        odds = np.log(prior) - np.log1p(-prior) + shown
        with np.errstate(over="ignore"):  # what is beyond it is 0, as it should be
            believed = np.asarray(1.0 / (1.0 + np.exp(-odds)))
        believed[np.asarray(shown) <= -CERTAIN_RECORD] = 0.0
        return believed if believed.ndim else float(believed)

    def chance_probabilities(self, graph_index: int) -> Floats:
        """(B,) probability of each chance branch of a graph."""
        return self.parameters.by_graph[graph_index].chance

    def choice_probabilities(self, period: int, node: int, record: PublicRecord) -> Floats:
        """(types, K) probability of each option at a node; one row for a mover who knows no type.

        Between grid points choices are read in the analyst's belief. For a record of arrays (n,)
        the result is (types, K, n).
        """
        number = self.game.graph_index(period)
        graph = self.game.graphs[number]
        options = int(graph.first_branch[node + 1] - graph.first_branch[node])
        party = self.game.parties[graph.mover[node]]
        types = max(1, len(self.game.case.types_known_to(party)))
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
        points, weights = self.interpolate(record)
        read = table[:, :, points] @ weights
        return read

    def interpolate(
        self, record: PublicRecord, observer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """(m,) grid points around a record, and the weight of each when read by an observer.

        The weights are linear in the observer's belief, the analyst's by default, and sum to 1.
        """
        points, weights = self.interpolate_batch(np.array([record], dtype=np.float64), observer)
        keep = weights[0] != 0
        return points[0][keep], weights[0][keep]

    def interpolate_batch(
        self, records: Floats, observer: ObserverMeasure | None = None
    ) -> tuple[npt.NDArray[Any], Floats]:
        """(n, 2**H) grid points around each of n records, and their weights; see `interpolate`.

        records (n, H)
        """
        grid = self.belief_grid
        points = np.zeros((len(records), 1), dtype=np.int64)
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
            points = np.hstack([points + k[:, None] * stride, points + (k[:, None] + 1) * stride])
            weights = np.hstack([weights * (1.0 - f), weights * f])
        return points, weights

    @cached_property
    def point_beliefs(self) -> Floats:
        """(P + 1, H, L) belief of each party, the analyst last, in each first type."""
        return point_beliefs(self.belief_grid)

    @cached_property
    def believed_types(self) -> tuple[tuple[str, str], ...]:
        """The party and the type of each column of `point_beliefs`: the first of two types."""
        parties = self.game.case.parties
        return tuple((party, next(iter(parties[party].types))) for party in self.parties_with_types)

    def type_beliefs(self, observer: str, party: str) -> tuple[Floats, ...]:
        """What an observer believes of each type of a party where a period begins.

        Each broadcasts to (X, L): of each grid point, or of each state of an unrolled game.
        """
        first: Floats
        if self.record_of_state is not None:
            believed = self.belief(observer, party, tuple(self.record_of_state.T))
            first = np.asarray(believed)[:, None]
        else:
            row = -1 if observer == "analyst" else self.game.parties.index(observer)
            first = self.point_beliefs[row, self.parties_with_types.index(party)][None, :]
        return first, 1.0 - first

    def observer_measure(
        self,
        party: str | None = None,
        type: str | None = None,
        types: Mapping[str, str] | None = None,
    ) -> ObserverMeasure:
        """Whose probabilities are counted: by default the analyst's.

        party   the party whose probabilities are counted instead
        type    the type that it knows, its own or another's
        types   {party: type}: only plays in which these parties are of these types are counted
        """
        grid, game = self.belief_grid, self.game
        known = dict(types or {})
        row = -1
        if party is not None:
            row = game.parties.index(party)
            if type is not None:
                known[game.case.party_known_to(party)] = type
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
        followed = tuple(
            h
            for h, name in enumerate(game.parties_with_types)
            if name in known and name in game.renewed_parties
        )
        return ObserverMeasure(weight, coordinate, logit, followed)

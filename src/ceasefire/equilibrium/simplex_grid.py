"""The belief grid of a game in which a party has more than two types: a triangulated simplex.

A record of a party with K types is K - 1 log-likelihood ratios, of its first type against each
other. The grid of each party's records is regular in belief, edges and corners included: a reader
who is certain stays certain, and no belief comes back from an edge. Beliefs are those of a
reference prior, the point of the grid next to the analyst's prior with no type left out, so that
the record 0 is a grid point; the analyst and every other reader weigh the corners of a cell by
their own beliefs (`kernels.simplex`).

What a party does on an edge is found as 1e-4 away from it, where all its types still count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, pairwise, permutations, product

import numpy as np

from ceasefire.equilibrium.kernels.many_types_induction import SimplexArrays
from ceasefire.equilibrium.kernels.simplex import point_number, ways_to_choose
from ceasefire.equilibrium.solution import (
    GRID_EDGE_UNCERTAINTY,
    BeliefGrid,
    ObserverMeasure,
    halved_grid_size,
)
from ceasefire.errors import SolveError
from ceasefire.game.graph import Game
from ceasefire.game.parameters import GameParameters, weights_of_type_combinations
from ceasefire.game.states import Floats, Ints
from ceasefire.settings import check_grid_size

TypesByParty = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class SimplexGrid(BeliefGrid):
    """The grid of beliefs about parties with two to four types.

    Axis h is the h-th party with types, with K of them and its own number of grid points M; in
    arrays over all axes what is beyond its own is 0. Of `BeliefGrid`, what is regular in records
    is empty.

    types      (H,) K
    parts      (H,) parts of an edge
    sizes      (H,) M
    reference  (H, K) the reference prior
    priors     (H, kinds, K) the distinct priors about each party; kind 0 is the analyst's
    nodes      (H, M, K) reference belief at each grid point
    near       (H, M, K) the same, kept away from the edges
    corners    for each axis (C, 2 K) its cells, as `kernels.many_types.fill_steepness` reads them
    """

    types: Ints
    parts: Ints
    sizes: Ints
    reference: Floats
    priors: Floats
    nodes: Floats
    near: Floats
    corners: tuple[Ints, ...]

    @property
    def point_count(self) -> int:
        """Number of joint records."""
        return int(self.sizes.prod(dtype=np.int64))

    @property
    def strides(self) -> Ints:
        """(H,) difference of the numbers of neighbouring grid points on each axis."""
        after = [int(self.sizes[h + 1 :].prod(dtype=np.int64)) for h in range(self.axes)]
        return np.array(after, dtype=np.int32)

    @cached_property
    def ratio(self) -> Floats:
        """(H, kinds, K) each prior over the reference prior; 0 beyond an axis's own types."""
        safe = np.where(self.reference > 0, self.reference, 1.0)[:, None]
        found: Floats = self.priors / safe
        return found

    @cached_property
    def density(self) -> Floats:
        """(H, kinds, M) the density of each reader's belief at each grid point."""
        found: Floats = np.einsum("hmk,hjk->hjm", self.nodes, self.ratio)
        return found

    @cached_property
    def arrays(self) -> SimplexArrays:
        """The grid as the loops read it."""
        most = self.nodes.shape[2]
        counts = [len(own) for own in self.corners]
        first = np.cumsum([0, *counts]).astype(np.int32)
        corners = np.zeros((sum(counts), 2 * most), dtype=np.int32)
        neighbours = np.full(
            (self.axes, self.nodes.shape[1], most * (most - 1) // 2, 2), -1, dtype=np.int32
        )
        for h, own in enumerate(self.corners):
            corners[first[h] : first[h + 1], : own.shape[1]] = own
            found = neighbours_on_edges(int(self.types[h]), int(self.parts[h]))
            neighbours[h, : len(found), : found.shape[1]] = found
        return SimplexArrays(
            self.types,
            self.parts,
            self.sizes,
            self.strides,
            self.nodes,
            self.near,
            self.density,
            self.ratio,
            corners,
            first,
            neighbours,
            self.prior_index,
        )

    def axis_points(self, h: int) -> Ints:
        """(L,) place of each joint grid point on an axis."""
        point = np.arange(self.point_count, dtype=np.int32)
        place: Ints = (point // self.strides[h]) % self.sizes[h]
        return place

    def beliefs(self, h: int, kind: int) -> Floats:
        """(K, M) what readers with a prior of this kind believe at the grid points of an axis."""
        count, size = int(self.types[h]), int(self.sizes[h])
        joint = self.nodes[h, :size, :count] * self.ratio[h, kind, :count]
        found: Floats = (joint / joint.sum(axis=1, keepdims=True)).T
        return found


@dataclass(frozen=True, eq=False, kw_only=True)
class TypeReader(ObserverMeasure):
    """Whose probabilities are counted on a `SimplexGrid`.

    probability  for each axis (K, M) probability of each type at each of its grid points
    density      (H, M) the reader's density, by which it weighs the corners of a cell
    known        (H,) whether it knows the type, so that none is ruled out on an edge
    prior        (H, K) its prior, of whatever it does not know
    """

    probability: tuple[Floats, ...]
    density: Floats
    known: Ints
    prior: Floats

    def types_in(self, combination: int) -> "TypeReader":
        """The same reader: no type is drawn anew."""
        del combination
        return self

    def weights_of_type_combinations(self, grid: BeliefGrid) -> Floats:
        """(S, L) probability that the reader gives each combination of types at each point."""
        assert isinstance(grid, SimplexGrid)
        at_points = [each[:, grid.axis_points(h)] for h, each in enumerate(self.probability)]
        return weights_of_type_combinations(at_points)

    @property
    def edge_leakage(self) -> Floats:
        """(L,) nothing: what is certain stays certain."""
        return np.zeros(int(np.prod([each.shape[1] for each in self.probability], dtype=np.int64)))


def simplex_size(types: int, size: int) -> int:
    """Grid points of a party with so many types and `size` grid points on an edge.

    >>> simplex_size(2, 17), simplex_size(3, 17), simplex_size(4, 17)
    (17, 153, 969)
    """
    return int(ways_to_choose(size - 1 + types - 1, types - 1))


def point_count_of_simplex_grid(game: Game, size: float) -> float:
    """Joint grid points of a game with `size` on every edge."""
    count = 1.0
    for party in game.parties_with_types:
        for k in range(1, len(game.case.parties[party].types)):
            count *= (size - 1 + k) / k
    return count


def build_simplex_grid(
    game: Game, parameters: GameParameters, size: int, halvings: int = 0
) -> SimplexGrid:
    """Lay the grid for a world.

    parameters  the numbers of the world, of which the priors are read
    size        grid points on each edge: odd, and more than any party has types
    halvings    refinements after that: each keeps all grid points, halves their distance, and
                halves how far from an edge what is done there is found; a negative number makes
                the grid so often half as fine instead

    Raises SolveError as `check_grid_size` does, and for a size that leaves a type out.
    """
    check_grid_size(size)
    size, halvings = halved_grid_size(size, max(0, -halvings)), max(0, halvings)
    parties = [game.parties.index(name) for name in game.parties_with_types]
    counts = np.array([len(game.case.parties[p].types) for p in game.parties_with_types])
    most = int(counts.max())
    if size <= most:
        raise SolveError(
            f"a party with {most} types needs a grid of more than {most} nodes, got {size}"
        )
    parts = (size - 1) * 2**halvings
    sizes = np.array([simplex_size(int(count), parts + 1) for count in counts])
    shape = (len(parties), int(sizes.max()))
    reference = np.zeros((len(parties), most))
    nodes, near = np.zeros((*shape, most)), np.zeros((*shape, most))
    prior_index, corners = np.zeros(len(parties), dtype=np.int32), []
    edge = GRID_EDGE_UNCERTAINTY / 2**halvings
    for h, (party, count) in enumerate(zip(parties, counts.tolist(), strict=True)):
        whole = _nearest_parts(parameters.prior_by_type[-1, party, :count], size - 1)
        reference[h, :count] = whole / (size - 1)
        places = _coordinates(count, parts)
        share = _shares_of_types(places, parts)
        nodes[h, : sizes[h], :count] = share
        kept = np.maximum(share, edge)
        near[h, : sizes[h], :count] = kept / kept.sum(axis=1, keepdims=True)
        own = whole[::-1].cumsum()[::-1][1:] * 2**halvings
        prior_index[h] = point_number(own.astype(np.int64))
        corners.append(_cells(count, parts))
    priors, kinds = _distinct_priors(game, parameters, parties, most)
    return SimplexGrid(
        axis_party=np.array(parties, dtype=np.int32),
        axis_size=parts + 1,
        lowest_record=np.zeros(0),
        spacing=np.zeros(0),
        prior_index=prior_index,
        prior_logit=np.zeros((0, 0)),
        belief=np.zeros((0, 0, 0)),
        prior_kind=kinds,
        types=counts.astype(np.int32),
        parts=np.full(len(parties), parts, dtype=np.int32),
        sizes=sizes.astype(np.int32),
        reference=reference,
        priors=priors,
        nodes=nodes,
        near=near,
        corners=tuple(corners),
    )


def _nearest_parts(prior: Floats, parts: int) -> Ints:
    """(K,) whole numbers from 1 that sum to `parts` and are next to the prior times it."""
    wanted = prior / prior.sum() * parts
    whole: Ints = np.maximum(1, np.floor(wanted)).astype(np.int32)
    while whole.sum() != parts:
        more = whole.sum() < parts
        off = wanted - whole if more else np.where(whole > 1, whole - wanted, -np.inf)
        whole[int(off.argmax())] += 1 if more else -1
    return whole


@cache
def _coordinates(types: int, parts: int) -> Ints:
    """(M, K - 1) whole coordinates of the grid points, in the order of their numbers."""
    every = product(range(parts + 1), repeat=types - 1)
    found = [each for each in every if all(a >= b for a, b in pairwise(each))]
    return np.array(found, dtype=np.int32).reshape(-1, types - 1)


def _shares_of_types(places: Ints, parts: int) -> Floats:
    """(M, K) the belief at each grid point."""
    ends = np.zeros((len(places), 1), dtype=np.int32)
    steps = np.hstack([ends + parts, places, ends])
    shares: Floats = (steps[:, :-1] - steps[:, 1:]) / parts
    return shares


@cache
def _cells(types: int, parts: int) -> Ints:
    """(C, 2 K) the cells: the numbers of their corners, then how they come about."""
    number = {tuple(place): n for n, place in enumerate(_coordinates(types, parts).tolist())}
    found = []
    for place in number:
        for order in permutations(range(types - 1)):
            now, corner = list(place), [number[place]]
            for raised in order:
                now[raised] += 1
                corner.append(number.get(tuple(now), -1))
            if min(corner) >= 0:
                found.append([*corner, parts, *(raised + 1 for raised in order)])
    return np.array(found, dtype=np.int32)


def _distinct_priors(
    game: Game, parameters: GameParameters, parties: list[int], most: int
) -> tuple[Floats, Ints]:
    """(H, kinds, K) the priors about each party, the analyst's first, and whose each is."""
    prior = parameters.prior_by_type
    kind = np.zeros((len(prior), len(parties)), dtype=np.int32)
    found: list[list[Floats]] = []
    for h, party in enumerate(parties):
        own = [prior[-1, party, :most]]
        for j in range(len(prior) - 1):
            if game.type_axis[j] == h:
                continue
            same = [np.array_equal(each, prior[j, party, :most]) for each in own]
            if not any(same):
                own.append(prior[j, party, :most])
                same.append(True)
            kind[j, h] = same.index(True)
        found.append(own)
    kinds = max(len(own) for own in found)
    return np.array([[*own, *[own[0]] * (kinds - len(own))] for own in found]), kind


@cache
def neighbours_on_edges(types: int, parts: int) -> Ints:
    """(M, E, 2) the grid points one step along the edge of each pair of types i < j: where j is
    likelier, and where i is; -1 beyond the grid.
    """
    places = _coordinates(types, parts).tolist()
    number = {tuple(place): n for n, place in enumerate(places)}
    pairs = list(combinations(range(types), 2))
    found = np.full((len(places), len(pairs), 2), -1, dtype=np.int32)
    for place, n in number.items():
        for e, (i, j) in enumerate(pairs):
            for side, by in enumerate((1, -1)):
                # coordinate m counts types m and above: those from i + 1 to j grow
                moved = tuple(y + by * (i < m <= j) for m, y in enumerate(place, start=1))
                found[n, e, side] = number.get(moved, -1)
    return found

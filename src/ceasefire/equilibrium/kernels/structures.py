"""What do the compiled loops read and write?

Each structure is a flat named tuple of arrays. The functions `…_arrays` build those that describe
a game, one from each object; the functions `allocate_…` make room for those that a loop fills.

Letters: N nodes, B branches, X states, H parties with types, L grid points, R player types,
K options of a decision, M distinct priors about one party, `size` grid points on an axis.
"""

import math
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from ceasefire.equilibrium.solution import (
    CERTAIN_RECORD,
    BeliefGrid,
    Equilibrium,
    ObserverMeasure,
)
from ceasefire.game.graph import Game, PeriodGraph
from ceasefire.game.parameters import GraphParameters
from ceasefire.game.states import Floats, Ints

# what the entries of the `stats` array (5,) of a solution count
RESIDUAL, UNRESOLVED_COUNT, BRANCH_POINT_COUNT, DECISION_COUNT, CONTINUED_COUNT = range(5)
STATS_SIZE = 5

# bits that say what was found of a decision at a grid point
UNRESOLVED_FLAG, BRANCH_POINT_FLAG = 1, 2
SEVERAL_FLAG = 4  # it has more than one fixed point
UNPROVED_FLAG = 8  # it is not shown that all its fixed points were found

# which fixed point is played where there are several, and whether others are looked for at all
PRINCIPAL, PRINCIPAL_AND_COUNT, TELLING, SILENT = range(4)

CELL_OF_RECORD = -9  # read an option's values in the cell that holds the record
MAX_TYPED_PARTIES = 3
MAX_CORNERS = 2**MAX_TYPED_PARTIES  # grid points around a record
MAX_RECORD = CERTAIN_RECORD  # records are clamped here
SURE_SHIFT = 2 * MAX_RECORD  # by which what one type rules out moves a record, to certainty


class GraphArrays(NamedTuple):
    """The nodes and branches of one period."""

    kind: npt.NDArray[np.int8]  # (N,) END, CHANCE, DECISION, PAYMENT or RENEWAL
    mover: npt.NDArray[np.int8]  # (N,)
    first: npt.NDArray[np.int64]  # (N + 1,) first branch of each node
    successor: Ints  # (B,)
    label: Ints  # (B,)
    step: npt.NDArray[np.int16]  # (N,)
    axis: npt.NDArray[np.int8]  # (N,) axis of the record that the node moves, -1 if it moves none
    renewed: npt.NDArray[np.int8]  # (N,) axis of the party whose type it draws anew, else -1


class PayoffArrays(NamedTuple):
    """What one world puts on the nodes and branches of a period."""

    chance: Floats  # (B,)
    chance_by_type: Floats  # (B, 2) of outcomes that tell of a type; (0, 2) if none does
    cost: Floats  # (B, 2) what the mover of each type pays
    log_weight: Floats  # (B,)
    payment: Floats  # (N, R)
    renewal_record: Floats  # (N,) where a record begins anew; (0,) if none does


class PlayerTypeArrays(NamedTuple):
    """Who has payoffs: the (party, type) pairs of a game, and where to find those of a party."""

    party: Ints  # (R,)
    type_index: Ints  # (R,)
    first: Ints  # (P,) a party's first player type
    axis: Ints  # (P,) axis of a party with types, else -1


class GridArrays(NamedTuple):
    """The grid of records."""

    low: Floats  # (H,) lowest record of each axis
    step: Floats  # (H,) distance of neighbouring records
    strides: Ints  # (H,) distance of neighbours in grid points
    logit: Floats  # (H, M) log odds of each prior
    belief: Floats  # (H, M, size)


class ObserverArrays(NamedTuple):
    """Whose probabilities are counted; see ObserverMeasure.

    C counts the combinations of known types. The automaton's states stand once for each of them.
    """

    weight: Floats  # (C, H, size) probability of the first type
    belief: Floats  # (H, size) belief in which to interpolate
    logit: Floats  # (H,)
    known_bit: npt.NDArray[np.int64]  # (H,) bit of a combination that says a known type, else 0


class PeriodPolicy(NamedTuple):
    """Choices of a period: those of node n begin at offset[n], as (type, option, grid point).

    Where chance tells of a type, its probabilities by type stand there like choices.
    """

    offset: npt.NDArray[np.int64]  # (N,)
    choices: Floats


class AxisLine(NamedTuple):
    """How grid points lie along one party's axis."""

    record: Floats  # (L,) the party's record at each point
    base: npt.NDArray[np.int64]  # (L,) first point of the line through each point
    node: npt.NDArray[np.int64]  # (L,) place of each point on its line
    stride: int


class AxisGrid(NamedTuple):
    """The records of one axis, and the log odds of the prior in which they are read."""

    low: float
    step: float
    logit: float


class DecisionScratch(NamedTuple):
    """Room for one signalling decision at all grid points; L numbers each unless said otherwise."""

    slope: Floats  # (2, K, L) slope of each type's utility in the record shift
    residual: Floats  # (K, L)
    inverse_d: Floats  # (K, L) 1 / d of the Jacobian diag(d) + 1 v'
    rank_one: Floats  # (K, L) v of the Jacobian
    weight: Floats  # (K, L) weight of the grid point above
    point_below: npt.NDArray[np.int64]  # (K, L)
    worst: Floats  # largest residual
    wanted: Floats  # 1 where the point is to be solved together with others, else 0
    top_a: Floats  # largest utility of the first type
    top_b: Floats
    total_a: Floats  # sum of its options' exponentials
    total_b: Floats
    shift: Floats
    above: Floats  # numerator and denominator of the rank-one correction
    below: Floats
    prior_weight: Floats  # (M, L) weight of the point above, read with each prior
    believed: Floats  # (M, L) probability of an option as believed with each prior
    cell: npt.NDArray[np.int64]


class DecisionProblem(NamedTuple):
    """One signalling decision along one line of the grid: what each option is worth."""

    values: Floats  # (2, K, size) value of each option to each type at each record
    log_weight: Floats  # (K,)
    belief: Floats  # (size,)
    low: float
    step: float
    logit: float


class Response(NamedTuple):
    """What both types choose at one record if the options move it."""

    residual: Floats  # (K,) F
    choice: Floats  # (2, K) sigma
    slope: Floats  # (2, K) slope of the utility in the shift
    value: Floats  # (2, K)
    cell: npt.NDArray[np.int64]  # (K,) cell in which each option's values are read
    before: Floats  # (K,) where Newton's method last stood
    move: Floats  # (K,) and its step from there


class UniquenessScratch(NamedTuple):
    """Room for proving that a fixed point is the only one."""

    widest_box: Floats  # (2, K) least and greatest shift of any fixed point at any record
    widest_choice: Floats  # (2, K) greatest probability of each option at any record
    box: Floats  # (2, K) the same at one record
    value_bounds: Floats  # (K, 6) least and greatest value to each type, and of the difference
    max_choice: Floats  # (2, K) greatest probability of each option


class PayerCosts(NamedTuple):
    """What a party pays in a period, for each combination of known types."""

    branch: Floats  # (C, B) on each branch
    node: Floats  # (C, N) at each payment


class PathArrays(NamedTuple):
    """Paths through a period: node, automaton state or shown facts, record and mass of each."""

    node: Ints
    state: npt.NDArray[Any]
    record: Floats  # (n, H)
    mass: Floats


class ConstraintArrays(NamedTuple):
    """What is known of a period; see BranchConstraints."""

    required: npt.NDArray[np.int64]  # (B,) bits of the facts that a branch shows
    excluded: npt.NDArray[np.bool_]  # (B,)
    facts_ahead: npt.NDArray[np.int64]  # (N,) bits that can still be shown
    can_end: npt.NDArray[np.bool_]  # (N,) whether an allowed end can be reached


def graph_arrays(graph: PeriodGraph) -> GraphArrays:
    """The arrays of one period's graph that the loops read."""
    return GraphArrays(
        graph.node_kind,
        graph.mover,
        graph.first_branch,
        graph.successor,
        graph.label,
        graph.step,
        graph.axis,
        graph.renewed,
    )


def payoff_arrays(parameters: GraphParameters) -> PayoffArrays:
    """The numbers of one period's graph in one world."""
    return PayoffArrays(
        parameters.chance,
        parameters.chance_by_type,
        parameters.cost,
        parameters.log_weight,
        parameters.payment_by_type,
        parameters.renewal_record,
    )


def player_type_arrays(game: Game) -> PlayerTypeArrays:
    """The player types of a game by number."""
    parties = list(game.parties)
    party = [parties.index(name) for name, _ in game.player_types]
    return PlayerTypeArrays(
        party=np.array(party, dtype=np.int32),
        type_index=np.array([index for _, index in game.player_types], dtype=np.int32),
        first=np.array([party.index(i) for i in range(len(parties))], dtype=np.int32),
        axis=game.type_axis,
    )


def grid_arrays(grid: BeliefGrid) -> GridArrays:
    """The records and beliefs of a grid."""
    return GridArrays(grid.lowest_record, grid.spacing, grid.strides, grid.prior_logit, grid.belief)


def observer_arrays(observer: ObserverMeasure) -> ObserverArrays:
    """The probabilities and beliefs of an observer."""
    return ObserverArrays(
        observer.first_type_probability_by_combination,
        observer.interpolation_belief,
        observer.prior_logit,
        observer.known_bits,
    )


def period_policy(equilibrium: Equilibrium, period: int) -> PeriodPolicy:
    """The choices of one period of a solved game."""
    number = equilibrium.game.graph_index(period)
    return PeriodPolicy(equilibrium.policy_offsets[number], equilibrium.policies[period])


@numba.njit(cache=True, error_model="numpy")
def log_odds_of_types(first, second):
    """By how much what is so likely for either type moves a record; beyond every record if one
    type rules it out, 0 if both do.
    """
    if first == second:
        return 0.0
    if second <= 0.0:
        return SURE_SHIFT
    if first <= 0.0:
        return -SURE_SHIFT
    return math.log(first) - math.log(second)


@numba.njit(cache=True, error_model="numpy")
def type_after_renewal(second, first, q, to, bit, states):
    """How likely a type drawn anew is to be the second, or not, and the automaton state with it.

    second   whether the party is then of its second type
    first    probability that it is of its first
    q, to    automaton state before, and the one that follows whatever the types are
    bit      of a combination of known types that says this one; 0 if it is not known
    states   automaton states of each combination
    """
    if bit == 0:
        return 1.0, to
    combination = (q // states) & ~bit | (bit * second)
    return 1.0 - first if second else first, combination * states + to % states


@numba.njit(cache=True, error_model="numpy")
def allocate_decision_scratch(K, M, L):
    """Room for a decision of K options, read with M priors, at L grid points."""
    return DecisionScratch(
        np.empty((2, K, L)), np.empty((K, L)), np.empty((K, L)), np.empty((K, L)),
        np.empty((K, L)), np.empty((K, L), np.int64),
        np.empty(L), np.empty(L), np.empty(L), np.empty(L), np.empty(L), np.empty(L),
        np.empty(L), np.empty(L), np.empty(L), np.empty((M, L)), np.empty((M, L)),
        np.empty(L, np.int64),
    )  # fmt: skip


@numba.njit(cache=True, error_model="numpy")
def allocate_response(K):
    """Room for the response at one record; values are read in the cell that holds the record."""
    return Response(
        np.empty(K),
        np.empty((2, K)),
        np.empty((2, K)),
        np.empty((2, K)),
        np.full(K, CELL_OF_RECORD),
        np.empty(K),
        np.empty(K),
    )


@numba.njit(cache=True, error_model="numpy")
def allocate_uniqueness_scratch(K):
    """Room for proving uniqueness; both boxes are without bounds."""
    widest, box = np.empty((2, K)), np.empty((2, K))
    widest[0], widest[1] = -np.inf, np.inf
    box[0], box[1] = -np.inf, np.inf
    return UniquenessScratch(widest, np.ones((2, K)), box, np.empty((K, 6)), np.empty((2, K)))


@numba.njit(cache=True, error_model="numpy")
def fill_axis_coordinates(strides, size, node, base):
    """Place of each grid point on its line of each axis, and the line's first point: (H, L)."""
    H, L = node.shape
    for h in range(H):
        for x in range(L):
            node[h, x] = (x // strides[h]) % size
            base[h, x] = x - node[h, x] * strides[h]

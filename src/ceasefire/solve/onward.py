"""A solved game played on from many points at once, given what is known to have happened.

A point is a public state with its exact records and its probability mass. Every choice and chance
splits a point; points that meet again in the same place with the same records are joined. While
they are no more than `most` nothing is sampled. Beyond that they are thinned: of M points with
masses m the threshold c solves sum min(m / c, 1) = most, points above c stay as they are, and of
the others some are drawn systematically, each with probability m / c, and weigh c. The expected
mass of every point is what it was, so the total is an unbiased estimate.

Source: Fearnhead & Clifford (2003), On-line inference for hidden Markov models via particle
filters, JRSS B 65, for the thinning; Doucet et al. (2000), Rao-Blackwellised particle filtering
for dynamic Bayesian networks, UAI, for carrying the types' odds instead of drawing types.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.errors import SolveError
from ceasefire.game.model import Graph
from ceasefire.game.states import Floats, Ints
from ceasefire.solve._onward import lookahead, reach, through
from ceasefire.solve.play import Play

Bits = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SAME = 1e-9
FARTHEST = 2**24  # points that one step may lead to before they are thinned


@dataclass(frozen=True, eq=False)
class Points:
    """Where things may stand when a period begins.

    states   (n,) public states
    records  (n, H) record of each party with types
    mass     (n,) probability of each point and of all that is known to have happened before
    """

    states: Ints
    records: Floats
    mass: Floats

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.mass)

    @property
    def total(self) -> float:
        """The mass of all points."""
        return float(self.mass.sum())

    def scaled(self, factor: float) -> "Points":
        """The same points, every mass times a factor."""
        return Points(self.states, self.records, self.mass * factor)


@dataclass(frozen=True, eq=False)
class Marks:
    """What is known of one period, laid on the branches and ends of its graph.

    need    (B,) bits of the facts that a branch shows; each must be shown at least once
    barred  (B,) branches that are known not to have been taken
    fits    (X,) states in which the period may have ended
    full    all bits
    """

    need: Bits
    barred: Bools
    fits: Bools
    full: int

    @classmethod
    def none(cls, graph: Graph) -> "Marks":
        """Nothing is known."""
        branches, states = len(graph.successor), graph.entry.shape[1]
        return cls(
            np.zeros(branches, dtype=np.int64),
            np.zeros(branches, dtype=np.bool_),
            np.ones(states, dtype=np.bool_),
            0,
        )

    def lookahead(self, graph: Graph) -> tuple[Bits, Bools]:
        """(N,) bits that can still be shown from each node, and whether it leads anywhere."""
        ahead = np.zeros(graph.nodes, dtype=np.int64)
        leads = np.zeros(graph.nodes, dtype=np.bool_)
        fits = np.zeros(graph.nodes, dtype=np.bool_)
        fits[: len(self.fits)] = self.fits
        lookahead(
            graph.kind, graph.first, graph.successor, self.need, self.barred, fits, ahead, leads
        )
        return ahead, leads

    def met(self, graph: Graph, states: Ints) -> Bools:
        """(N, bits) which nodes can be come to from these states, by the bits shown on the way."""
        ahead, leads = self.lookahead(graph)
        met = np.zeros((graph.nodes, self.full + 1), dtype=np.bool_)
        slot = graph.entry[0, states]
        met[slot[leads[slot] & ((ahead[slot] & self.full) == self.full)], 0] = True
        reach(graph.first, graph.successor, self.need, self.barred, ahead, leads, self.full, met)
        return met


def start_point(play: Play, state: int) -> Points:
    """The only point there is before anything has happened."""
    records = np.array([play.prior_record], dtype=np.float64).reshape(1, len(play.hidden))
    return Points(np.array([state], dtype=np.int32), records, np.ones(1))


def onward(
    play: Play,
    period: int,
    points: Points,
    marks: Marks | None = None,
    *,
    most: int,
    rng: np.random.Generator,
) -> tuple[Points, bool]:
    """Play one period on from some points, as far as it agrees with what is known of it.

    most  how many points may be kept; beyond that they are thinned

    Returns the points at the period's end, whose mass is that of the points before times the
    probability of what is known, and whether they are exact.

    Raises SolveError where one step leads to more than 16 million points.
    """
    game, grid = play.game, play.records
    number = game.graph_number(period)
    graph = game.graphs[number]
    marks = Marks.none(graph) if marks is None else marks
    ahead, leads = marks.lookahead(graph)
    slot = graph.entry[0, points.states]
    possible = leads[slot] & ((ahead[slot] & marks.full) == marks.full)
    slot, records, mass = slot[possible], points.records[possible], points.mass[possible]
    bits, exact = np.zeros(len(slot), dtype=np.int64), True
    for k in range(len(graph.entry) - 1):
        if not (graph.step[slot] == k).any():
            continue
        room, done = 32 * len(slot) + 4096, -1
        while done < 0:
            if room > FARTHEST or done == -2:
                raise SolveError(f"step {k} of period {period} has too many ways to be followed")
            moved = through(
                graph.kind, graph.mover, graph.first, graph.successor, graph.step,
                play.offsets[number], play.chance(number), play.policies[period], game.axis_of,
                grid.low, grid.step, grid.size, grid.strides, grid.logit, grid.belief,
                marks.need, marks.barred, ahead, leads, marks.full, k,
                slot, bits, records, mass, room,
            )  # fmt: skip
            room, done = 8 * room, moved[-1]
        slot, bits, records, mass = _joined(*moved[:-1])
        if len(mass) > most:
            kept, mass = thinned(mass, most, rng)
            slot, bits, records, exact = slot[kept], bits[kept], records[kept], False
    return Points(slot.astype(np.int32), records, mass), exact


def thinned(mass: Floats, most: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Which of M points are kept, and what they weigh: at most `most`, the total as expected.

    >>> kept, mass = thinned(np.array([0.5, 0.125, 0.25, 0.125]), 2, np.random.default_rng(0))
    >>> int(kept[0]), len(kept), mass.tolist()
    (0, 2, [0.5, 0.5])
    """
    falling = np.sort(mass)[::-1]
    rest = np.cumsum(falling[::-1])[::-1]  # mass from each place on
    places = np.arange(min(most, len(mass)))
    large = int(np.argmax(rest[places] >= falling[places] * (most - places)))
    threshold = rest[large] / (most - large)
    share = np.minimum(mass / threshold, 1.0)
    certain = share >= 1.0
    small = np.flatnonzero(~certain)
    cumulated = np.cumsum(share[small])
    ticks = np.arange(rng.random(), cumulated[-1] if len(small) else 0.0, 1.0)
    drawn = small[np.searchsorted(cumulated, ticks, side="right").clip(max=len(small) - 1)]
    kept = np.sort(np.concatenate([np.flatnonzero(certain), drawn])).astype(np.int32)
    return kept, np.where(certain[kept], mass[kept], threshold)


def _joined(
    slot: Ints, bits: Bits, records: Floats, mass: Floats
) -> tuple[Ints, Bits, Floats, Floats]:
    """Points in the same place with the same records, as one."""
    if len(slot) < 2:
        return slot, bits, records, mass
    rounded = np.round(records / SAME).astype(np.int64)
    keys = (*rounded.T[::-1], bits, slot.astype(np.int64))
    order = np.lexsort(keys)
    new = np.zeros(len(order), dtype=np.bool_)
    new[0] = True
    for key in keys:
        row = key[order]
        new[1:] |= row[1:] != row[:-1]
    first = np.flatnonzero(new)
    kept = order[first]
    return slot[kept], bits[kept], records[kept], np.add.reduceat(mass[order], first)

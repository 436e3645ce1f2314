"""At which public records of the parties with types is a game solved?

A record is a log-likelihood ratio l of a party's first type against its second. With the prior p
an observer believes sigmoid(logit(p) + l). The grid is uniform in l, holds l = 0, and reaches to
where every observer's belief is within 1e-4 of certainty; beyond its ends values are constant.
"""

from dataclasses import dataclass

import numpy as np

from ceasefire.game.graph import Game
from ceasefire.game.parameters import GameParameters
from ceasefire.game.settings import check_grid_size
from ceasefire.game.states import Floats, Ints

GRID_EDGE_UNCERTAINTY = 1e-4


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
                halves the uncertainty that is left beyond the ends

    Raises SolveError as `check_grid_size` does.
    """
    check_grid_size(size)
    parties = [game.parties.index(name) for name in game.parties_with_types]
    prior = parameters.prior[:, parties]
    odds = np.log(prior) - np.log1p(-prior)
    kind = np.zeros(prior.shape, dtype=np.int32)
    logit = np.zeros((len(parties), len(prior)))
    step = np.ones(len(parties))
    reach = np.zeros((len(parties), 2), int)
    inside = np.arange(1, size - 1)
    for h, party in enumerate(parties):
        others = np.delete(odds[:, h], party)
        distinct = [odds[-1, h], *sorted(set(others) - {odds[-1, h]})]
        logit[h] = odds[-1, h]
        logit[h, : len(distinct)] = distinct
        for j in range(len(prior)):
            kind[j, h] = 0 if j == party else distinct.index(odds[j, h])
        below, above = _extent_to_certainty(distinct, GRID_EDGE_UNCERTAINTY)
        spacings = np.maximum(below / inside, above / inside[::-1])
        k = int(inside[spacings.argmin()])
        step[h] = spacings.min() / 2**halvings
        further = np.ceil(
            np.array(_extent_to_certainty(distinct, GRID_EDGE_UNCERTAINTY / 2**halvings)) / step[h]
            - 1e-9
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


def _extent_to_certainty(odds: list[float], certainty: float) -> tuple[float, float]:
    """How far below and above 0 a record must go for all observers to be so near to certainty.

    odds  log odds of the distinct priors; certainty  probability left to the other type
    """
    certain = float(np.log1p(-certainty) - np.log(certainty))
    return max(certain + max(odds), 1.0), max(certain - min(odds), 1.0)

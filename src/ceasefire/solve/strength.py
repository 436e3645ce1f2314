"""Which states are strongly stable, where parties prefer some states greatly to others.

Preference then has three degrees: as good, better, greatly better. A party strays from a state
to anything better, greatly or not; but what holds it may be more or less than a disappointment.
A state is strongly stable by GMR, SMR or SEQ if every improvement meets a sanction that leaves
the party greatly worse off than it was, and in SMR everything it could still do from there does
too. A state that is stable but not strongly is weakly stable. Whoever has no improvement is
strongly stable; Nash stability has no degrees.

Great preference is a gulf in the ranking: what stands below a cut is greatly worse than all that
stands above it, or what pays less by a certain amount.

Source: Hamouda, Kilgour & Hipel (2004), Strength of preference in the graph model for conflict
resolution, Group Decision and Negotiation 13; the same (2006), for multiple-decision-maker
conflicts, Applied Mathematics and Computation 179.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ceasefire.game.graph import Bools, Ints, StateGraph
from ceasefire.solve.stability import alone

DEGREES = ("GMR", "SMR", "SEQ")


@dataclass(frozen=True, eq=False)
class Strength:
    """The states that are strongly stable for each party, (S,) by concept."""

    graph: StateGraph
    strong: Mapping[str, Mapping[str, Bools]]

    def equilibria(self, concept: str) -> Ints:
        """The states that are strongly stable for every party."""
        every = np.logical_and.reduce([verdicts[concept] for verdicts in self.strong.values()])
        return np.flatnonzero(every).astype(np.int32)


def strength(graph: StateGraph, far: Ints) -> Strength:
    """Find the states that are strongly stable for each party.

    far  (P, S) the highest rank that is greatly worse than each state, -1 if none is

    In chicken both swerve; if only the crash is dreaded, that is strongly stable by GMR:

    >>> from ceasefire.case import Frozen
    >>> from ceasefire.game import Choice, Conflict
    >>> chicken = Conflict(
    ...     parties=("a", "b"),
    ...     options=(Choice("drive on", "a"), Choice("drive on", "b")),
    ...     rankings=Frozen({"a": ((1,), (0,), (2,), (3,)), "b": ((2,), (0,), (1,), (3,))}),
    ... ).graph()
    >>> dread = np.stack([below(chicken.rank[p], [chicken.rank[p][2 - p]]) for p in (0, 1)])
    >>> found = strength(chicken, dread)
    >>> {concept: found.equilibria(concept).tolist() for concept in DEGREES}
    {'GMR': [0, 1, 2], 'SMR': [1, 2], 'SEQ': [1, 2]}
    """
    strong = {}
    for p, party in enumerate(graph.parties):
        verdicts = alone(graph, p, far[p])
        strong[party] = {concept: verdicts[concept] for concept in DEGREES}
    return Strength(graph, strong)


def below(rank: Ints, cuts: Collection[int]) -> Ints:
    """(S,) the highest rank greatly worse than each state, if a gulf lies under some ranks.

    cuts  ranks above which, themselves included, all is greatly better than anything below

    >>> below(np.array([0, 1, 2, 3], dtype=np.int32), [2])
    array([-1, -1,  1,  1], dtype=int32)
    """
    far = np.full(len(rank), -1, dtype=np.int32)
    for cut in cuts:
        far = np.where(rank >= cut, np.maximum(far, cut - 1), far).astype(np.int32)
    return far


def apart(rank: Ints, payoff: npt.NDArray[np.float64], gap: float) -> Ints:
    """(S,) the same, if what pays less by `gap` or more is greatly worse.

    >>> apart(np.array([0, 1, 2], dtype=np.int32), np.array([0.0, 0.5, 0.6]), 0.5)
    array([-1,  0,  0], dtype=int32)
    """
    order = np.argsort(payoff, kind="stable")
    count = np.searchsorted(payoff[order], payoff - gap + 1e-9, side="right")
    ranks = np.concatenate([[-1], rank[order]])
    return ranks[count].astype(np.int32)

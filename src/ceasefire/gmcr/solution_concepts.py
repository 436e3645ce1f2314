"""Which states of a conflict are stable: for whom, and against which answers?

A party at a state may have improvements: states it can move to and ranks strictly higher. The
state is stable for it if every improvement is sanctioned; what counts as a sanction differs.

    Nash  nothing does: there must be no improvement
    GMR   the others have a sequence of moves to a state it ranks no higher than where it began
    SMR   as GMR, and no one move from there brings it anything better than where it began
    SEQ   as GMR, each mover of the sequence gaining strictly by its own step
    SIM   the others change their own options at the same time, each by one of its improvements
          from the state or not at all, and the joint result is feasible and no better

In sequences no party moves twice running, however often it moves in all. Parties that can only
move together (a deal) are one mover, who gains if each of them does; no one of them moves again
right after it. A state a party does not know of is left out of its own reckoning; there it sees
nothing to do, so the state counts as stable for it.

A coalition moves by sequences of its members and improves if every member does; it is
sanctioned if some member does not gain. In SMR it answers by moving once more as a coalition. It
knows of a state if a member does. A state is an equilibrium if it is stable for every party.

Source: Fang, Hipel & Kilgour (1993), Interactive Decision Making; Kilgour, Hipel, Fang & Peng
(2001), Coalition analysis in group decision support, Group Decision and Negotiation 10.
"""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ceasefire.gmcr.kernels import (
    Moves,
    best_rank_in_one_move,
    clear_unsanctioned_states,
    clear_unstable_for_coalition,
    fill_simultaneous_stability,
    least_reachable_rank,
)
from ceasefire.gmcr.state_graph import Bools, Ints, StateGraph
from ceasefire.stopping import interruptible

STABILITY_CONCEPTS = ("Nash", "GMR", "SMR", "SEQ", "SIM")
MOST_SIM_COMBINATIONS = 10_000_000_000
STABILITY_THREADS = 2
MOST_STATES_FOR_ONE_THREAD = 10_000
PAYOFF_ROUNDING = 1e-9
StableByConcept = Mapping[str, Bools]


@dataclass(frozen=True, eq=False)
class Stability:
    """The verdicts, (S,) for each concept; SIM is absent where it has no meaning or is too long.

    graph       the graph that was analysed
    by_party    of each party
    coalitions  of each coalition of two or more that was asked for, without SIM
    notes       what is left out, and why
    """

    graph: StateGraph
    by_party: Mapping[str, StableByConcept]
    coalitions: Mapping[tuple[str, ...], StableByConcept]
    notes: tuple[str, ...] = ()

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts that every party has a verdict for."""
        return tuple(c for c in STABILITY_CONCEPTS if all(c in v for v in self.by_party.values()))

    def equilibria(self, concept: str) -> Ints:
        """The states that are stable for every party."""
        every = np.logical_and.reduce([verdicts[concept] for verdicts in self.by_party.values()])
        return np.flatnonzero(every).astype(np.int32)

    def structure_equilibria(
        self, coalition_structure: Iterable[tuple[str, ...]], concept: str
    ) -> Ints:
        """The states that are stable for every block of a coalition structure."""
        found = [
            self.by_party[block[0]][concept] if len(block) == 1 else self.coalitions[block][concept]
            for block in coalition_structure
        ]
        return np.flatnonzero(np.logical_and.reduce(found)).astype(np.int32)


@interruptible
def stability(graph: StateGraph, coalitions: Iterable[tuple[str, ...]] = ()) -> Stability:
    """Find out for which party each state is stable, by each concept.

    coalitions  coalitions of two or more, parties in the order of the graph

    Both confess, in the prisoner's dilemma, by Nash; both silent by all the others:

    >>> from ceasefire.case import FrozenMapping
    >>> from ceasefire.gmcr import ConflictOption, Conflict
    >>> dilemma = Conflict(
    ...     parties=("a", "b"),
    ...     options=(ConflictOption("confess", "a"), ConflictOption("confess", "b")),
    ...     rankings=FrozenMapping({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    ... )
    >>> found = stability(dilemma.state_graph(), [("a", "b")])
    >>> {concept: found.equilibria(concept).tolist() for concept in found.concepts}
    {'Nash': [3], 'GMR': [0, 3], 'SMR': [0, 3], 'SEQ': [0, 3], 'SIM': [0, 3]}
    >>> found.coalitions["a", "b"]["Nash"].tolist()
    [True, True, True, False]
    """
    notes = list(graph.notes)
    everybody = range(len(graph.parties))
    with ThreadPoolExecutor(
        STABILITY_THREADS if graph.states > MOST_STATES_FOR_ONE_THREAD else 1
    ) as pool:
        single = pool.map(lambda p: party_stability(graph, p), everybody)
        simultaneous: list[Bools | None] = [None for _ in everybody]
        if graph.encoding is not None:
            simultaneous = list(pool.map(lambda p: _simultaneous_stability(graph, p), everybody))
        stable = dict(zip(graph.parties, single, strict=True))
    if graph.encoding is not None:
        if any(verdict is None for verdict in simultaneous):
            notes.append("SIM is left out: too many joint choices to look at")
        else:
            for party, verdict in zip(graph.parties, simultaneous, strict=True):
                assert verdict is not None
                stable[party]["SIM"] = verdict
    notes += _misperception_notes(graph)
    together = {members: _coalition_stability(graph, members) for members in coalitions}
    return Stability(graph, stable, together, tuple(notes))


def all_coalitions(parties: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every coalition of two or more, the smallest first.

    >>> all_coalitions(("a", "b", "c"))
    [('a', 'b'), ('a', 'c'), ('b', 'c'), ('a', 'b', 'c')]
    """
    sizes = range(2, len(parties) + 1)
    return [members for size in sizes for members in combinations(parties, size)]


def party_stability(
    graph: StateGraph, p: int, greatly_worse_rank: Ints | None = None
) -> dict[str, Bools]:
    """Where a party is stable by Nash, GMR, SMR and SEQ, (S,) each.

    p                   number of the party
    greatly_worse_rank  (S,) the highest rank that counts as a sanction of leaving a state; the
                        state's own if None
    """
    rank, known = graph.rank[p], graph.known[p]
    others = (1 << len(graph.parties)) - 1 - (1 << p)
    moves = _moves_of(graph)
    answers = best_rank_in_one_move(moves, rank, p, known)
    sanctions = np.stack(
        [
            np.full(graph.states, np.iinfo(np.int32).max, dtype=np.int32),
            least_reachable_rank(moves, rank, others, False, known),
            least_reachable_rank(moves, answers, others, False, known),
            least_reachable_rank(moves, rank, others, True, known),
        ]
    )
    stable = np.ones((4, graph.states), dtype=np.bool_)
    limit = rank if greatly_worse_rank is None else greatly_worse_rank
    clear_unsanctioned_states(moves, rank, p, limit, known, sanctions, stable)
    return dict(zip(STABILITY_CONCEPTS, stable, strict=False))


def _moves_of(graph: StateGraph) -> Moves:
    return Moves(graph.first_move, graph.target, graph.mover_bits, graph.rank)


def _simultaneous_stability(graph: StateGraph, p: int) -> Bools | None:
    """(S,) where a party is stable by SIM, None where there is too much to look at."""
    assert graph.encoding is not None
    budget = np.array([MOST_SIM_COMBINATIONS // len(graph.parties)], dtype=np.int64)
    stable = np.ones(graph.states, dtype=np.bool_)
    moves, codes = _moves_of(graph), graph.encoding.codes
    over = fill_simultaneous_stability(moves, codes, p, graph.known[p], budget, stable)
    return None if over else stable


def _coalition_stability(graph: StateGraph, members: tuple[str, ...]) -> dict[str, Bools]:
    group = graph.coalition_bits(members)
    outside = (1 << len(graph.parties)) - 1 - group
    inside = [graph.parties.index(name) for name in members]
    known = np.logical_or.reduce(graph.known[inside])
    moves = _moves_of(graph)
    answers, chains = np.zeros_like(graph.rank), np.zeros_like(graph.rank)
    for p in inside:
        answers[p] = least_reachable_rank(moves, graph.rank[p], outside, False, known)
        chains[p] = least_reachable_rank(moves, graph.rank[p], outside, True, known)
    stable = np.ones((4, graph.states), dtype=np.bool_)
    clear_unstable_for_coalition(moves, group, outside, known, answers, chains, stable)
    return dict(zip(STABILITY_CONCEPTS, stable, strict=False))


def _misperception_notes(graph: StateGraph) -> list[str]:
    return [
        f"{party} does not know of {int((~graph.known[p]).sum())} of {graph.states} states, and "
        "counts them as stable"
        for p, party in enumerate(graph.parties)
        if not graph.known[p].all()
    ]


STRENGTH_CONCEPTS = ("GMR", "SMR", "SEQ")


@dataclass(frozen=True, eq=False)
class StrongStability:
    """The states that are strongly stable for each party, (S,) by concept."""

    graph: StateGraph
    by_party: Mapping[str, Mapping[str, Bools]]

    def equilibria(self, concept: str) -> Ints:
        """The states that are strongly stable for every party."""
        every = np.logical_and.reduce([verdicts[concept] for verdicts in self.by_party.values()])
        return np.flatnonzero(every).astype(np.int32)


def strong_stability(graph: StateGraph, greatly_worse_rank: Ints) -> StrongStability:
    """Find the states that are strongly stable for each party.

    greatly_worse_rank  (P, S) the highest rank that is greatly worse than each state, -1 if none is

    In chicken both swerve; if only the crash is dreaded, that is strongly stable by GMR:

    >>> from ceasefire.case import FrozenMapping
    >>> from ceasefire.gmcr import ConflictOption, Conflict
    >>> chicken = Conflict(
    ...     parties=("a", "b"),
    ...     options=(ConflictOption("drive on", "a"), ConflictOption("drive on", "b")),
    ...     rankings=FrozenMapping({"a": ((1,), (0,), (2,), (3,)), "b": ((2,), (0,), (1,), (3,))}),
    ... ).state_graph()
    >>> cuts = ([chicken.rank[0][2]], [chicken.rank[1][1]])
    >>> dread = np.stack([greatly_worse_below_cuts(chicken.rank[p], cuts[p]) for p in (0, 1)])
    >>> found = strong_stability(chicken, dread)
    >>> {concept: found.equilibria(concept).tolist() for concept in STRENGTH_CONCEPTS}
    {'GMR': [0, 1, 2], 'SMR': [1, 2], 'SEQ': [1, 2]}
    """
    strong = {}
    for p, party in enumerate(graph.parties):
        verdicts = party_stability(graph, p, greatly_worse_rank[p])
        strong[party] = {concept: verdicts[concept] for concept in STRENGTH_CONCEPTS}
    return StrongStability(graph, strong)


def greatly_worse_below_cuts(rank: Ints, cuts: Collection[int]) -> Ints:
    """(S,) the highest rank greatly worse than each state, if a gulf lies under some ranks.

    rank  (S,) rank of each state for the party
    cuts  ranks above which, themselves included, all is greatly better than anything below

    >>> greatly_worse_below_cuts(np.array([0, 1, 2, 3], dtype=np.int32), [2])
    array([-1, -1,  1,  1], dtype=int32)
    """
    highest = np.full(len(rank), -1, dtype=np.int32)
    for cut in cuts:
        highest = np.where(rank >= cut, np.maximum(highest, cut - 1), highest).astype(np.int32)
    return highest


def greatly_worse_by_payoff(rank: Ints, payoff: npt.NDArray[np.float64], gap: float) -> Ints:
    """(S,) the highest rank greatly worse than each state, if a state is that pays `gap` less.

    rank    (S,) rank of each state for the party
    payoff  (S,) payoff of each state
    gap     difference of payoffs from which on a state is greatly worse

    >>> greatly_worse_by_payoff(np.array([0, 1, 2], dtype=np.int32), np.array([0.0, 0.5, 0.6]), 0.5)
    array([-1,  0,  0], dtype=int32)
    """
    order = np.argsort(payoff, kind="stable")
    count = np.searchsorted(payoff[order], payoff - gap + PAYOFF_ROUNDING, side="right")
    ranks = np.concatenate([[-1], rank[order]])
    return ranks[count].astype(np.int32)

"""Which states of a conflict are stable: for whom, and against which answers.

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

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ceasefire.game.graph import Bools, Ints, StateGraph
from ceasefire.solve._stability import (
    best_answers,
    coalition_stable,
    least_reached,
    stable_at_once,
    unsanctioned,
)

CONCEPTS = ("Nash", "GMR", "SMR", "SEQ", "SIM")
SIM_TRIES = 10_000_000_000
THREADS, SMALL = 2, 10_000
Verdicts = Mapping[str, Bools]


@dataclass(frozen=True, eq=False)
class Stability:
    """The verdicts, (S,) for each concept; SIM is absent where it has no meaning or is too long.

    stable      of each party
    coalitions  of each coalition of two or more that was asked for, without SIM
    """

    graph: StateGraph
    stable: Mapping[str, Verdicts]
    coalitions: Mapping[tuple[str, ...], Verdicts]
    notes: tuple[str, ...] = ()

    @property
    def concepts(self) -> tuple[str, ...]:
        """The concepts that every party has a verdict for."""
        return tuple(c for c in CONCEPTS if all(c in v for v in self.stable.values()))

    def equilibria(self, concept: str) -> Ints:
        """The states that are stable for every party."""
        every = np.logical_and.reduce([verdicts[concept] for verdicts in self.stable.values()])
        return np.flatnonzero(every).astype(np.int32)

    def structure(self, blocks: Iterable[tuple[str, ...]], concept: str) -> Ints:
        """The states that are stable for every block of a coalition structure."""
        found = [
            self.stable[block[0]][concept] if len(block) == 1 else self.coalitions[block][concept]
            for block in blocks
        ]
        return np.flatnonzero(np.logical_and.reduce(found)).astype(np.int32)


def stability(graph: StateGraph, coalitions: Iterable[tuple[str, ...]] = ()) -> Stability:
    """Find out for which party each state is stable, by each concept.

    coalitions  coalitions of two or more, parties in the order of the graph

    Both confess, in the prisoner's dilemma, by Nash; both silent by all the others:

    >>> from ceasefire.case import Frozen
    >>> from ceasefire.game import Choice, Conflict
    >>> dilemma = Conflict(
    ...     parties=("a", "b"),
    ...     options=(Choice("confess", "a"), Choice("confess", "b")),
    ...     rankings=Frozen({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    ... )
    >>> found = stability(dilemma.graph(), [("a", "b")])
    >>> {concept: found.equilibria(concept).tolist() for concept in found.concepts}
    {'Nash': [3], 'GMR': [0, 3], 'SMR': [0, 3], 'SEQ': [0, 3], 'SIM': [0, 3]}
    >>> found.coalitions["a", "b"]["Nash"].tolist()
    [True, True, True, False]
    """
    notes = list(graph.notes)
    everybody = range(len(graph.parties))
    with ThreadPoolExecutor(THREADS if graph.states > SMALL else 1) as pool:
        single = pool.map(lambda p: alone(graph, p), everybody)
        found: list[Bools | None] = [None for _ in everybody]
        if graph.choices is not None:
            found = list(pool.map(lambda p: _at_once(graph, p), everybody))
        stable = dict(zip(graph.parties, single, strict=True))
    if graph.choices is not None:
        if any(verdict is None for verdict in found):
            notes.append("SIM is left out: too many joint choices to look at")
        else:
            for party, verdict in zip(graph.parties, found, strict=True):
                assert verdict is not None
                stable[party]["SIM"] = verdict
    notes += _unknown(graph)
    together = {members: _together(graph, members) for members in coalitions}
    return Stability(graph, stable, together, tuple(notes))


def all_coalitions(parties: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every coalition of two or more, the smallest first.

    >>> all_coalitions(("a", "b", "c"))
    [('a', 'b'), ('a', 'c'), ('b', 'c'), ('a', 'b', 'c')]
    """
    sizes = range(2, len(parties) + 1)
    return [members for size in sizes for members in combinations(parties, size)]


def alone(graph: StateGraph, p: int, far: Ints | None = None) -> dict[str, Bools]:
    """Where a party is stable by Nash, GMR, SMR and SEQ, (S,) each.

    far  (S,) the highest rank that counts as a sanction of leaving a state; the state's own if None
    """
    rank, seen = graph.rank[p], graph.seen[p]
    others = (1 << len(graph.parties)) - 1 - (1 << p)
    moves = (graph.first, graph.target, graph.members, others, graph.rank)
    answers = best_answers(rank, graph.first, graph.target, p, seen)
    sanctions = np.stack(
        [
            np.full(graph.states, np.iinfo(np.int32).max, dtype=np.int32),
            least_reached(rank, *moves, False, seen),
            least_reached(answers, *moves, False, seen),
            least_reached(rank, *moves, True, seen),
        ]
    )
    stable = np.ones((4, graph.states), dtype=np.bool_)
    limit = rank if far is None else far
    unsanctioned(rank, limit, graph.first, graph.target, p, seen, sanctions, stable)
    return dict(zip(CONCEPTS, stable, strict=False))


def _at_once(graph: StateGraph, p: int) -> Bools | None:
    assert graph.choices is not None
    budget = np.array([SIM_TRIES // len(graph.parties)], dtype=np.int64)
    stable = np.ones(graph.states, dtype=np.bool_)
    moves = (graph.choices.code, graph.rank, graph.first, graph.target, p, graph.seen[p])
    return stable if stable_at_once(*moves, budget, stable) == 0 else None


def _together(graph: StateGraph, members: tuple[str, ...]) -> dict[str, Bools]:
    group = graph.coalition(members)
    outside = (1 << len(graph.parties)) - 1 - group
    inside = [graph.parties.index(name) for name in members]
    seen = np.logical_or.reduce(graph.seen[inside])
    moves = (graph.first, graph.target, graph.members, outside, graph.rank)
    answers, chains = np.zeros_like(graph.rank), np.zeros_like(graph.rank)
    for p in inside:
        answers[p] = least_reached(graph.rank[p], *moves, False, seen)
        chains[p] = least_reached(graph.rank[p], *moves, True, seen)
    stable = np.ones((4, graph.states), dtype=np.bool_)
    coalition_stable(
        graph.first, graph.target, graph.members, graph.rank, group, outside, seen,
        answers, chains, stable,
    )  # fmt: skip
    return dict(zip(CONCEPTS, stable, strict=False))


def _unknown(graph: StateGraph) -> list[str]:
    return [
        f"{party} does not know of {int((~graph.seen[p]).sum())} of {graph.states} states, and "
        "counts them as stable"
        for p, party in enumerate(graph.parties)
        if not graph.seen[p].all()
    ]

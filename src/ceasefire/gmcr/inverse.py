"""Which rankings make a state an equilibrium, and how many do?"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ceasefire.case.model import EMPTY_MAPPING
from ceasefire.gmcr.reasons import shortest_move_sequences
from ceasefire.gmcr.solution_concepts import (
    STRENGTH_CONCEPTS,
    greatly_worse_below_cuts,
    stability,
    strong_stability,
)
from ceasefire.gmcr.state_graph import Ints, StateGraph

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StabilityCondition:
    """Of one move: it must bring nothing better, or no state of one of the alternatives may.

    target        state to which the party could move
    alternatives  sets of states, none of which may be better than the state asked about
    met           whether the ranking at hand meets it
    """

    target: int
    alternatives: tuple[frozenset[int], ...]
    met: bool


def stability_conditions(
    graph: StateGraph, party: str, state: int, concept: str
) -> tuple[StabilityCondition, ...]:
    """What a party's ranking must be like for a state to be stable for it by a concept but SIM.

    The state is stable if and only if every condition is met; none means that it is stable under
    every ranking. In SEQ the others' rankings are those of the graph.

    In the prisoner's dilemma, silence of both is stable by GMR if confessing is no better, or if
    it is no better once the other confesses too:

    >>> from ceasefire.case import FrozenMapping
    >>> from ceasefire.gmcr import ConflictOption, Conflict
    >>> dilemma = Conflict(
    ...     parties=("a", "b"),
    ...     options=(ConflictOption("confess", "a"), ConflictOption("confess", "b")),
    ...     rankings=FrozenMapping({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    ... ).state_graph()
    >>> stability_conditions(dilemma, "a", 0, "GMR")
    (StabilityCondition(target=1, alternatives=(frozenset({3}),), met=True),)
    """
    p = graph.parties.index(party)
    known, rank = graph.known[p], graph.rank[p]
    if not known[state]:
        return ()
    alone = 1 << p
    others = (1 << len(graph.parties)) - 1 - alone
    found = []
    for to in (t for t in graph.targets_from(p, state) if known[t]):
        alternatives: list[frozenset[int]] = []
        if concept != "Nash":
            replies = shortest_move_sequences(graph, others, to, known, improving=concept == "SEQ")
            for there in sorted(replies):
                held = {there}
                if concept == "SMR":
                    held |= {t for t in graph.targets_from(p, there) if known[t]}
                alternatives.append(frozenset(held - {state}))
        if frozenset() in alternatives:
            continue
        alternatives = [a for a in alternatives if to not in a]
        least = [a for a in dict.fromkeys(alternatives) if not any(b < a for b in alternatives)]
        met = bool(rank[to] <= rank[state]) or any(
            all(rank[t] <= rank[state] for t in a) for a in least
        )
        found.append(StabilityCondition(to, tuple(least), met))
    return tuple(found)


def equilibrium_shares(
    graph: StateGraph,
    unknown_rankings: Collection[str],
    broken_ties: Collection[str] = (),
    strength_cuts: Mapping[str, Collection[int]] = EMPTY_MAPPING,
    *,
    samples: int = 1000,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Mapping[str, Floats]:
    """The share of sampled rankings under which each state is an equilibrium, (S,) by concept.

    unknown_rankings  parties whose ranking is drawn anew: every strict ranking is equally likely
    broken_ties       parties whose equally good states are put into an order that is drawn anew
    strength_cuts     of parties with strong preferences, how many states stand above each gulf in
                      their ranking, drawn ones too; the shares of strong equilibria are then given
                      as well, as `strong GMR` and so on
    samples           how many rankings are drawn
    seed              of the random numbers
    progress          called with the rankings done and all of them
    """
    draw = np.random.default_rng(seed)
    counts: dict[str, Floats] = {}
    for sample in range(samples):
        rank = graph.rank.copy()
        for party in graph.parties:
            p, jitter = graph.parties.index(party), draw.random(graph.states)
            if party in unknown_rankings:
                rank[p] = np.argsort(np.argsort(jitter))
            elif party in broken_ties:
                rank[p] = np.argsort(np.lexsort((jitter, rank[p])))
        found = stability(replace(graph, rank=rank))
        for concept in found.concepts:
            count = counts.setdefault(concept, np.zeros(graph.states))
            count[found.equilibria(concept)] += 1.0
        if strength_cuts:
            strong = strong_stability(found.graph, _greatly_worse_ranks(found.graph, strength_cuts))
            for concept in STRENGTH_CONCEPTS:
                count = counts.setdefault(f"strong {concept}", np.zeros(graph.states))
                count[strong.equilibria(concept)] += 1.0
        progress(sample + 1, samples)
    return {concept: count / samples for concept, count in counts.items()}


def _greatly_worse_ranks(graph: StateGraph, strength_cuts: Mapping[str, Collection[int]]) -> Ints:
    """(P, S) the highest rank greatly worse than each state, from the places of gulfs."""
    rows = []
    for rank, party in zip(graph.rank, graph.parties, strict=True):
        ordered = np.sort(rank)[::-1]
        rows.append(
            greatly_worse_below_cuts(
                rank, [int(ordered[above - 1]) for above in strength_cuts.get(party, ())]
            )
        )
    return np.stack(rows)

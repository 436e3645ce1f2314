"""Random conflicts, as the package reads them and as the twin does."""

import random

import numpy as np

from ceasefire.case import FrozenMapping
from ceasefire.errors import GameError
from ceasefire.gmcr import (
    Conflict,
    ConflictOption,
    StateGraph,
    all_coalitions,
    rank_values,
    stability,
)
from twin import graph as twin

CONCEPTS = ("Nash", "GMR", "SMR", "SEQ")


def in_option_form(seed):
    """A graph of two to four parties and two to six options, and its twin."""
    conflict, slow = conflict_and_twin(seed)
    return conflict.state_graph(), slow


def conflict_and_twin(seed):
    """A conflict in option form, and its twin."""
    draw = random.Random(seed)
    parties = tuple("abcd"[: draw.randint(2, 4)])
    owners = [*parties, *draw.choices(parties, k=draw.randint(0, 6 - len(parties)))]
    draw.shuffle(owners)
    directions = draw.choices(["both", "fwd", "back"], weights=[4, 1, 1], k=len(owners))

    def patterns(most, size):
        return [
            {o: draw.random() < 0.5 for o in draw.sample(range(len(owners)), k=size)}
            for _ in range(draw.randint(0, most))
        ]

    infeasible = patterns(2, 2)
    unseen = {p: patterns(1, 2) for p in parties if draw.random() < 0.3}
    unseen = {p: found for p, found in unseen.items() if found}
    conflict = Conflict(
        parties=parties,
        options=tuple(
            ConflictOption(f"option {o}", p, d)
            for o, (p, d) in enumerate(zip(owners, directions, strict=True))
        ),
        infeasible=tuple((tuple(p.items()),) for p in infeasible),
        misperceived=FrozenMapping(
            {p: tuple((tuple(q.items()),) for q in qs) for p, qs in unseen.items()}
        ),
    )
    if not fits(conflict):
        return conflict_and_twin(seed + 100_000)
    codes = conflict.codes.tolist()
    worth = {p: [draw.randint(0, len(codes)) for _ in codes] for p in parties}
    rankings = {
        p: tuple(
            tuple(c for c, w in zip(codes, worth[p], strict=True) if w == value)
            for value in sorted(set(worth[p]), reverse=True)
        )
        for p in parties
    }
    conflict = Conflict(
        parties,
        conflict.options,
        conflict.infeasible,
        conflict.misperceived,
        rankings=FrozenMapping(rankings),
    )
    return conflict, twin.option_form(owners, directions, infeasible, worth, unseen)


def fits(conflict):
    """Whether the patterns leave more than one state."""
    try:
        return len(conflict.codes) > 1
    except GameError:
        return False


def with_deals(seed):
    """States 0 to 7 with any moves, some of them joint, and the twin."""
    draw = random.Random(seed)
    parties = tuple("abcd"[: draw.randint(2, 4)])
    states = range(draw.randint(3, 8))
    groups = [frozenset([p]) for p in parties]
    groups += {
        frozenset(draw.sample(parties, k=draw.randint(2, len(parties))))
        for _ in range(draw.randint(0, 2))
    }
    moves = {
        g: {s: {t for t in states if t != s and draw.random() < 0.25} for s in states}
        for g in groups
    }
    worth = {p: {s: draw.randint(0, len(states)) for s in states} for p in parties}
    unseen = {p: {s for s in states if draw.random() < 0.1} for p in parties}
    lists = [[sorted(moves[g][s]) for s in states] for g in groups]
    sizes = np.array([[len(to) for to in rows] for rows in lists])
    ends = np.cumsum(sizes).reshape(sizes.shape)
    begins = np.concatenate([[0], ends[:-1, -1]])
    graph = StateGraph(
        parties=parties,
        mover_bits=np.array(
            [sum(1 << parties.index(p) for p in g) for g in groups], dtype=np.int64
        ),
        first_move=np.column_stack([begins, ends]).astype(np.int64),
        target=np.array([t for rows in lists for to in rows for t in to], dtype=np.int32),
        rank=np.stack([rank_values(np.array([worth[p][s] for s in states])) for p in parties]),
        known=np.array([[s not in unseen[p] for s in states] for p in parties]),
        state_name=str,
    )
    return graph, twin.Graph(list(parties), list(states), moves, worth, unseen)


def differences(graph, slow):
    """Every verdict in which the package and the twin differ."""
    found = stability(graph, all_coalitions(graph.parties))
    assert graph.states > 1
    assert found.coalitions
    wrong = []
    for party in graph.parties:
        for concept in found.by_party[party]:
            quick = {slow.states[s] for s in np.flatnonzero(found.by_party[party][concept])}
            if quick != slow.stable(concept, party):
                wrong.append((party, concept))
    for members, verdicts in found.coalitions.items():
        for concept in CONCEPTS:
            quick = {slow.states[s] for s in np.flatnonzero(verdicts[concept])}
            if quick != slow.stable(concept, *members):
                wrong.append((members, concept))
    return wrong

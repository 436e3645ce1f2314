"""Why a state is stable for a party or not: each improvement, and how the others can answer it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from ceasefire.errors import QuestionError
from ceasefire.game.graph import Bools, StateGraph
from ceasefire.solve.walks import Step, sequences, steps

MOST_JOINT = 1_000_000


@dataclass(frozen=True)
class Answer:
    """One improvement and what becomes of it.

    improvement  the moves by which the party, or coalition, improves
    sanction     the others' moves that leave it no better off; empty if there are none
    escape       where it would escape to, of an answer that is no sanction only for that reason
    joint        the state that results where all move at the same time
    """

    improvement: tuple[Step, ...]
    sanction: tuple[Step, ...] = ()
    escape: Step | None = None
    joint: int | None = None

    @property
    def sanctioned(self) -> bool:
        """Whether the improvement is given up."""
        return bool(self.sanction) or self.joint is not None


@dataclass(frozen=True)
class Reason:
    """The verdict on a state for a party or coalition by one concept, with every improvement."""

    members: tuple[str, ...]
    state: int
    concept: str
    answers: tuple[Answer, ...]
    known: bool = True

    @property
    def stable(self) -> bool:
        """Whether no improvement holds."""
        return all(a.sanctioned for a in self.answers) and not (
            self.concept == "Nash" and self.answers
        )


def why(graph: StateGraph, members: tuple[str, ...], state: int, concept: str) -> Reason:
    """Give the reason for a verdict: every improvement from the state, and its nearest sanction.

    Raises QuestionError for SIM of a coalition, or where there are too many joint choices.

    >>> from ceasefire.case import Frozen
    >>> from ceasefire.game import Choice, Conflict
    >>> dilemma = Conflict(
    ...     parties=("a", "b"),
    ...     options=(Choice("confess", "a"), Choice("confess", "b")),
    ...     rankings=Frozen({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    ... ).graph()
    >>> reason = why(dilemma, ("a",), 0, "SEQ")
    >>> reason.stable, [(s.movers, s.start, s.to) for s in reason.answers[0].sanction]
    (True, [(('b',), 1, 3)])
    """
    group = graph.coalition(members)
    inside = [graph.parties.index(name) for name in members]
    seen: Bools = np.logical_or.reduce(graph.seen[inside])
    if not seen[state]:
        return Reason(members, state, concept, (), known=False)
    outside = (1 << len(graph.parties)) - 1 - group

    def better(there: int) -> bool:
        return bool((graph.rank[inside, there] > graph.rank[inside, state]).all())

    def answered(improvement: tuple[Step, ...]) -> Answer:
        if concept == "Nash":
            return Answer(improvement)
        at = improvement[-1].to
        if concept == "SIM":
            return _at_once(graph, members, state, improvement)
        replies = sequences(graph, outside, at, seen, improving=concept == "SEQ")
        escape = None
        for there, path in replies.items():
            if better(there):
                continue
            if concept != "SMR":
                return Answer(improvement, path)
            ways = sequences(graph, group, there, seen)
            out = next((way for to, way in ways.items() if better(to)), None)
            if out is None:
                return Answer(improvement, path)
            escape = escape or out[-1]
        return Answer(improvement, (), escape)

    moves = sequences(graph, group, state, seen)
    found = [answered(path) for there, path in sorted(moves.items()) if better(there)]
    return Reason(members, state, concept, tuple(found))


def _at_once(
    graph: StateGraph, members: tuple[str, ...], state: int, improvement: tuple[Step, ...]
) -> Answer:
    if len(members) != 1 or graph.choices is None:
        raise QuestionError("SIM is asked of single parties of a conflict in option form")
    party = graph.parties.index(members[0])
    code, rank, seen = graph.choices.code, graph.rank[party], graph.seen[party]
    others: list[list[Step | None]] = []
    for name in graph.parties:
        if name not in members:
            gains = [s for _, s in steps(graph, state) if s.movers == (name,) and s.gains]
            others.append([None, *(step for step in gains if seen[step.to])])
    index = {int(c): s for s, c in enumerate(code)}
    tried: Iterable[tuple[Step | None, ...]] = islice(product(*others), MOST_JOINT + 1)
    for number, chosen in enumerate(tried):
        if number == MOST_JOINT:
            raise QuestionError("too many joint choices to look at")
        joint = int(code[improvement[-1].to])
        moved = tuple(step for step in chosen if step is not None)
        for step in moved:
            joint ^= int(code[step.to] ^ code[state])
        x = index.get(joint, -1)
        if x >= 0 and seen[x] and rank[x] <= rank[state]:
            return Answer(improvement, moved, None, x)
    return Answer(improvement)

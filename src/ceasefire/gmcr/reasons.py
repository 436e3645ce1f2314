"""Why is a state stable for a party or not? Each improvement, and how the others can answer it."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from ceasefire.errors import QuestionError
from ceasefire.gmcr.state_graph import Bools, StateGraph


@dataclass(frozen=True)
class ConflictMove:
    """One move: the parties that make it, from where to where, and whether each of them gains."""

    movers: tuple[str, ...]
    start: int
    to: int
    all_gain: bool


@dataclass(frozen=True)
class MoveTree:
    """A move in a tree of what can follow; `shown_elsewhere` if its state is unfolded elsewhere."""

    move: ConflictMove
    shown_elsewhere: bool
    next_moves: "tuple[MoveTree, ...]"


def shortest_move_sequences(
    graph: StateGraph, group: int, start: int, known: Bools, *, improving: bool = False
) -> dict[int, tuple[ConflictMove, ...]]:
    """The shortest sequence of some parties' moves to every state they can reach from `start`.

    No party moves twice running.

    group      the parties as bits
    known      (S,) the states that may be entered
    improving  whether every mover gains by each of its steps
    """
    found: dict[int, tuple[ConflictMove, ...]] = {}
    todo: deque[tuple[int, int, tuple[ConflictMove, ...]]] = deque([(start, 0, ())])
    visited = {(start, 0)}
    while todo:
        state, last, path = todo.popleft()
        for mover, step in moves_from_state(graph, state, last):
            if mover & ~group or not known[step.to] or (improving and not step.all_gain):
                continue
            found.setdefault(step.to, (*path, step))
            if (step.to, mover) not in visited:
                visited.add((step.to, mover))
                todo.append((step.to, mover, (*path, step)))
    return found


def moves_from_state(
    graph: StateGraph, state: int, last: int = 0
) -> Iterator[tuple[int, ConflictMove]]:
    """Every move out of a state by parties that have not just moved, with its mover as bits."""
    for m, bits in enumerate(graph.mover_bits.tolist()):
        if bits & last:
            continue
        parties = graph.parties_in(bits)
        inside = [graph.parties.index(name) for name in parties]
        for to in graph.targets_from(m, state):
            all_gain = bool((graph.rank[inside, to] > graph.rank[inside, state]).all())
            yield bits, ConflictMove(parties, state, to, all_gain)


def build_move_tree(
    graph: StateGraph, start: int, depth: int, *, improving: bool = False
) -> tuple[MoveTree, ...]:
    """What can follow from a status quo, each state unfolded where it is nearest.

    start      number of the status quo
    depth      how many moves may follow one another
    improving  whether only moves count by which everyone who makes them gains
    """
    nearest = {start: 0}
    layer = [start]
    for level in range(1, depth + 1):
        fresh: list[int] = []
        for state in layer:
            for _, step in moves_from_state(graph, state):
                if step.to not in nearest and (step.all_gain or not improving):
                    nearest[step.to] = level
                    fresh.append(step.to)
        layer = fresh
    unfolded = {start}

    def grow(state: int, last: int, level: int) -> tuple[MoveTree, ...]:
        moves = [
            (b, s) for b, s in moves_from_state(graph, state, last) if s.all_gain or not improving
        ]
        fresh = {s.to for _, s in moves if nearest[s.to] == level + 1} - unfolded
        unfolded.update(fresh)
        found = []
        for bits, step in moves:
            new = step.to in fresh
            fresh.discard(step.to)
            deeper = grow(step.to, bits, level + 1) if new and level + 1 < depth else ()
            found.append(MoveTree(step, not new, deeper))
        return tuple(found)

    return grow(start, 0, 0) if depth > 0 else ()


MOST_JOINT_CHOICES = 1_000_000


@dataclass(frozen=True)
class ImprovementResponse:
    """One improvement and what becomes of it.

    improvement  the moves by which the party, or coalition, improves
    sanction     the others' moves that leave it no better off; empty if there are none
    escape       the move that evades an answer which would be a sanction otherwise
    joint_state  the state that results where all move at the same time
    """

    improvement: tuple[ConflictMove, ...]
    sanction: tuple[ConflictMove, ...] = ()
    escape: ConflictMove | None = None
    joint_state: int | None = None

    @property
    def sanctioned(self) -> bool:
        """Whether the improvement is given up."""
        return bool(self.sanction) or self.joint_state is not None


@dataclass(frozen=True)
class StabilityReason:
    """The verdict on a state for a party or coalition by one concept, with every improvement."""

    members: tuple[str, ...]
    state: int
    concept: str
    responses: tuple[ImprovementResponse, ...]
    state_known: bool = True

    @property
    def stable(self) -> bool:
        """Whether no improvement holds."""
        return all(a.sanctioned for a in self.responses) and not (
            self.concept == "Nash" and self.responses
        )


def explain_stability(
    graph: StateGraph, members: tuple[str, ...], state: int, concept: str
) -> StabilityReason:
    """Give the reason for a verdict: every improvement from the state, and its nearest sanction.

    members  the party, or the coalition
    state    number of the state
    concept  Nash, GMR, SMR, SEQ or SIM

    Raises QuestionError for SIM of a coalition, or where there are too many joint choices.

    >>> from ceasefire.case import FrozenMapping
    >>> from ceasefire.gmcr import ConflictOption, Conflict
    >>> dilemma = Conflict(
    ...     parties=("a", "b"),
    ...     options=(ConflictOption("confess", "a"), ConflictOption("confess", "b")),
    ...     rankings=FrozenMapping({"a": ((1,), (0,), (3,), (2,)), "b": ((2,), (0,), (3,), (1,))}),
    ... ).state_graph()
    >>> reason = explain_stability(dilemma, ("a",), 0, "SEQ")
    >>> reason.stable, [(s.movers, s.start, s.to) for s in reason.responses[0].sanction]
    (True, [(('b',), 1, 3)])
    """
    group = graph.coalition_bits(members)
    inside = [graph.parties.index(name) for name in members]
    known: Bools = np.logical_or.reduce(graph.known[inside])
    if not known[state]:
        return StabilityReason(members, state, concept, (), state_known=False)
    moves = shortest_move_sequences(graph, group, state, known)
    responses = [
        _response_to(graph, members, state, concept, known, path)
        for there, path in sorted(moves.items())
        if _all_better_off(graph, inside, state, there)
    ]
    return StabilityReason(members, state, concept, tuple(responses))


def _all_better_off(graph: StateGraph, inside: list[int], state: int, there: int) -> bool:
    """Whether all these parties, by number, rank another state higher."""
    return bool((graph.rank[inside, there] > graph.rank[inside, state]).all())


def _response_to(
    graph: StateGraph,
    members: tuple[str, ...],
    state: int,
    concept: str,
    known: Bools,
    improvement: tuple[ConflictMove, ...],
) -> ImprovementResponse:
    """How the others answer one improvement from a state."""
    if concept == "Nash":
        return ImprovementResponse(improvement)
    if concept == "SIM":
        return _simultaneous_response(graph, members, state, improvement)
    group = graph.coalition_bits(members)
    outside = (1 << len(graph.parties)) - 1 - group
    inside = [graph.parties.index(name) for name in members]
    replies = shortest_move_sequences(
        graph, outside, improvement[-1].to, known, improving=concept == "SEQ"
    )
    escape = None
    for there, path in replies.items():
        if _all_better_off(graph, inside, state, there):
            continue
        if concept != "SMR":
            return ImprovementResponse(improvement, path)
        further = shortest_move_sequences(graph, group, there, known)
        evasion = next(
            (moves for to, moves in further.items() if _all_better_off(graph, inside, state, to)),
            None,
        )
        if evasion is None:
            return ImprovementResponse(improvement, path)
        escape = escape or evasion[-1]
    return ImprovementResponse(improvement, (), escape)


def _simultaneous_response(
    graph: StateGraph, members: tuple[str, ...], state: int, improvement: tuple[ConflictMove, ...]
) -> ImprovementResponse:
    if len(members) != 1 or graph.encoding is None:
        raise QuestionError("SIM is asked of single parties of a conflict in option form")
    party = graph.parties.index(members[0])
    codes, rank, known = graph.encoding.codes, graph.rank[party], graph.known[party]
    others: list[list[ConflictMove | None]] = []
    for name in graph.parties:
        if name not in members:
            gains = [
                s for _, s in moves_from_state(graph, state) if s.movers == (name,) and s.all_gain
            ]
            others.append([None, *(step for step in gains if known[step.to])])
    index = {int(c): s for s, c in enumerate(codes)}
    tried: Iterable[tuple[ConflictMove | None, ...]] = islice(
        product(*others), MOST_JOINT_CHOICES + 1
    )
    for number, chosen in enumerate(tried):
        if number == MOST_JOINT_CHOICES:
            raise QuestionError("too many joint choices to look at")
        joint = int(codes[improvement[-1].to])
        moved = tuple(step for step in chosen if step is not None)
        for step in moved:
            joint ^= int(codes[step.to] ^ codes[state])
        x = index.get(joint, -1)
        if x >= 0 and known[x] and rank[x] <= rank[state]:
            return ImprovementResponse(improvement, moved, None, x)
    return ImprovementResponse(improvement)

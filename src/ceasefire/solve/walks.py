"""Sequences of moves on a graph, step by step: for reasons and trees, not for speed."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ceasefire.game.graph import Bools, StateGraph


@dataclass(frozen=True)
class Step:
    """One move: the parties that make it, from where to where, and whether each of them gains."""

    movers: tuple[str, ...]
    start: int
    to: int
    gains: bool


@dataclass(frozen=True)
class Branch:
    """A move in a tree of what can follow; `again` if its state is unfolded elsewhere."""

    step: Step
    again: bool
    branches: "tuple[Branch, ...]"


def sequences(
    graph: StateGraph, group: int, start: int, seen: Bools, *, improving: bool = False
) -> dict[int, tuple[Step, ...]]:
    """The shortest sequence of the parties in `group` to every state they can reach from `start`.

    No party moves twice running; with `improving` every mover gains by each of its steps.
    """
    found: dict[int, tuple[Step, ...]] = {}
    todo: deque[tuple[int, int, tuple[Step, ...]]] = deque([(start, 0, ())])
    known = {(start, 0)}
    while todo:
        state, last, path = todo.popleft()
        for mover, step in steps(graph, state, last):
            if mover & ~group or not seen[step.to] or (improving and not step.gains):
                continue
            found.setdefault(step.to, (*path, step))
            if (step.to, mover) not in known:
                known.add((step.to, mover))
                todo.append((step.to, mover, (*path, step)))
    return found


def steps(graph: StateGraph, state: int, last: int = 0) -> Iterator[tuple[int, Step]]:
    """Every move out of a state by parties that have not just moved, with its mover as bits."""
    for m, bits in enumerate(graph.members.tolist()):
        if bits & last:
            continue
        people = graph.people(bits)
        inside = [graph.parties.index(name) for name in people]
        for to in graph.leads(m, state):
            gains = bool((graph.rank[inside, to] > graph.rank[inside, state]).all())
            yield bits, Step(people, state, to, gains)


def tree(
    graph: StateGraph, start: int, depth: int, *, improving: bool = False
) -> tuple[Branch, ...]:
    """What can follow from a status quo, to so many moves, each state unfolded where it is nearest.

    With `improving` only moves by which everyone who makes them gains.
    """
    nearest = {start: 0}
    layer = [start]
    for level in range(1, depth + 1):
        fresh: list[int] = []
        for state in layer:
            for _, step in steps(graph, state):
                if step.to not in nearest and (step.gains or not improving):
                    nearest[step.to] = level
                    fresh.append(step.to)
        layer = fresh
    unfolded = {start}

    def grow(state: int, last: int, level: int) -> tuple[Branch, ...]:
        moves = [(b, s) for b, s in steps(graph, state, last) if s.gains or not improving]
        fresh = {s.to for _, s in moves if nearest[s.to] == level + 1} - unfolded
        unfolded.update(fresh)
        found = []
        for bits, step in moves:
            new = step.to in fresh
            fresh.discard(step.to)
            deeper = grow(step.to, bits, level + 1) if new and level + 1 < depth else ()
            found.append(Branch(step, not new, deeper))
        return tuple(found)

    return grow(start, 0, 0) if depth > 0 else ()

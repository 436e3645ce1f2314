"""What a coalition is asked to secure, as an automaton that runs beside the game."""

from collections.abc import Mapping
from dataclasses import dataclass

from ceasefire.case import Expression


@dataclass(frozen=True)
class Watch:
    """A formula as a small deterministic automaton with Q states.

    conditions  the M expressions over the state that it reads at a period's end
    classes     C combinations of which of them hold, each of length M
    on_end      (C, Q) next state at a period's end
    on_label    for each set of events, (Q,) the next state when they happen together
    start       its state once the start of play has been read
    accept      (Q,) whether the formula holds if one stops looking now
    """

    conditions: tuple[Expression, ...]
    classes: tuple[tuple[bool, ...], ...]
    on_end: tuple[tuple[int, ...], ...]
    on_label: Mapping[frozenset[str], tuple[int, ...]]
    start: int
    accept: tuple[bool, ...]


@dataclass(frozen=True)
class Goal:
    """A formula, who is asked to secure it, and for how many periods one looks.

    coalition  its members; None where the question names none and all parties together are asked
               for the most and the least they can bring about
    """

    text: str
    claim: str
    coalition: tuple[str, ...] | None
    periods: int
    watch: Watch

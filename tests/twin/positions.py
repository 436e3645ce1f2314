"""Where play can stand, and what can happen there.

A position is a moment of play: period, how many steps of the period are over, stage inside the step
that comes, the public state, and the order that was drawn for the steps of a shuffle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from twin.expressions import Value

State = tuple[Value, ...]
Costs = Mapping[str | None, float]  # by the type of whoever pays; None where there are no types
NOTHING: frozenset[str] = frozenset()


class Position(NamedTuple):
    """A moment of play."""

    period: int
    step: int
    stage: tuple[Any, ...]
    state: State
    drawn: tuple[int, ...] = ()  # in a shuffle, which steps of the order come, once that is drawn


class Option(NamedTuple):
    """Something the mover can choose, what it costs at once, and where it leads."""

    name: str
    weight: float
    cost: Costs
    events: frozenset[str]
    after: Position


@dataclass(frozen=True)
class Chance:
    """Branches of (probability, events, position)."""

    branches: tuple[tuple[float, frozenset[str], Position], ...]


@dataclass(frozen=True)
class News:
    """Branches of (probability for each type of a party, events, position)."""

    party: str
    branches: tuple[tuple[Mapping[str | None, float], frozenset[str], Position], ...]


@dataclass(frozen=True)
class Choice:
    """A party chooses among options."""

    party: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Moment:
    """Parties choose without seeing each other's choice.

    movers  each with its options, none of which says where it leads
    after   by the number of the option of each: what happens, and where that leads
    """

    movers: tuple[tuple[str, tuple[Option, ...]], ...]
    after: Mapping[tuple[int, ...], tuple[frozenset[str], Position]]


@dataclass(frozen=True)
class Payment:
    """Parties pay what a deal costs them, by type, when it is signed."""

    costs: Mapping[str, Costs]
    events: frozenset[str]
    after: Position


@dataclass(frozen=True)
class Renewal:
    """The types of parties are drawn anew: the analyst's probability of each one's first type."""

    drawn: Mapping[str, float]
    after: Position


@dataclass(frozen=True)
class End:
    """The period is over: everybody is paid."""


Node = Chance | News | Choice | Moment | Payment | Renewal | End


@dataclass(frozen=True)
class Variant:
    """What a question changes in the game it asks about."""

    without: frozenset[str] = NOTHING
    closed: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, float] = field(default_factory=dict)
    sharper: float = 1.0
    selection: str = "principal"


def successors(node: Node) -> list[Position]:
    """The positions that can follow, none after a period's end."""
    match node:
        case Chance(branches=branches):
            return [after for _, _, after in branches]
        case News(branches=told):
            return [after for _, _, after in told]
        case Choice(options=options):
            return [option.after for option in options]
        case Moment(after=joint):
            return [after for _, after in joint.values()]
        case Payment(after=after) | Renewal(after=after):
            return [after]
    return []

"""Which claims are conclusions, which are theses, and in which order is an argument told?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


def theses(premises: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The conclusions that are nobody's premise, in the order given.

    premises  by claim, the claims that it rests on; none for a claim that rests on nothing

    >>> theses({"peace": ["force"], "force": ["money"], "money": [], "weather": []})
    ('peace',)
    """
    used = {name for rests_on in premises.values() for name in rests_on}
    return tuple(name for name, rests_on in premises.items() if rests_on and name not in used)


class ArgumentStep(NamedTuple):
    """A claim at its place in an argument.

    depth     how many conclusions stand above it
    repeated  whether its own premises have been listed further up already
    """

    claim: str
    depth: int
    repeated: bool


def argument_steps(
    premises: Mapping[str, Sequence[str]], first: str | None = None
) -> Iterator[ArgumentStep]:
    """Every thesis, followed by its premises with theirs.

    premises  by claim, the claims that it rests on, without a circle
    first     a claim that is told before the theses, as if it were one; None for the theses alone

    >>> steps = argument_steps({"a": ["b", "c"], "b": ["c"], "c": ["d"], "d": [], "e": []})
    >>> [(step.depth, step.claim) for step in steps if not step.repeated]
    [(0, 'a'), (1, 'b'), (2, 'c'), (3, 'd')]
    """
    told: set[str] = set()
    roots = dict.fromkeys([*([] if first is None else [first]), *theses(premises)])
    waiting = [(name, 0) for name in reversed(roots)]
    while waiting:
        name, depth = waiting.pop()
        below = premises.get(name, ())
        repeated = bool(below) and name in told
        yield ArgumentStep(name, depth, repeated)
        told.add(name)
        if not repeated:
            waiting += [(one, depth + 1) for one in reversed(below)]

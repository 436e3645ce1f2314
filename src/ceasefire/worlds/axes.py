"""The values of one unknown, from its best estimate to the ends of what it can be.

An unknown with a `range` or `triangle` goes to its ends, a `normal` or `lognormal` one to its 1 %
and 99 % quantiles (or to `best`, if that lies beyond), `oneof` through its values. A move along
an unknown is measured in this range: from one end to the other is 1.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from ceasefire.ask import Prepared
from ceasefire.case import Expression, Unknown
from ceasefire.worlds.draws import quantile

SCAN = 0.25
TAILS = (0.01, 0.99)


@dataclass(frozen=True)
class Axis:
    """Where one unknown can move, all others at best; `values` only where it is one of a few."""

    name: str
    best: float
    low: float
    high: float
    values: tuple[float, ...] = ()

    @property
    def width(self) -> float:
        """The length of the range in which moves are measured."""
        return self.high - self.low

    def move(self, value: float) -> float:
        """How far a value is from best, as a share of the range."""
        return abs(value - self.best) / self.width

    def at(self, direction: int, move: float) -> float:
        """The value so far from best, upwards for 1 and downwards for -1, or the end."""
        return min(max(self.best + direction * move * self.width, self.low), self.high)

    def scan(self, direction: int) -> tuple[float, ...]:
        """The values to try on one side of best, nearest first, the end included.

        No two neighbours are further apart than a quarter of the range.

        >>> Axis("x", 0.5, 0.0, 1.0).scan(1), Axis("x", 0.0, 0.0, 1.0).scan(-1)
        ((0.75, 1.0), ())
        """
        if self.values:
            beyond = [value for value in self.values if (value - self.best) * direction > 0]
            return tuple(sorted(beyond, key=self.move))
        end = self.high if direction > 0 else self.low
        steps = math.ceil(self.move(end) / SCAN - 1e-9)
        inner = (self.best + (end - self.best) * k / steps for k in range(1, steps))
        return (*inner, end) if steps else ()


def axes(prepared: Prepared) -> tuple[Axis, ...]:
    """Every unknown that can move and that the case or a question reads at all."""
    read = set(names_read([prepared.case, prepared.questions]))
    found = (_axis(name, unknown) for name, unknown in prepared.case.unknowns.items())
    return tuple(axis for axis in found if axis.width > 0 and axis.name in read)


def _axis(name: str, unknown: Unknown) -> Axis:
    if unknown.kind is None:
        return Axis(name, unknown.best, unknown.best, unknown.best)
    if unknown.kind == "oneof":
        values = tuple(sorted(set(unknown.parameters)))
        return Axis(name, unknown.best, values[0], values[-1], values)
    ends = unknown.parameters[0], unknown.parameters[-1]
    if unknown.kind in ("normal", "lognormal"):
        low, high = quantile(unknown, np.array(TAILS)).tolist()
        ends = min(low, unknown.best), max(high, unknown.best)
    return Axis(name, unknown.best, *ends)


def names_read(thing: Any) -> Iterator[str]:
    """The names that any expression within reads."""
    if isinstance(thing, Expression):
        yield from thing.names
    elif is_dataclass(thing):
        yield from names_read([getattr(thing, part.name) for part in fields(thing)])
    elif isinstance(thing, Mapping):
        yield from names_read(list(thing.values()))
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from names_read(part)

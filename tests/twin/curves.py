"""A pair of values as a curve over one record, exact to about 1e-9 and made only where it is asked.

Stretches of the record are fitted by polynomials through exact values. A stretch whose fit misses
exact values in between is halved; where no stretch is short enough (the curve jumps there), the
exact value itself is used. Far out the exact value is used too.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

Exact = Callable[[Any], tuple[Any, Any]]  # of one record, or an array of several
WIDTH, FAR, SHORTEST, DEGREE, MISS = 4.0, 40.0, 1e-3, 12, 1e-9
BETWEEN = (-0.97, 0.1, 0.63)


class Curve:
    """A pair of values over a record.

    >>> curve = Curve(lambda record: (record**2, np.tanh(record)))
    >>> [round(float(value), 8) for value in curve(0.3)]
    [0.09, 0.29131261]
    """

    def __init__(self, exact: Exact) -> None:
        self.exact = exact
        self.fits: dict[tuple[float, float], Fit | None] = {}

    def __call__(self, record: float) -> tuple[float, float]:
        if not abs(record) < FAR:
            return self.exact(record)
        low, width = WIDTH * math.floor(record / WIDTH), WIDTH
        while width > SHORTEST:
            key = (low, width)
            fit = self.fits[key] if key in self.fits else self._fit(low, width)
            if fit is not None:
                x = 2.0 * (record - low) / width - 1.0
                return _sum(fit.one, x), _sum(fit.two, x)
            width /= 2.0
            low += width if record >= low + width else 0.0
        return self.exact(record)

    def _fit(self, low: float, width: float) -> "Fit | None":
        """The two polynomials of a stretch, or None where no polynomial fits."""

        nodes = chebyshev.chebpts1(DEGREE + 1)
        tried = np.concatenate([nodes, BETWEEN])
        values = np.array(self.exact(low + width * (tried + 1.0) / 2.0))
        fit = Fit(*chebyshev.chebfit(nodes, values[:, : len(nodes)].T, DEGREE).T.tolist())
        miss = MISS * max(1.0, float(np.abs(values).max()))
        fits = all(
            abs(_sum(fit.one, x) - one) <= miss and abs(_sum(fit.two, x) - two) <= miss
            for x, one, two in zip(BETWEEN, *values[:, len(nodes) :].tolist(), strict=True)
        )
        self.fits[low, width] = fit if fits else None
        return self.fits[low, width]


class Fit(NamedTuple):
    """Chebyshev coefficients of the pair on one stretch."""

    one: list[float]
    two: list[float]


def _sum(coefficients: list[float], x: float) -> float:
    """A Chebyshev series at x, by Clenshaw's recurrence.

    >>> _sum([1.0, 2.0, 3.0], 0.5)
    0.5
    """
    here = before = 0.0
    for each in coefficients[:0:-1]:
        here, before = each + 2.0 * x * here - before, here
    return coefficients[0] + x * here - before

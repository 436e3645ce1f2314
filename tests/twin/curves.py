"""A pair of values as a curve over one record, exact to about 1e-9 and made only where it is asked.

Stretches of the record are fitted by polynomials through exact values. A stretch whose fit misses
exact values in between is halved; where no stretch is short enough (the curve jumps there), the
exact value itself is used. Far out the exact value is used too.
"""

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

Exact = Callable[[float], tuple[float, float]]
WIDTH, FAR, SHORTEST, DEGREE, MISS = 4.0, 40.0, 1e-3, 12, 1e-9


class Curve:
    """A pair of values over a record.

    >>> curve = Curve(lambda record: (record**2, np.tanh(record)))
    >>> [round(float(value), 8) for value in curve(0.3)]
    [0.09, 0.29131261]
    """

    def __init__(self, exact: Exact) -> None:
        self.exact = exact
        self.fits: dict[tuple[float, float], NDArray[np.float64] | None] = {}

    def __call__(self, record: float) -> tuple[float, float]:
        if not abs(record) < FAR:
            return self.exact(record)
        low = WIDTH * np.floor(record / WIDTH)
        width = WIDTH
        while width > SHORTEST:
            fit = self._fit(low, width)
            if fit is not None:
                one, two = chebyshev.chebval(2.0 * (record - low) / width - 1.0, fit)
                return float(one), float(two)
            width /= 2.0
            low += width if record >= low + width else 0.0
        return self.exact(record)

    def _fit(self, low: float, width: float) -> NDArray[np.float64] | None:
        """Coefficients (DEGREE + 1, 2), or None where a polynomial does not fit."""
        key = (low, width)
        if key not in self.fits:
            nodes = chebyshev.chebpts1(DEGREE + 1)
            values = np.array([self.exact(low + width * (x + 1.0) / 2.0) for x in nodes])
            fit = chebyshev.chebfit(nodes, values, DEGREE)
            between = (-0.97, 0.1, 0.63)
            wrong = [
                np.abs(
                    chebyshev.chebval(x, fit) - np.array(self.exact(low + width * (x + 1.0) / 2.0))
                ).max()
                for x in between
            ]
            size = max(1.0, float(np.abs(values).max()))
            self.fits[key] = fit if max(wrong) <= MISS * size else None
        return self.fits[key]

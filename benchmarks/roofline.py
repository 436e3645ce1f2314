"""What one thread of this machine can do at most: memory, exponentials, multiply-and-add.

Source: Williams, Waterman & Patterson (2009), Roofline, Communications of the ACM 52.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks._roofline import additions, exponentials, triad
from benchmarks.clock import rounds

CACHED, UNCACHED, TIMES = 1024, 1 << 23, 2000


@dataclass(frozen=True)
class Roofline:
    """Bytes, exponentials and multiply-and-adds a second."""

    bytes: float
    exponentials: float
    additions: float

    def least(self, *, bytes: float, exponentials: float, additions: float) -> tuple[float, str]:
        """The seconds that so much work takes at least, and what it waits for."""
        return max(
            (bytes / self.bytes, "memory bandwidth"),
            (exponentials / self.exponentials, "exponentials"),
            (additions / self.additions, "multiply-and-add"),
        )


def measured() -> Roofline:
    """Measure it, best of five; the exponential is asserted to be one."""
    a, b, c = (np.full(UNCACHED, x) for x in (0.0, 1.0, 2.0))
    stream = rounds(lambda: triad(a, b, c, 3.0), 5)[1]
    if not (a == 7.0).all():
        raise AssertionError("the triad is wrong")
    x = np.linspace(-30.0, 3.0, CACHED)
    y = np.empty_like(x)
    exps = rounds(lambda: exponentials(x, y, TIMES), 5)[1]
    if not np.abs(y / np.exp(x) - 1.0).max() <= 1e-15:
        raise AssertionError("the exponential is wrong")
    z = np.zeros(CACHED)
    adds = rounds(lambda: additions(z, 0.5, TIMES), 5)[1]
    if not np.abs(z - 1.0).max() <= 1e-12:
        raise AssertionError("multiply-and-add is wrong")
    return Roofline(
        bytes=3 * 8 * UNCACHED / stream,
        exponentials=CACHED * TIMES / exps,
        additions=16 * CACHED * TIMES / adds,
    )

"""Exponents of growth."""

from collections.abc import Sequence

import numpy as np


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """k in time ~ size^k, by least squares on the logarithms.

    >>> round(exponent([1, 2, 4], [3.0, 12.0, 48.0]), 9)
    2.0
    """
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def exponents(
    sizes: Sequence[float], times: Sequence[tuple[float, float, float]]
) -> tuple[float, float, float]:
    """The exponent of the medians, and the least and most between any two neighbouring sizes."""
    middle = [time for time, _, _ in times]
    steps = [exponent(sizes[n : n + 2], middle[n : n + 2]) for n in range(len(sizes) - 1)]
    return exponent(sizes, middle), min(steps), max(steps)

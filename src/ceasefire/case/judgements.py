"""What does an expert say of a number, and what do several say of it together?

An expert gives three points of an unknown. Between them the probability is even, and it reaches
beyond the outer ones by a tenth of their distance, or to where the unknown is bounded:

    edges   q5 - 0.1 (q95 - q5),  q5,   q50,  q95,   q95 + 0.1 (q95 - q5)
    levels  0,                    0.05, 0.5,  0.95,  1

The pool of several experts is the mixture of their distributions, each with its weight.

Source: Cooke (1991), Experts in Uncertainty, Oxford University Press, for the distribution of
the least information that has given quantiles, there over a range shared by all experts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILE_LEVELS: Final = (0.05, 0.5, 0.95)
OVERSHOOT: Final = 0.1


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What one expert says of one unknown.

    points  the three numbers that were given
    edges   where the distribution begins, changes its density and ends, increasing
    levels  the share of it below each edge, from 0 to 1
    weight  weight of the expert
    """

    points: tuple[float, ...]
    edges: tuple[float, ...]
    levels: tuple[float, ...]
    weight: float = 1.0

    def quantiles(self, u: Floats) -> Floats:
        """The values below which a share `u` of the distribution lies, 0 <= u <= 1."""
        return np.interp(u, self.levels, self.edges)

    def shares_below(self, values: Floats) -> Floats:
        """The share of the distribution below each value."""
        return np.interp(values, self.edges, self.levels)


def judgement_of_quantiles(
    points: tuple[float, ...],
    weight: float = 1.0,
    least: float | None = None,
    most: float | None = None,
) -> Judgement:
    """Give the distribution with these 5, 50 and 95 % points.

    points  three numbers, increasing, between the bounds
    weight  weight of the expert
    least   the smallest value that is possible, if there is one
    most    the largest value that is possible, if there is one

    >>> judgement_of_quantiles((0.1, 0.3, 0.6), least=0.07).edges
    (0.07, 0.1, 0.3, 0.6, 0.65)
    """
    beyond = OVERSHOOT * (points[2] - points[0])
    low, high = points[0] - beyond, points[2] + beyond
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    levels = (0.0, *QUANTILE_LEVELS, 1.0)
    return Judgement(points=points, edges=(low, *points, high), levels=levels, weight=weight)


def judgement_of_range(points: tuple[float, ...], weight: float = 1.0) -> Judgement:
    """Give the distribution from the lowest to the highest value, half of it below the best.

    points  lowest, best and highest value, increasing
    weight  weight of the expert

    >>> judgement_of_range((0.0, 1.0, 4.0)).quantiles(np.array([0.25, 0.75])).tolist()
    [0.5, 2.5]
    """
    return Judgement(points=points, edges=points, levels=(0.0, 0.5, 1.0), weight=weight)


def pooled_shares_below(judgements: Iterable[Judgement], values: Floats) -> Floats:
    """The share of the pool below each value: the mean of the experts' shares, by weight.

    judgements  of one unknown, one at least
    values      (N,) values

    >>> one, other = judgement_of_range((0.0, 1.0, 2.0)), judgement_of_range((2.0, 3.0, 4.0), 3.0)
    >>> pooled_shares_below([one, other], np.array([1.0, 2.0, 3.0])).tolist()
    [0.125, 0.25, 0.625]
    """
    given = tuple(judgements)
    weights = np.array([one.weight for one in given])
    shares = [one.shares_below(values) for one in given]
    return np.asarray((weights / weights.sum()) @ np.array(shares))


def pooled_quantiles(judgements: Iterable[Judgement], u: Floats) -> Floats:
    """The values below which a share `u` of the pool lies.

    judgements  of one unknown, one at least
    u           (N,) shares, 0 <= u <= 1

    Where no expert sees any probability between two values, the middle of them is given for the
    share that lies below both.

    >>> one, other = judgement_of_range((0.0, 1.0, 2.0)), judgement_of_range((3.0, 4.0, 5.0), 3.0)
    >>> pooled_quantiles([one, other], np.array([0.125, 0.25, 0.625])).tolist()
    [1.0, 2.5, 4.0]
    """
    given = tuple(judgements)
    knots = np.unique(np.concatenate([one.edges for one in given]))
    # rounded, so that levels which are equal but for rounding mark a gap
    levels = pooled_shares_below(given, knots).round(12)
    known = np.unique(levels)
    middles = [(knots[levels == one].min() + knots[levels == one].max()) / 2 for one in known]
    found = np.interp(u, levels, knots)
    at = np.searchsorted(known, u).clip(max=len(known) - 1)
    return np.asarray(np.where(known[at] == u, np.array(middles)[at], found))

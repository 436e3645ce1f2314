"""Worlds weighed by how likely they make what has happened.

World w weighs L_w, the probability of the events in it. A share is sum L_w true_w / sum L_w. It is
worth as much as one from (sum L)^2 / sum L^2 equally heavy worlds, the effective sample size.

Source: Kong (1992), A note on importance sampling using standardized weights, for that size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.worlds import verdict, wilson

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Weighed:
    """The share of the weight of all worlds in which a test is true.

    size    effective number of the worlds that have an answer
    failed  worlds without one
    """

    share: float | None
    size: float
    failed: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, as if from `size` worlds."""
        return wilson((self.share or 0.0) * self.size, self.size)

    @property
    def verdict(self) -> str | None:
        """What the share is called, None if no world has an answer."""
        return None if self.share is None else verdict(self.share)

    def as_json(self) -> dict[str, Any]:
        """Share, interval and verdict."""
        known = self.share is not None
        return {
            "share": self.share,
            "interval": list(self.interval) if known else None,
            "verdict": self.verdict,
        }


def weights_of(logs: Sequence[float]) -> Floats:
    """Weights that sum to 1 from logarithms of likelihoods; all 0 if every one is impossible.

    >>> weights_of([0.0, -math.inf, 0.0]).tolist()
    [0.5, 0.0, 0.5]
    """
    found = np.array(logs, dtype=np.float64)
    if not len(found) or not np.isfinite(found.max()):
        return np.zeros(len(found))
    likely = np.exp(found - found.max())
    weights: Floats = likely / likely.sum()
    return weights


def effective(weights: Floats) -> float:
    """How many equally heavy worlds these are worth.

    >>> effective(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def weighed(truths: Sequence[bool | None], weights: Floats) -> Weighed:
    """The weighed share of worlds in which a test is true; None is a world without an answer.

    >>> weighed([True, False, None], np.array([0.25, 0.25, 0.5]))
    Weighed(share=0.5, size=2.0, failed=1)
    """
    known = np.array([truth is not None for truth in truths], dtype=np.bool_)
    true = np.array([bool(truth) for truth in truths], dtype=np.float64)
    there = weights * known
    total = float(there.sum())
    failed = int((~known).sum())
    if not total > 0:
        return Weighed(None, 0.0, failed)
    return Weighed(min(1.0, float(there @ true) / total), effective(there), failed)


def mean(values: Sequence[float | None], weights: Floats) -> float | None:
    """The weighed mean of a number over the worlds that have it."""
    known = np.array([value is not None and math.isfinite(value) for value in values], dtype=bool)
    there = weights * known
    if not there.sum() > 0:
        return None
    numbers = np.array([value if ok else 0.0 for value, ok in zip(values, known, strict=True)])
    return float(there @ numbers.astype(np.float64) / there.sum())


def marginal(
    logs: Sequence[float], errors: Sequence[float | None] = ()
) -> tuple[float, float | None]:
    """Logarithm of the mean likelihood over worlds, and its standard error.

    errors  relative standard error of each likelihood where it was sampled

    The error is that of a mean over worlds drawn independently, to which the sampling within
    worlds adds; Sobol worlds are usually nearer than that. None for fewer than two worlds.

    >>> log, error = marginal([math.log(0.1), math.log(0.3)])
    >>> round(math.exp(log), 3), round(error, 3)
    (0.2, 0.5)
    """
    found = np.array(logs, dtype=np.float64)
    if not len(found) or not np.isfinite(found.max()):
        return -math.inf, None
    likely = np.exp(found - found.max())
    average = float(likely.mean())
    log = float(found.max()) + math.log(average)
    if len(found) < 2:
        return log, None
    sampled = np.array([error or 0.0 for error in errors] or [0.0] * len(found))
    within = float(((sampled * likely) ** 2).sum()) / len(found) ** 2
    between = float(likely.var(ddof=1)) / len(found)
    return log, math.sqrt(between + within) / average

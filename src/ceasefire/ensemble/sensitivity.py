"""Which unknowns decide whether a claim holds?

The worlds are cut into four equal parts along an unknown, from its smallest values to its largest.
Its influence is how far the share of worlds in which the claim holds departs, on average over
the four, from the share over all worlds: with 1 or 0 for a world in which it is true or false,

    influence = mean over the parts of  |share in the part - share|

which is the PAWN index of a verdict, the largest distance between the two distributions. Chance
alone makes it larger than 0. How large is known: an unknown without influence deals the true
worlds out to the four parts like cards (a hypergeometric distribution), and `chance` is what the
largest of all unknowns would stay below in 95 of 100 cases that none of them decides. An unknown
is a driver if its influence is above that. Where unknowns are drawn together, one may be listed
for what another does.

Source: Pianosi & Wagener (2018), Distribution-based sensitivity analysis from a generic
input-output sample, Environmental Modelling & Software 108; section 2.3 for dummy parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PAWN_SLICES = 4
MIN_WORLDS_FOR_DRIVERS = 16
CHANCE_SIMULATIONS = 100_000
INFLUENCE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Driver:
    """An unknown and how far the share of true worlds moves with it, between 0 and 1."""

    unknown: str
    influence: float

    def as_json(self) -> dict[str, Any]:
        """A driver as `check --json` prints it."""
        return {"unknown": self.unknown, "influence": self.influence}


@dataclass(frozen=True)
class DriverAnalysis:
    """The unknowns that decide a claim, the strongest first, and what chance alone reaches."""

    drivers: tuple[Driver, ...]
    chance_influence: float


def find_drivers(
    names: Sequence[str], values: Floats, truths: Sequence[bool | None]
) -> DriverAnalysis | None:
    """The drivers of one claim, from worlds that were computed anyway.

    names   the U unknowns that vary
    values  (N, U) their values in each world
    truths  whether the claim holds in each; worlds without an answer are left out

    None if fewer than 16 worlds have an answer, or nothing varies.

    >>> points = np.stack([np.arange(64.0), np.arange(64.0) * 7 % 64], axis=1)
    >>> find_drivers(["cause", "dummy"], points, list(points[:, 0] > 20)).drivers
    (Driver(unknown='cause', influence=0.3...),)
    """
    known = np.array([truth is not None for truth in truths], dtype=np.bool_)
    verdicts = np.array([bool(truth) for truth in truths], dtype=np.bool_)[known]
    if len(verdicts) < MIN_WORLDS_FOR_DRIVERS or not len(names):
        return None
    if verdicts.all() or not verdicts.any():
        return DriverAnalysis((), 0.0)
    threshold = chance_influence(int(verdicts.sum()), len(verdicts), len(names))
    influences = pawn_influences(values[known], verdicts)
    found = [
        Driver(name, float(size))
        for name, size in zip(names, influences, strict=True)
        if size > threshold + INFLUENCE_TOLERANCE
    ]
    found.sort(key=lambda driver: -driver.influence)
    return DriverAnalysis(tuple(found), threshold)


def pawn_influences(values: Floats, verdicts: NDArray[np.bool_]) -> Floats:
    """(U,) influence of each unknown on a verdict (N,), by its PAWN index."""
    from SALib.analyze import pawn

    ranks = values.argsort(axis=0, kind="stable").argsort(axis=0).astype(np.float64)
    count = values.shape[1]
    problem = {"num_vars": count, "names": [str(u) for u in range(count)]}
    found = pawn.analyze(problem, ranks, verdicts.astype(np.float64), S=PAWN_SLICES)
    return np.asarray(found["mean"], dtype=np.float64)


def chance_influence(true: int, worlds: int, unknowns: int) -> float:
    """What the largest influence of so many dummies stays below in 95 of 100 cases.

    More worlds leave less to chance, more unknowns more:

    >>> [round(chance_influence(worlds // 2, worlds, 60), 2) for worlds in (64, 256, 1024)]
    [0.23, 0.12, 0.06]
    >>> round(chance_influence(128, 256, 1), 2)
    0.08
    """
    edges = np.quantile(np.arange(worlds), np.linspace(0, 1, PAWN_SLICES + 1))
    sizes = np.diff(np.searchsorted(np.arange(worlds), edges))
    dealer = np.random.default_rng(0)
    beside = [*sizes, worlds - sizes.sum()]  # SALib's parts leave out the largest value
    dealt = dealer.multivariate_hypergeometric(
        beside, true, size=CHANCE_SIMULATIONS, method="marginals"
    )
    departs = np.abs(dealt[:, :PAWN_SLICES] / sizes - true / worlds).mean(axis=1)
    return float(np.quantile(departs, 0.95 ** (1.0 / unknowns), method="higher"))

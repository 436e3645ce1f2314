"""A rule a reader can keep in mind: where in the ranges does a claim hold, or fail?

Of the two verdicts the rarer one is looked for, in boxes: some unknowns above or below a value,
all others anywhere. For a box,

    density   the share of the worlds in it that have the verdict
    coverage  the share of the worlds with the verdict that lie in it

PRIM peels the box down from all worlds, a twentieth at a time, along the drivers of the claim
only. Bounds that chance would explain (quasi-p of 0.05 or more) are taken off the boxes on its
way, and the box with the largest harmonic mean of density and coverage is kept. A box found by
search flatters itself, so density and coverage are counted in fresh worlds that the search never
saw, and the box is dropped if it does not hold up there.

Source: Friedman & Fisher (1999), Bump hunting in high-dimensional data, Statistics and Computing
9; Bryant & Lempert (2010), Thinking inside the box, Technological Forecasting & Social Change 77.
"""

import logging
import math
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ceasefire.shares import wilson_interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MIN_WORLDS_WITH_VERDICT = 8
MAX_QUASI_P_VALUE = 0.05
PRIM_DENSITY_THRESHOLD = 1e-9


@dataclass(frozen=True)
class RuleBound:
    """What a box asks of one unknown: at least `low`, at most `high`, None where it is open."""

    unknown: str
    low: float | None
    high: float | None

    def as_json(self) -> dict[str, Any]:
        """A bound as `check --json` prints it."""
        return {"unknown": self.unknown, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class ClaimRule:
    """A rule for when a claim has a verdict, and how good it is in fresh worlds.

    verdict              whether the rule is for worlds in which the claim is true or false
    worlds_inside        fresh worlds in the box, `worlds_right` of them with the verdict
    worlds_with_verdict  fresh worlds with the verdict, in the box or not
    """

    verdict: bool
    bounds: tuple[RuleBound, ...]
    worlds_inside: int
    worlds_right: int
    worlds_with_verdict: int

    @property
    def density(self) -> float:
        """The share of the worlds in the box that have the verdict."""
        return self.worlds_right / self.worlds_inside

    @property
    def coverage(self) -> float:
        """The share of the worlds with the verdict that lie in the box."""
        return self.worlds_right / self.worlds_with_verdict

    def as_json(self) -> dict[str, Any]:
        """A box as `check --json` prints it."""
        return {
            "verdict": self.verdict,
            "rule": [bound.as_json() for bound in self.bounds],
            "density": self.density,
            "coverage": self.coverage,
            "worlds": self.worlds_inside,
        }


def find_claim_rule(
    names: Sequence[str],
    search_worlds: tuple[Floats, Sequence[bool | None]],
    test_worlds: tuple[Floats, Sequence[bool | None]],
    discrete_unknowns: Collection[str] = (),
) -> ClaimRule | None:
    """The box of one claim along these unknowns, None if there is none that holds up.

    names              the U unknowns to look along, the drivers of the claim
    search_worlds      (N, U) values and N verdicts of the worlds to search; those without one are
                       left out
    test_worlds        the same for the worlds in which the box is measured
    discrete_unknowns  the unknowns that take one of a few values
    """
    values, truths = _drop_unanswered(*search_worlds)
    verdict = bool(2 * truths.sum() <= len(truths))
    if not names or (truths == verdict).sum() < MIN_WORLDS_WITH_VERDICT:
        return None
    bounds = peel_best_box(names, values, truths == verdict, discrete_unknowns)
    return measure_rule(bounds, names, verdict, *_drop_unanswered(*test_worlds)) if bounds else None


def _drop_unanswered(values: Floats, truths: Sequence[bool | None]) -> tuple[Floats, Bools]:
    known = [place for place, truth in enumerate(truths) if truth is not None]
    return values[known], np.array([bool(truths[place]) for place in known], dtype=np.bool_)


def peel_best_box(
    names: Sequence[str],
    values: Floats,
    has_verdict: Bools,
    discrete_unknowns: Collection[str] = (),
) -> tuple[RuleBound, ...]:
    """The bounds of the best box for the wanted worlds, empty if no box is better than chance."""
    levels = {
        n: np.unique(column)
        for n, column in zip(names, values.T, strict=True)
        if n in discrete_unknowns
    }
    columns = [
        _spread_levels(column, levels.get(n)) for n, column in zip(names, values.T, strict=True)
    ]
    found = _run_prim(columns, has_verdict)
    bounds: tuple[RuleBound, ...] = ()
    best = 0.0
    for limits, chances in zip(found.box_lims, found.qp, strict=True):
        tried = tuple(_significant_bounds(names, limits, chances, levels))
        inside = worlds_within_bounds(tried, names, values)
        right = int((inside & has_verdict).sum())
        balance = 2.0 * right / (int(inside.sum()) + int(has_verdict.sum()))
        if tried and balance > best:
            best, bounds = balance, tried
    return bounds


def _spread_levels(column: Floats, levels: Floats | None) -> Floats:
    """A column that PRIM can peel bit by bit: level k is spread from k - 1/2 to k + 1/2."""
    if levels is None:
        return column
    codes = np.searchsorted(levels, column).astype(np.float64)
    for code in range(len(levels)):
        (places,) = np.nonzero(codes == code)
        codes[places] += (np.arange(len(places)) + 0.5) / len(places) - 0.5
    return codes


def _significant_bounds(
    names: Sequence[str],
    limits: Any,
    quasi_p_values: Mapping[str, Sequence[float]],
    levels: Mapping[str, Floats],
) -> Iterator[RuleBound]:
    """The bounds of one of PRIM's boxes, without those that chance would explain."""
    for place, name in enumerate(names):
        label = limits.columns[place]
        if label not in quasi_p_values:
            continue
        ends = zip(limits[label], quasi_p_values[label], strict=True)
        low, high = (float(end) if 0.0 <= size < MAX_QUASI_P_VALUE else None for end, size in ends)
        if name in levels:
            few = levels[name]
            low = None if low is None or low <= 0 else float(few[min(math.ceil(low), len(few) - 1)])
            high = None if high is None or high >= len(few) - 1 else float(few[math.floor(high)])
        if low is not None or high is not None:
            yield RuleBound(name, low, high)


def worlds_within_bounds(
    bounds: Sequence[RuleBound], names: Sequence[str], values: Floats
) -> Bools:
    """(N,) which worlds lie in a box."""
    inside = np.ones(len(values), dtype=np.bool_)
    for bound in bounds:
        column = values[:, list(names).index(bound.unknown)]
        inside &= column >= (-np.inf if bound.low is None else bound.low)
        inside &= column <= (np.inf if bound.high is None else bound.high)
    return inside


def measure_rule(
    bounds: Sequence[RuleBound], names: Sequence[str], verdict: bool, values: Floats, truths: Bools
) -> ClaimRule | None:
    """Count a box in fresh worlds; None if it has the verdict no more often than all of them."""
    wanted, inside = truths == verdict, worlds_within_bounds(bounds, names, values)
    count, right = int(inside.sum()), int((inside & wanted).sum())
    if not right or not wilson_interval(right, count)[0] > wanted.mean():
        return None
    return ClaimRule(verdict, tuple(bounds), count, right, int(wanted.sum()))


def _run_prim(columns: Sequence[Floats], has_verdict: Bools) -> Any:
    """PRIM's way from all worlds to its last box; the workbench is opened here, which is slow.

    Columns have no names of the case, since PRIM drops one called `scenario`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of optional parts and what pandas will change
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        from ema_workbench.analysis.prim import Prim
        from pandas import DataFrame

        data = DataFrame({f"u{place}": column for place, column in enumerate(columns)})
        return Prim(data, has_verdict.astype(int), threshold=PRIM_DENSITY_THRESHOLD).find_box()

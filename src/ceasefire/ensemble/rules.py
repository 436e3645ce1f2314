"""A rule a reader can keep in mind: where in the ranges does a claim hold, or fail?

Of the two verdicts the rarer one is looked for, in boxes of at most two bounds: an unknown above or
below a value, one of a few values at, from or up to one of them, all other unknowns anywhere. For a
box,

    density   the share of the worlds in it that have the verdict
    coverage  the share of the worlds with the verdict that lie in it

Every box along the drivers of the claim is tried, cut at each twentieth of the worlds. The one with
the largest harmonic mean of density and coverage is kept; of two bounds only if that is larger by
0.03 than with one. A box found by search flatters itself, so density and coverage are counted in
fresh worlds that the search never saw, and the box is dropped if the verdict is no more frequent
in it there than everywhere.

Source: Bryant & Lempert (2010), Thinking inside the box, Technological Forecasting & Social Change
77, for density and coverage; Lempert, Groves, Popper & Bankes (2006), A general, analytic method
for generating robust strategies and narrative scenarios, Management Science 52.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ceasefire.shares import wilson_interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MIN_WORLDS_WITH_VERDICT: Final = 8
CUTS: Final = 20
MIN_GAIN_OF_SECOND_BOUND: Final = 0.03


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
        """A rule as `check --json` prints it."""
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
    bounds = find_best_box(names, values, truths == verdict, discrete_unknowns)
    return measure_rule(bounds, names, verdict, *_drop_unanswered(*test_worlds)) if bounds else None


def _drop_unanswered(values: Floats, truths: Sequence[bool | None]) -> tuple[Floats, Bools]:
    known = [place for place, truth in enumerate(truths) if truth is not None]
    return values[known], np.array([bool(truths[place]) for place in known], dtype=np.bool_)


def find_best_box(
    names: Sequence[str],
    values: Floats,
    has_verdict: Bools,
    discrete_unknowns: Collection[str] = (),
) -> tuple[RuleBound, ...]:
    """The bounds of the best box for the wanted worlds, empty if nothing can be cut.

    >>> values = np.random.default_rng(0).random((200, 2))
    >>> box = find_best_box(["a", "b"], values, (values[:, 0] < 0.5) & (values[:, 1] > 0.5))
    >>> [(bound.unknown, bound.low is None, bound.high is None) for bound in box]
    [('a', True, False), ('b', False, True)]
    """
    bounds = [
        bound
        for name, column in zip(names, values.T, strict=True)
        for bound in _bounds_of_unknown(name, column, discrete=name in discrete_unknowns)
    ]
    if not bounds:
        return ()
    within = np.stack([worlds_within_bounds((bound,), names, values) for bound in bounds])
    inside = within.astype(np.float32)  # counts of worlds are exact, in half the memory
    right = ((inside * has_verdict) @ inside.T).astype(np.float64)
    balance = 2.0 * right / (inside @ inside.T + float(has_verdict.sum()))
    one = int(balance.diagonal().argmax())
    first, second = np.unravel_index(balance.argmax(), balance.shape)
    if balance[first, second] > balance[one, one] + MIN_GAIN_OF_SECOND_BOUND:
        return _both_bounds(bounds[first], bounds[second])
    return (bounds[one],)


def _bounds_of_unknown(name: str, column: Floats, *, discrete: bool) -> Iterator[RuleBound]:
    """Every single bound to try for an unknown."""
    if discrete:
        levels = np.unique(column).tolist()
        yield from (RuleBound(name, level, level) for level in levels)
        for level in levels[1:-1]:
            yield RuleBound(name, level, None)
            yield RuleBound(name, None, level)
        return
    ordered = np.sort(column)
    places = np.unique(np.arange(1, CUTS) * len(ordered) // CUTS)
    cuts = np.unique((ordered[places[places > 0] - 1] + ordered[places[places > 0]]) / 2.0)
    for cut in cuts.tolist():
        yield RuleBound(name, cut, None)
        yield RuleBound(name, None, cut)


def _both_bounds(one: RuleBound, other: RuleBound) -> tuple[RuleBound, ...]:
    """Two bounds, those of one unknown as one."""
    if one.unknown != other.unknown:
        return one, other
    low = [bound.low for bound in (one, other) if bound.low is not None]
    high = [bound.high for bound in (one, other) if bound.high is not None]
    return (RuleBound(one.unknown, max(low, default=None), min(high, default=None)),)


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

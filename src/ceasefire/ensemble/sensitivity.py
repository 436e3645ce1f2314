"""Which unknowns decide by how much a claim holds?

What decides a claim is learned from its margin, which every world gives as a number, by a sparse
polynomial chaos expansion in the unknowns (`ceasefire.ensemble.polynomial_chaos`):

    influence   the total Sobol' index of an unknown: the share of the variance of the predicted
                margin that would be left if all other unknowns were known
    interval    influence - 1.96 s to influence + 1.96 s, with s its standard deviation over 50
                samples of as many worlds drawn with replacement, in each of which the terms are
                found anew
    Q2          1 - sum (margin - predicted)**2 / sum (margin - mean)**2, each world predicted
                from worlds of other folds

A driver has an influence of 0.05 or more, an interval above 0, and is found again in 90 of 100
samples: chance fails one of these. With Q2 below 0.3 none is named, for the worlds are too few
to tell. Where unknowns are drawn together, an influence is what each would have alone.

A margin that is nearly the same in most worlds (of a probability near 0 or 1) or has long tails is
no polynomial. Its normal scores, which keep the order, are fitted instead if that predicts more of
them, by 0.1 of their variance. A test of several comparisons (`and`, `or`) has a margin with
kinks. If its margin is predicted badly each comparison is fitted by itself and the margin is
composed of the predictions, if that predicts more, by 0.1 of its variance; the influences are
then counted in worlds drawn from the expansion.

Source: Saltelli et al. (2010), Variance based sensitivity analysis of model output, Computer
Physics Communications 181, for the total index and Jansen's estimator; Meinshausen & Buehlmann
(2010), Stability selection, Journal of the Royal Statistical Society B 72.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ceasefire.ensemble.polynomial_chaos import (
    ChaosFit,
    Floats,
    PolynomialBasis,
    PolynomialChaos,
    fit_chaos,
)
from ceasefire.ensemble.sampling import normal_scores
from ceasefire.ensemble.statistics import mean_ranks

Compose = Callable[[Floats], Floats]

MIN_WORLDS_FOR_DRIVERS: Final = 16
MAX_WORLDS_FOR_DRIVERS: Final = 1024
SAME_MARGINS: Final = 1e-9  # of the largest
MIN_INFLUENCE: Final = 0.05
MIN_Q2: Final = 0.3
Q2_GAIN: Final = 0.1  # what another way to fit a margin has to gain
RESAMPLES: Final = 50
MIN_FOUND_AGAIN: Final = 0.9
MIN_Q2_FOR_FORECAST: Final = 0.1
MAX_DOUBLINGS: Final = 3
COUNTED_WORLDS: Final = 4096  # in which the influences of a composed margin are counted


DriverKind = Literal["unknown", "alternative", "expert"]


@dataclass(frozen=True)
class Driver:
    """An unknown, or a choice between options or experts, that decides a claim.

    unknown    its name; that of the alternative, or `experts`
    influence  its total Sobol' index, between 0 and 1
    interval   within which that lies with 95 % certainty
    kind       an unknown, an alternative, or which expert is believed
    """

    unknown: str
    influence: float
    interval: tuple[float, float]
    kind: DriverKind = "unknown"

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.interval[0]

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.interval[1]

    def as_json(self) -> dict[str, Any]:
        """A driver as `check --json` prints it."""
        return {
            "unknown": self.unknown,
            "influence": self.influence,
            "interval": list(self.interval),
            "kind": self.kind,
        }


@dataclass(frozen=True, eq=False)
class Choice:
    """Something of which every world has one of M: the option of an alternative, or an expert.

    taken  (N,) which one each world has, from 0 on
    size   M
    best   which one holds at the best estimates; None for none of them
    """

    name: str
    kind: DriverKind
    taken: NDArray[np.intp]
    size: int
    best: int | None = 0

    def contrasts(self, taken: NDArray[np.intp]) -> Floats:
        """(N, M - 1) Helmert's contrasts: column k sets option k + 1 against those before it.

        They are orthogonal where each option is taken equally often.

        >>> Choice("truce", "alternative", np.array([0]), 3).contrasts(np.arange(3)).tolist()
        [[-1.0, -1.0], [1.0, -1.0], [0.0, 2.0]]
        """
        columns = np.arange(1, self.size)
        below, here = taken[:, None] < columns, taken[:, None] == columns
        return np.where(below, -1.0, np.where(here, columns, 0.0))

    @property
    def contrasts_at_best(self) -> Floats:
        """(M - 1,) the contrasts at the best estimates; 0 where none of the options holds there."""
        if self.best is None:
            return np.zeros(self.size - 1)
        return np.asarray(self.contrasts(np.array([self.best]))[0])


@dataclass(frozen=True, eq=False)
class MarginExpansion:
    """The margin of a claim as a function of the unknowns, cheap and able to be sent elsewhere.

    unknowns  the U unknowns in the order of the columns of `predict`
    choices   (C,) the contrasts of choices at the best estimates, which follow on the unknowns
    parts     the expansion of the margin, or of each comparison
    compose   the margins (N,) of comparisons (N, C); None where the margin itself was fitted
    scores    (2, M) normal scores of margins and these margins, both rising; None where the
              margin was fitted as it is
    """

    unknowns: tuple[str, ...]
    parts: tuple[PolynomialChaos, ...]
    compose: Compose | None = None
    scores: Floats | None = None
    choices: Floats = field(default_factory=lambda: np.empty(0))

    def predict(self, values: Floats) -> Floats:
        """(N,) margins at values (N, U) of the unknowns, choices being as at the best estimates."""
        columns = np.hstack([values, np.tile(self.choices, (len(values), 1))])
        found = self.predict_scale(columns)
        return found if self.scores is None else np.interp(found, *self.scores)

    def predict_scale(self, values: Floats) -> Floats:
        """(N,) what was fitted, margins or normal scores, at (N, U + C) unknowns and contrasts."""
        each = np.stack([part.predict(values) for part in self.parts], axis=1)
        return each[:, 0] if self.compose is None else self.compose(each)


@dataclass(frozen=True)
class DriverAnalysis:
    """The unknowns that decide a claim, the strongest first.

    drivers        none if they cannot be told
    q2             the share of the margin's variance that is predicted in worlds not fitted to; 1
                   if the margin is the same in all
    worlds         how many worlds were fitted
    worlds_needed  how many would likely do where these are too few to tell; None if they are
                   enough, or if nobody can say
    expansion      what predicts the margin; None if it is the same in all worlds
    """

    drivers: tuple[Driver, ...]
    q2: float
    worlds: int
    worlds_needed: int | None = None
    expansion: MarginExpansion | None = field(default=None, repr=False, compare=False)

    @property
    def enough_worlds(self) -> bool:
        """Whether the worlds are enough to tell what decides the claim."""
        return self.q2 >= MIN_Q2

    @property
    def constant(self) -> bool:
        """Whether the margin is the same in all worlds, so that nothing decides it."""
        return self.q2 == 1.0 and not self.drivers and self.expansion is None

    @property
    def scale(self) -> str:
        """What is predicted: the margin, or the order of the worlds by it."""
        ranked = self.expansion is not None and self.expansion.scores is not None
        return "margin's normal scores" if ranked else "margin"


def find_drivers(
    names: Sequence[str],
    values: Floats,
    margins: Floats,
    *,
    logarithmic: Collection[str] = (),
    comparisons: Floats | None = None,
    compose: Compose | None = None,
    choices: Sequence[Choice] = (),
) -> DriverAnalysis | None:
    """The drivers of one claim, from worlds that were computed anyway.

    names        the U unknowns that vary and can matter
    values       (N, U) their values in each world
    margins      (N,) the margin of the claim in each; worlds where it is NaN are left out, and
                 those after the first 1,024
    logarithmic  the unknowns whose logarithm is normal
    comparisons  (N, C) the values of the comparisons of the test
    compose      their margin: called with values (M, C), gives (M,)
    choices      of which every world has one option each

    None if fewer than 16 worlds have a margin, or it varies and no unknown does.

    >>> worlds = np.random.default_rng(0).random((64, 20))
    >>> names = [f"x{number}" for number in range(20)]
    >>> found = find_drivers(names, worlds, worlds[:, 3] + 0.5 * worlds[:, 7] - 1.0)
    >>> [(driver.unknown, round(driver.influence, 2)) for driver in found.drivers]
    [('x3', 0.74), ('x7', 0.26)]
    >>> round(found.q2, 2)
    1.0
    """
    known = np.flatnonzero(~np.isnan(margins))[:MAX_WORLDS_FOR_DRIVERS]
    if len(known) < MIN_WORLDS_FOR_DRIVERS:
        return None
    values, margins = values[known], margins[known]
    if _is_constant(margins):
        return DriverAnalysis((), 1.0, len(known))
    if not len(names) and not choices:
        return None
    groups: dict[int, int] = {}
    for number, choice in enumerate(choices):
        begin = values.shape[1]
        values = np.hstack([values, choice.contrasts(choice.taken[known])])
        groups |= dict.fromkeys(range(begin, values.shape[1]), number)
    logs = [u for u, name in enumerate(names) if name in logarithmic]
    basis = PolynomialBasis(values, logs, groups)
    parts = comparisons[known] if comparisons is not None and compose is not None else None
    at_best = np.concatenate([np.empty(0), *(choice.contrasts_at_best for choice in choices)])
    labels = _Columns(tuple(names), groups, at_best)
    fitted = _fit_margin(labels, basis, margins, parts, compose)
    expansion = fitted.expansion()
    if fitted.q2 < MIN_Q2:
        needed = _worlds_needed(fitted, basis)
        return DriverAnalysis((), fitted.q2, len(known), needed, expansion)
    influences = fitted.influences(expansion, values)
    again = fitted.resampled_influences(values)
    spread = 1.96 * again.std(axis=0)
    found_again = (again > 0.0).mean(axis=0)
    kinds: list[tuple[str, DriverKind]] = [(name, "unknown") for name in names]
    kinds += [(choice.name, choice.kind) for choice in choices]
    drivers = [
        Driver(name, float(size), (max(float(size - s), 0.0), min(float(size + s), 1.0)), kind)
        for (name, kind), size, s, often in zip(kinds, influences, spread, found_again, strict=True)
        if size >= MIN_INFLUENCE and size > s and often >= MIN_FOUND_AGAIN
    ]
    drivers.sort(key=lambda driver: -driver.influence)
    return DriverAnalysis(tuple(drivers), fitted.q2, len(known), expansion=expansion)


def _is_constant(margins: Floats) -> bool:
    """Whether margins agree to nine digits, so that rounding is all that is left to explain."""
    if not np.isfinite(margins).all():
        return bool(np.all(margins == margins[0]))
    return bool(np.ptp(margins) <= SAME_MARGINS * np.abs(margins).max())


@dataclass(frozen=True, eq=False)
class _Columns:
    """What the columns of values are: U unknowns, then the contrasts of choices.

    groups   the number of the choice of each column that is a contrast
    at_best  (C,) the contrasts at the best estimates
    """

    names: tuple[str, ...]
    groups: Mapping[int, int]
    at_best: Floats

    @property
    def members(self) -> list[list[int]]:
        """The columns of each unknown, one, and of each choice."""
        found = [[u] for u in range(len(self.names))]
        found += [[] for _ in set(self.groups.values())]
        for column, number in self.groups.items():
            found[len(self.names) + number].append(column)
        return found


@dataclass(frozen=True, eq=False)
class _FittedMargin:
    """The fits of a margin, or of each comparison it is composed of."""

    columns: _Columns
    fits: tuple[ChaosFit, ...]
    q2: float
    compose: Compose | None = None
    scores: Floats | None = None

    def expansion(self, rows: NDArray[np.intp] | None = None) -> MarginExpansion:
        """The expansion fitted to all worlds, or to these only."""
        parts = (fit.expansion if rows is None else fit.refit(rows) for fit in self.fits)
        names, at_best = self.columns.names, self.columns.at_best
        return MarginExpansion(names, tuple(parts), self.compose, self.scores, at_best)

    def influences(self, expansion: MarginExpansion, values: Floats) -> Floats:
        """(U,) total Sobol' indices of an expansion, those of choices last."""
        if expansion.compose is None:
            each = expansion.parts[0].total_indices()
            return np.array([each[own].sum() for own in self.columns.members])
        return _count_total_indices(expansion, values, self.columns.members)

    def resampled_influences(self, values: Floats) -> Floats:
        """(50, U) the influences from as many worlds drawn with replacement."""
        draw, count = np.random.default_rng(0), len(values)
        return np.stack(
            [
                self.influences(self.expansion(draw.integers(0, count, count)), values)
                for _ in range(RESAMPLES)
            ]
        )


def _fit_margin(
    columns: _Columns,
    basis: PolynomialBasis,
    margins: Floats,
    comparisons: Floats | None,
    compose: Compose | None,
) -> _FittedMargin:
    """The margin as it is, its normal scores, or its comparisons: what predicts the most."""
    best: _FittedMargin | None = None
    if np.isfinite(margins).all():
        plain = fit_chaos(basis, margins)
        best = _FittedMargin(columns, (plain,), _share_predicted(margins, plain.held_out))
        if best.q2 >= 1.0 - Q2_GAIN:
            return best
    scores = rank_scores(margins)
    ranked = fit_chaos(basis, scores)
    q2 = _share_predicted(scores, ranked.held_out)
    if best is None or q2 > best.q2 + Q2_GAIN:
        table = np.unique(np.stack([scores, _finite(margins)], axis=1), axis=0).T
        best = _FittedMargin(columns, (ranked,), q2, scores=table)
    if best.q2 < 1.0 - Q2_GAIN and compose is not None and comparisons is not None:
        several = comparisons.shape[1] > 1 and np.isfinite(comparisons).all()
        if several and np.isfinite(margins).all():
            fits = tuple(fit_chaos(basis, column) for column in comparisons.T)
            composed = compose(np.stack([fit.held_out for fit in fits], axis=1))
            q2 = _share_predicted(margins, composed)
            if q2 > best.q2 + Q2_GAIN:
                best = _FittedMargin(columns, fits, q2, compose=compose)
    return best


def _share_predicted(wanted: Floats, predicted: Floats) -> float:
    return float(1.0 - ((wanted - predicted) ** 2).mean() / wanted.var())


def rank_scores(margins: Floats) -> Floats:
    """(N,) the normal scores of the ranks of numbers; equal numbers share one.

    >>> np.round(rank_scores(np.array([5.0, -1.0, np.inf])), 2).tolist()
    [0.0, -0.97, 0.97]
    """
    return normal_scores((mean_ranks(margins) - 0.5) / len(margins))


def _finite(margins: Floats) -> Floats:
    """Infinite margins as the largest finite one, away from 0 in any case."""
    finite = np.abs(margins[np.isfinite(margins)])
    most = float(finite.max()) if len(finite) and finite.max() > 0.0 else 1.0
    return np.clip(margins, -most, most)


def _count_total_indices(
    expansion: MarginExpansion, values: Floats, members: Sequence[Sequence[int]]
) -> Floats:
    """(U,) Jansen's estimate of the total indices, the unknowns drawn apart from their values.

    members  the columns of each unknown or choice, which are drawn together
    """
    count = values.shape[1]
    draw = np.random.default_rng(0)
    rows = draw.integers(0, len(values), (2, COUNTED_WORLDS, count))
    for own in members:
        rows[:, :, own] = rows[:, :, own[:1]]
    here, there = (np.take_along_axis(values, each, axis=0) for each in rows)
    margins = expansion.predict_scale(here)
    found, variance = np.zeros(len(members)), float(margins.var())
    read = {u for part in expansion.parts for term in part.terms for u, _ in term}
    for unknown, own in enumerate(members):
        if not read & set(own) or not variance > 0.0:
            continue
        moved = here.copy()
        moved[:, own] = there[:, own]
        found[unknown] = ((margins - expansion.predict_scale(moved)) ** 2).mean() / 2.0 / variance
    return found


def _worlds_needed(fitted: _FittedMargin, basis: PolynomialBasis) -> int | None:
    """How many worlds would likely be enough, None if the learning curve does not say.

    Q2 rises from fits to half of the worlds to those to seven eighths, by log2(7/4) doublings; it
    is taken to go on rising as much with each doubling. A Q2 near 0 says nothing of the kind.
    """
    if fitted.compose is not None or fitted.q2 < MIN_Q2_FOR_FORECAST:
        return None
    (fit,) = fitted.fits
    halves = fit_chaos(basis, fit.response, folds=2)
    gain = fitted.q2 - _share_predicted(fit.response, halves.held_out)
    doublings = (MIN_Q2 - fitted.q2) * math.log2(7 / 4) / gain if gain > 0.0 else math.inf
    return None if doublings > MAX_DOUBLINGS else len(fit.response) * 2 ** math.ceil(doublings)

"""In which share of the worlds does a claim hold, and how do numbers vary over them?

Worlds that could not be computed count in no share; they are counted as `failed` and shown.

Wilson's interval is right for independent worlds. In whole Latin blocks the effects of single
unknowns average out, so that a share varies only by what such effects leave of the test. How much
they leave, r, is estimated by predicting the test linearly from the unknowns, in worlds not fitted
to, and the interval of k of n worlds is Wilson's for k / r of n / r.

Source: Stein (1987), Large sample properties of simulations using Latin hypercube sampling,
Technometrics 29, for the variance.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from ceasefire.ensemble.sampling import BLOCK_SIZE, Floats, normal_scores
from ceasefire.query import WorldResult
from ceasefire.shares import Interval, verdict_of_share, wilson_interval


@dataclass(frozen=True)
class ShareOfWorlds:
    """`true` of `worlds` worlds; `failed` more had no answer and count in neither.

    variance_ratio  variance of the share as a multiple of that in so many independent worlds
    """

    true: int
    worlds: int
    failed: int = 0
    variance_ratio: float = 1.0

    @property
    def share(self) -> float | None:
        """The share, None if no world was answered."""
        return self.true / self.worlds if self.worlds else None

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the share."""
        return self.interval_at(0.95)

    def interval_at(self, confidence: float) -> Interval:
        """The interval of the share at a level of confidence."""
        ratio = self.variance_ratio
        return wilson_interval(self.true / ratio, self.worlds / ratio, confidence)

    @property
    def verdict(self) -> str | None:
        """One of `VERDICTS`, None if no world was answered."""
        return verdict_of_share(self.true / self.worlds) if self.worlds else None


def count_true_worlds(answers: Sequence[bool | float | None]) -> ShareOfWorlds:
    """Count the worlds in which a test is true; None is a world without an answer.

    >>> count_true_worlds([True, True, False, None])
    ShareOfWorlds(true=2, worlds=3, failed=1, variance_ratio=1.0)
    """
    known = [bool(answer) for answer in answers if answer is not None]
    return ShareOfWorlds(sum(known), len(known), len(answers) - len(known))


_FOLDS, _PREDICTORS = 8, (0, 1, 2, 4, 8)


class LatinBlockVariance:
    """What whole Latin blocks leave of the variance of a share: `ratio` for one test after another.

    Truth is predicted linearly from the ranks of up to eight unknowns, those that go with it most;
    how many, and how much the prediction leaves, is decided in worlds that it was not fitted to.
    """

    def __init__(self, values: Floats) -> None:
        """Keep what is needed of `values` (N, U), the unknowns in worlds 1 to N."""
        self._whole = len(values) // BLOCK_SIZE * BLOCK_SIZE
        columns = values[: self._whole].T
        scores = [_rank_scores(column) for column in columns if self._whole and np.ptp(column) > 0]
        places = np.arange(self._whole).reshape(-1, _FOLDS).T
        self._folds = (
            np.array(scores).reshape(len(scores), self._whole)[:, places].transpose(1, 2, 0)
        )
        self._grams = self._folds.transpose(0, 2, 1) @ self._folds
        # unknowns that always go together have a solution too
        self._gram = self._grams.sum(axis=0) + 1e-6 * self._whole * np.eye(len(scores))

    def ratio(self, truths: Sequence[bool | None]) -> float:
        """The variance of the share as a multiple of that in independent worlds, at most 1.

        truths  whether the test is true in each of the N worlds, None where it has no answer
        """
        known = np.array([truth is not None for truth in truths])
        true = np.array([truth is True for truth in truths])
        if not self._whole or true.sum() in (0, known.sum()):
            return 1.0
        spread = np.where(known, true - true.sum() / known.sum(), 0.0)
        targets = spread[: self._whole].reshape(-1, _FOLDS).T
        products = (targets[:, None, :] @ self._folds)[:, 0, :]
        left = np.zeros(len(_PREDICTORS))
        for fold, target in enumerate(targets):
            gram, product = self._gram - self._grams[fold], products.sum(axis=0) - products[fold]
            best = np.argsort(-np.abs(product) / np.sqrt(gram.diagonal()), kind="stable")
            for place, count in enumerate(_PREDICTORS):
                chosen = best[:count]
                fitted = np.linalg.solve(gram[np.ix_(chosen, chosen)], product[chosen])
                missed = target - self._folds[fold][:, chosen] @ fitted
                left[place] += float(missed @ missed)
        if not left[0] > 0.0:
            return 1.0  # no whole block has an answer
        whole = min(1.0, float(left.min() / left[0])) * self._whole
        return (whole + len(truths) - self._whole) / len(truths)


def _rank_scores(column: Floats) -> Floats:
    """Van der Waerden's scores of a column, equal values sharing their mean rank."""
    scores = normal_scores(mean_ranks(column) / (len(column) + 1))
    return np.asarray(scores - scores.mean())


def mean_ranks(column: Floats) -> Floats:
    """(N,) the ranks of numbers from 1 to N, equal ones sharing the mean of theirs.

    >>> mean_ranks(np.array([5.0, -1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    return np.asarray((counts.cumsum() - (counts - 1) / 2.0)[place])


@dataclass(frozen=True)
class WorldQuantiles:
    """How a number varies over worlds: mean and 5th, 50th, 95th percentile."""

    worlds: int
    mean: float | None
    p05: float | None
    p50: float | None
    p95: float | None


def world_quantiles(answers: Sequence[float | None]) -> WorldQuantiles:
    """The spread of a number over the worlds that have one; `inf` is a number here.

    >>> world_quantiles([0.0, 1.0, 2.0, None])
    WorldQuantiles(worlds=3, mean=1.0, p05=0.0, p50=1.0, p95=2.0)
    """
    known = np.array([answer for answer in answers if answer is not None], dtype=np.float64)
    if not len(known):
        return WorldQuantiles(0, None, None, None, None)
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95), method="inverted_cdf").tolist()
    return WorldQuantiles(len(known), float(known.mean()), low, middle, high)


WORLD_STATISTIC_KEYS = ("n", "mean", "p05", "p50", "p95", "share")


@dataclass(frozen=True)
class WorldStatistics:
    """How a test (`share`) or a number (`quantiles`) comes out over the worlds: one of the two."""

    quantiles: WorldQuantiles | None
    share: ShareOfWorlds | None

    def as_json(self) -> dict[str, float | int | None]:
        """The `worlds` of an answer: n counts the worlds that have one."""
        document: dict[str, float | int | None] = dict.fromkeys(WORLD_STATISTIC_KEYS)
        if self.share is not None:
            return {**document, "n": self.share.worlds, "share": self.share.share}
        if self.quantiles is not None:
            found = self.quantiles
            numbers = (found.worlds, found.mean, found.p05, found.p50, found.p95)
            document |= dict(zip(WORLD_STATISTIC_KEYS, numbers, strict=False))
        return document


def summarise_number_over_worlds(
    results: Sequence[WorldResult], question_index: int
) -> WorldStatistics:
    """How question `question_index`, a number, comes out over these worlds."""
    return WorldStatistics(
        world_quantiles([_as_float(sheet.values[question_index]) for sheet in results]), None
    )


def summarise_quantity_over_worlds(
    results: Sequence[WorldResult], question_index: int, quantity_index: int
) -> WorldStatistics:
    """How one quantity of question `question_index` comes out over these worlds."""
    return WorldStatistics(
        world_quantiles(
            [sheet.quantity_values[question_index][quantity_index].value for sheet in results]
        ),
        None,
    )


def _as_float(value: float | bool | None) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True)
class Replication:
    """A share in fresh worlds beside the share it repeats.

    difference  share in the fresh worlds less share
    allowed     how large a difference chance explains
    """

    share: ShareOfWorlds
    difference: float
    allowed: float

    @property
    def within(self) -> bool:
        """Whether chance explains the difference."""
        return abs(self.difference) <= self.allowed

    def as_json(self) -> dict[str, Any]:
        """The repetition of a share as `check --json` prints it."""
        return {"share": self.share.share, "difference": self.difference, "allowed": self.allowed}


def compare_replication(
    original: ShareOfWorlds, fresh: ShareOfWorlds, claims: int
) -> Replication | None:
    """Compare a share with that of fresh worlds, as one of so many claims.

    >>> found = compare_replication(ShareOfWorlds(50, 100), ShareOfWorlds(30, 50), claims=1)
    >>> round(found.difference, 2), round(found.allowed, 2), found.within
    (0.1, 0.17, True)
    """
    if original.share is None or fresh.share is None:
        return None
    confidence = 0.95 ** (1.0 / claims)
    below, above = original.interval_at(confidence)
    low, high = fresh.interval_at(confidence)
    difference = fresh.share - original.share
    if difference < 0:
        allowed = math.hypot(original.share - below, high - fresh.share)
    else:
        allowed = math.hypot(above - original.share, fresh.share - low)
    return Replication(fresh, difference, allowed)


Until = float | Literal["settled"]

SETTLED: Final = "settled"
SETTLED_WIDTH: Final = 0.05


def interval_width(share: ShareOfWorlds) -> float:
    """From one end of the 95 % interval of a share to the other."""
    low, high = share.interval
    return high - low


def is_settled(share: ShareOfWorlds) -> bool:
    """Whether the whole 95 % interval of a share has one verdict.

    >>> is_settled(ShareOfWorlds(60, 64)), is_settled(ShareOfWorlds(32, 64))
    (False, True)
    """
    low, high = share.interval
    return verdict_of_share(low) == verdict_of_share(high)


def is_known_well_enough(share: ShareOfWorlds, until: Until) -> bool:
    """Whether no more worlds are needed for a share.

    until  how wide its interval may be; or `settled`: its verdict is, or the interval is so narrow
           (0.05) that the share is known to lie about where two verdicts meet
    """
    if until == SETTLED:
        return is_settled(share) or interval_width(share) <= SETTLED_WIDTH
    return interval_width(share) <= until


def likely_sample_size(
    shares: Sequence[ShareOfWorlds], computed: int, max_worlds: int, until: Until
) -> int:
    """How many worlds are likely enough, all shares staying as they are: whole blocks of 64.

    shares      those of all claims after `computed` worlds
    computed    how many worlds there are
    max_worlds  at most so many worlds
    until       how wide an interval may be, or `settled`

    At a share of a half an interval of 0.1 takes 381 worlds, rounded up to blocks of 64:

    >>> likely_sample_size([ShareOfWorlds(32, 64)], 64, 10_000, 0.1)
    384
    >>> likely_sample_size([ShareOfWorlds(192, 384)], 384, 10_000, 0.1)
    384
    >>> likely_sample_size([ShareOfWorlds(39, 64)], 64, 10_000, "settled")
    320
    """

    def enough(blocks: int) -> bool:
        scale = blocks * BLOCK_SIZE / computed
        more = (replace(share, variance_ratio=share.variance_ratio / scale) for share in shares)
        return all(is_known_well_enough(share, until) for share in more)

    if all(is_known_well_enough(share, until) for share in shares):
        return computed
    first = computed // BLOCK_SIZE + 1
    candidates = range(first, max(max_worlds // BLOCK_SIZE, first) + 1)
    blocks = first + bisect_left(candidates, True, key=enough)
    return min(max_worlds, blocks * BLOCK_SIZE)


def next_sample_size(computed: int, likely: int, until: Until) -> int:
    """How many worlds there should be next if `likely` are likely enough.

    A verdict may be settled long before the first shares promise, so half as many again are added
    at a time; a width is known beforehand.

    >>> next_sample_size(128, 1024, "settled"), next_sample_size(128, 1024, 0.1)
    (192, 1024)
    """
    if until != SETTLED:
        return likely
    blocks = math.ceil(computed * 1.5 / BLOCK_SIZE)
    return min(likely, blocks * BLOCK_SIZE)

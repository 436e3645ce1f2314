"""In which share of the worlds does a claim hold, and how do numbers vary over them?

Worlds that could not be computed count in no share; they are counted as `failed` and shown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ceasefire.query import WorldResult
from ceasefire.shares import Interval, verdict_of_share, wilson_interval


@dataclass(frozen=True)
class ShareOfWorlds:
    """`true` of `worlds` worlds; `failed` more had no answer and count in neither."""

    true: int
    worlds: int
    failed: int = 0

    @property
    def share(self) -> float | None:
        """The share, None if no world was answered."""
        return self.true / self.worlds if self.worlds else None

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the share."""
        return wilson_interval(self.true, self.worlds)

    @property
    def verdict(self) -> str | None:
        """One of `VERDICTS`, None if no world was answered."""
        return verdict_of_share(self.true / self.worlds) if self.worlds else None


def count_true_worlds(answers: Sequence[bool | float | None]) -> ShareOfWorlds:
    """Count the worlds in which a test is true; None is a world without an answer.

    >>> count_true_worlds([True, True, False, None])
    ShareOfWorlds(true=2, worlds=3, failed=1)
    """
    known = [bool(answer) for answer in answers if answer is not None]
    return ShareOfWorlds(sum(known), len(known), len(answers) - len(known))


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


def summarise_question_over_worlds(
    results: Sequence[WorldResult], question_index: int, *, is_test: bool, failed: int
) -> WorldStatistics:
    """How question `question_index` comes out over these worlds, `failed` more having no answer."""
    if is_test:
        found = count_true_worlds([sheet.values[question_index] for sheet in results])
        return WorldStatistics(None, ShareOfWorlds(found.true, found.worlds, found.failed + failed))
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


SAMPLE_SIZE_STEP = 64
Z_95_SQUARED = 1.959964**2


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
    below, above = wilson_interval(original.true, original.worlds, confidence)
    low, high = wilson_interval(fresh.true, fresh.worlds, confidence)
    difference = fresh.share - original.share
    if difference < 0:
        allowed = math.hypot(original.share - below, high - fresh.share)
    else:
        allowed = math.hypot(above - original.share, fresh.share - low)
    return Replication(fresh, difference, allowed)


def interval_width(share: ShareOfWorlds) -> float:
    """From one end of the 95 % interval of a share to the other."""
    low, high = share.interval
    return high - low


def next_sample_size(
    shares: Sequence[ShareOfWorlds], computed: int, max_worlds: int, max_interval_width: float
) -> int:
    """How many worlds there should be next: `computed` if that is enough.

    shares              those of all claims after `computed` worlds
    computed            how many worlds there are
    max_worlds          at most so many worlds
    max_interval_width  how wide an interval may be

    At a share of a half an interval of 0.1 takes 381 worlds, rounded up to batches of 64:

    >>> next_sample_size([ShareOfWorlds(32, 64)], 64, 10_000, 0.1)
    384
    >>> next_sample_size([ShareOfWorlds(192, 384)], 384, 10_000, 0.1)
    384
    """
    if computed and all(interval_width(share) <= max_interval_width for share in shares):
        return computed
    most = max((_worlds_needed(share, max_interval_width) for share in shares), default=0)
    return min(
        max_worlds,
        max(computed + SAMPLE_SIZE_STEP, math.ceil(most / SAMPLE_SIZE_STEP) * SAMPLE_SIZE_STEP),
    )


def _worlds_needed(share: ShareOfWorlds, max_interval_width: float) -> float:
    """How many worlds make Wilson's interval so narrow if the share stays what it is."""
    if share.share is None:
        return 0.0
    spread = share.share * (1.0 - share.share)
    half = 2.0 * Z_95_SQUARED * spread
    root = math.sqrt(half**2 + max_interval_width**2 * Z_95_SQUARED**2 * (1.0 - 4.0 * spread))
    return (half + root) / max_interval_width**2 - Z_95_SQUARED

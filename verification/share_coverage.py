"""Intervals of shares hold the true share as often as they say, and how much wider they are.

Tests of known share are counted in Latin blocks of 20 unknowns, 500 times over with other seeds,
at 64, 128 and 256 worlds. The interval allows for what single unknowns explain linearly; blocks
are even in more than that, so it should hold the share in 95 of 100 draws or more. Where they are
even in nothing (an odd number of three) it is Wilson's, which holds a half in 93.9 of 100 draws of
64 independent worlds; a row may lie two standard errors, .02, below that. How much wider than
needed the interval is stands in the row, beside that of independent worlds: its mean width over
that of share ± 1.96 standard deviations of the share as it came out in the 500 draws.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import asin, log, pi, sin

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from ceasefire.ensemble.sampling import BLOCK_SIZE, WorldBlock, draw_block
from ceasefire.ensemble.statistics import (
    LatinBlockVariance,
    ShareOfWorlds,
    count_true_worlds,
    interval_width,
)
from verification.table import Row

Bools = npt.NDArray[np.bool_]

REPETITIONS, BLOCKS, UNKNOWNS = 500, (1, 2, 4), 20
RHO = 0.6
WEIGHTS = np.sqrt(np.arange(10, 0, -1) / 55.0)


@dataclass(frozen=True)
class KnownShare:
    """A test whose share is known.

    share  in which share of all possible worlds it is true
    test   whether it is in each world of a block
    """

    name: str
    share: float
    test: Callable[[WorldBlock], Bools]


def _sum_of_ten(block: WorldBlock) -> npt.NDArray[np.float64]:
    return np.asarray(ndtri(block.points[:, 2:12]) @ WEIGHTS)


# columns 0 and 1 are drawn together, all others are independent
KNOWN = (
    KnownShare("one unknown", 0.4, lambda b: b.points[:, 2] < 0.4),
    KnownShare("one unknown, rare", 0.03, lambda b: b.points[:, 2] < 0.03),
    KnownShare(
        "product of two", 0.6 + 0.4 * log(0.4), lambda b: b.points[:, 2] * b.points[:, 3] > 0.4
    ),
    KnownShare(
        "product of two, rare",
        0.22 + 0.78 * log(0.78),
        lambda b: b.points[:, 2] * b.points[:, 3] > 0.78,
    ),
    KnownShare("sum of ten", float(ndtr(-0.5)), lambda b: _sum_of_ten(b) > 0.5),
    KnownShare("sum of ten, rare", float(ndtr(-1.88)), lambda b: _sum_of_ten(b) > 1.88),
    KnownShare("either of two", 0.5, lambda b: (b.points[:, 2] < 0.5) != (b.points[:, 3] < 0.5)),
    KnownShare(
        "an odd number of three", 0.5, lambda b: (b.points[:, 2:5] < 0.5).sum(axis=1) % 2 == 1
    ),
    KnownShare(
        "two that go together",
        0.25 + asin(2.0 * sin(pi * RHO / 6.0)) / (2.0 * pi),
        lambda b: b.points[:, :2].max(axis=1) < 0.5,
    ),
    KnownShare(
        "an option decides which",
        0.5 * 0.3 + 0.5 * 0.8,
        lambda b: np.where(b.options[:, 0] == 0, b.points[:, 2] < 0.3, b.points[:, 3] < 0.8),
    ),
)


def rows() -> Iterator[Row]:
    """Of 500 intervals how many hold the share."""
    found: dict[tuple[int, int], list[ShareOfWorlds]] = {}
    for seed in range(REPETITIONS):
        drawn = [
            draw_block(seed, number, UNKNOWNS, ((0.5, 0.5),), ((0, 1, RHO),))
            for number in range(max(BLOCKS))
        ]
        values = np.concatenate([np.hstack(block) for block in drawn])
        truths = [np.concatenate([known.test(block) for block in drawn]) for known in KNOWN]
        for blocks in BLOCKS:
            worlds = blocks * BLOCK_SIZE
            even = LatinBlockVariance(values[:worlds])
            for k, truth in enumerate(truths):
                counted = count_true_worlds(truth[:worlds].tolist())
                counted = replace(counted, variance_ratio=even.ratio(truth[:worlds].tolist()))
                found.setdefault((k, worlds), []).append(counted)
    for (k, worlds), shares in sorted(found.items()):
        share = KNOWN[k].share
        low, high = np.array([one.interval for one in shares]).T
        held = float(((low <= share) & (share <= high)).mean())
        needed = 2.0 * 1.96 * float(np.std([one.true / worlds for one in shares]))
        plain = [interval_width(replace(one, variance_ratio=1.0)) for one in shares]
        wide, wilson = float((high - low).mean()) / needed, float(np.mean(plain)) / needed
        said = f"share, {KNOWN[k].name}, {worlds} worlds: intervals that hold it, {wide:.1f} times"
        yield Row(f"{said} as wide as needed ({wilson:.1f})", 0.96, held, 0.041)

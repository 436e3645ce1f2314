"""Are there enough worlds?

Half as many fresh worlds again, from the next seed, are an independent repetition. With shares
p of n worlds and q of m fresh ones, and Wilson's interval [l, u] of each, the difference p - q may
by chance be as large as

    sqrt((p - l_p)^2 + (u_q - q)^2)  for p > q, and the other ends for p < q

The intervals are those that hold for all claims at once in 95 of 100 repetitions. Worlds are
spread more evenly than by chance, so an honest run stays well within.

Source: Newcombe (1998), Interval estimation for the difference between independent proportions,
Statistics in Medicine 17, method 10.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ceasefire.worlds.shares import Share, wilson

BATCH = 64
Z2 = 1.959964**2


@dataclass(frozen=True)
class Repeat:
    """A share in fresh worlds beside the share it repeats.

    difference  share in the fresh worlds less share
    allowed     how large a difference chance explains
    """

    share: Share
    difference: float
    allowed: float

    @property
    def within(self) -> bool:
        """Whether chance explains the difference."""
        return abs(self.difference) <= self.allowed

    def as_json(self) -> dict[str, Any]:
        """The repetition of a share as `check --json` prints it."""
        return {"share": self.share.share, "difference": self.difference, "allowed": self.allowed}


def repeat(first: Share, again: Share, claims: int) -> Repeat | None:
    """Compare a share with that of fresh worlds, as one of so many claims.

    >>> found = repeat(Share(50, 100), Share(30, 50), claims=1)
    >>> round(found.difference, 2), round(found.allowed, 2), found.within
    (0.1, 0.17, True)
    """
    if first.share is None or again.share is None:
        return None
    confidence = 0.95 ** (1.0 / claims)
    below, above = wilson(first.true, first.worlds, confidence)
    low, high = wilson(again.true, again.worlds, confidence)
    difference = again.share - first.share
    if difference < 0:
        allowed = math.hypot(first.share - below, high - again.share)
    else:
        allowed = math.hypot(above - first.share, again.share - low)
    return Repeat(again, difference, allowed)


def width(share: Share) -> float:
    """From one end of the 95 % interval of a share to the other."""
    low, high = share.interval
    return high - low


def batch(shares: Sequence[Share], done: int, cap: int, until: float | None) -> int:
    """How many worlds there should be next: `done` if that is enough.

    shares  those of all claims after `done` worlds
    cap     at most so many worlds
    until   how wide an interval may be; None if all `cap` worlds are wanted

    At a share of a half an interval of 0.1 takes 381 worlds, rounded up to batches of 64:

    >>> batch([Share(32, 64)], 64, 10_000, 0.1), batch([Share(192, 384)], 384, 10_000, 0.1)
    (384, 384)
    """
    if until is None:
        return cap
    if done and all(width(share) <= until for share in shares):
        return done
    most = max((_needed(share, until) for share in shares), default=0)
    return min(cap, max(done + BATCH, math.ceil(most / BATCH) * BATCH))


def _needed(share: Share, until: float) -> float:
    """How many worlds make Wilson's interval so narrow if the share stays what it is."""
    if share.share is None:
        return 0.0
    spread = share.share * (1.0 - share.share)
    half = 2.0 * Z2 * spread
    root = math.sqrt(half**2 + until**2 * Z2**2 * (1.0 - 4.0 * spread))
    return (half + root) / until**2 - Z2

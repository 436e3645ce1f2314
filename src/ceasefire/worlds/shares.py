"""In which share of the worlds does a claim hold, and what is that called?

With k of n worlds in which the test is true and z = 1.96 (95 %), Wilson's interval is

    centre = (k + z**2 / 2) / (n + z**2)
    half   = z / (n + z**2) * sqrt(k (n - k) / n + z**2 / 4)

Unlike k/n with a normal error it never leaves [0, 1] and is wide, not empty, at 0 of n. Worlds
that could not be computed are in neither k nor n; they are counted as `failed` and shown.

Source: Wilson (1927), Probable inference, JASA 22.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Interval = tuple[float, float]

VERDICTS = ("holds", "mostly holds", "depends", "mostly fails", "fails")


def wilson(true: float, worlds: float, confidence: float = 0.95) -> Interval:
    """The interval for a share, from `true` of `worlds`.

    With nothing in 10 worlds the upper end is z^2 / (10 + z^2), with z^2 = 3.84 that is 0.278:

    >>> low, high = wilson(0, 10)
    >>> low, round(high, 3)
    (0.0, 0.278)
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if worlds == 0:
        return 0.0, 1.0
    from scipy.special import ndtri  # slow to import

    z = float(ndtri(0.5 + confidence / 2.0))
    centre = (true + z * z / 2.0) / (worlds + z * z)
    half = z / (worlds + z * z) * float(np.sqrt(true * (worlds - true) / worlds + z * z / 4.0))
    low = 0.0 if true == 0 else max(0.0, centre - half)
    high = 1.0 if true == worlds else min(1.0, centre + half)
    return low, high


def verdict(share: float) -> str:
    """What a share is called.

    >>> [verdict(share) for share in (0.95, 2 / 3, 0.5, 1 / 3, 0.05)]
    ['holds', 'mostly holds', 'depends', 'mostly fails', 'fails']
    """
    if share >= 0.95:
        return "holds"
    if share >= 2.0 / 3.0:
        return "mostly holds"
    if share <= 0.05:
        return "fails"
    if share <= 1.0 / 3.0:
        return "mostly fails"
    return "depends"


@dataclass(frozen=True)
class Share:
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
        return wilson(self.true, self.worlds)

    @property
    def verdict(self) -> str | None:
        """One of `VERDICTS`, None if no world was answered."""
        return verdict(self.true / self.worlds) if self.worlds else None


def shared(answers: Sequence[bool | float | None]) -> Share:
    """Count the worlds in which a test is true; None is a world without an answer.

    >>> shared([True, True, False, None])
    Share(true=2, worlds=3, failed=1)
    """
    known = [bool(answer) for answer in answers if answer is not None]
    return Share(sum(known), len(known), len(answers) - len(known))


@dataclass(frozen=True)
class Spread:
    """How a number varies over worlds: mean and 5th, 50th, 95th percentile."""

    worlds: int
    mean: float | None
    p05: float | None
    p50: float | None
    p95: float | None


def spread(answers: Sequence[float | None]) -> Spread:
    """The spread of a number over the worlds that have one; `inf` is a number here.

    >>> spread([0.0, 1.0, 2.0, None])
    Spread(worlds=3, mean=1.0, p05=0.0, p50=1.0, p95=2.0)
    """
    known = np.array([answer for answer in answers if answer is not None], dtype=np.float64)
    if not len(known):
        return Spread(0, None, None, None, None)
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95), method="inverted_cdf").tolist()
    return Spread(len(known), float(known.mean()), low, middle, high)

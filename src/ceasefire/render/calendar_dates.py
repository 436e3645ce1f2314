"""When the periods of a case are, as a calendar has it."""

import re
from datetime import date, timedelta

from ceasefire.case import Case

MONTHS_PER_PERIOD = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
DAYS_PER_PERIOD = {"day": 1, "week": 7}


def period_label(case: Case, period: int) -> str:
    """What to call the start of a period: a date, or its number where none is known.

    case    the case
    period  counted from 0

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... start: 2025-11
    ... horizon: 3
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... ''')
    >>> [period_label(case, period) for period in range(4)]
    ['Nov 2025', 'Dec 2025', 'Jan 2026', 'Feb 2026']
    """
    if case.start is None:
        return f"{case.period} {period}"
    return _label(case.period, _later(case.period, _first_day(case.start), period))


def _first_day(start: str) -> date:
    year, *rest = re.split("[-QH]", start.replace("-Q", "Q").replace("-H", "H"))
    if "Q" in start:
        return date(int(year), 3 * int(rest[0]) - 2, 1)
    if "H" in start:
        return date(int(year), 6 * int(rest[0]) - 5, 1)
    month, day = (*map(int, rest), 1, 1)[:2]
    return date(int(year), month, day)


def _later(period: str, first: date, number: int) -> date | None:
    """The start of a period; None beyond the years that a calendar has."""
    try:
        if period in DAYS_PER_PERIOD:
            return first + timedelta(days=DAYS_PER_PERIOD[period] * number)
        months = first.month - 1 + MONTHS_PER_PERIOD[period] * number
        return date(first.year + months // 12, months % 12 + 1, 1)
    except (OverflowError, ValueError):
        return None


def _label(period: str, day: date | None) -> str:
    if day is None:
        return "later"
    if period in DAYS_PER_PERIOD:
        return f"{day.day} {day:%b %Y}"
    return f"{day.year}" if period == "year" else f"{day:%b %Y}"

"""Dates and lengths of time as they stand in a case."""

import re
from datetime import date

YEAR = 365.25
_UNITS = {"d": 1.0, "w": 7.0, "m": YEAR / 12, "y": YEAR}
DATES = "such as 2025, 2025-05 or 2025-05-17"
LENGTHS = "a number with d, w, m or y, such as 1177d or 3y"


def is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day of the calendar.

    >>> is_date("2024-02-29"), is_date("2024-02"), is_date("2025-02-29"), is_date("May 2025")
    (True, True, False, False)
    """
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text, re.ASCII)
    if not found:
        return False
    try:
        date(*(int(part or 1) for part in found.groups()))
    except ValueError:
        return False
    return True


def days(text: str) -> float | None:
    """The days of a length of time; None if it is not one above 0. A year has 365.25 days.

    >>> days("1177d"), days("2w"), days("18m"), days("3y"), days("3 years"), days("0d")
    (1177.0, 14.0, 547.875, 1095.75, None, None)
    """
    found = re.fullmatch(r"(\d{1,7}(?:\.\d{1,6})?)([dwmy])", text, re.ASCII)
    length = float(found[1]) * _UNITS[found[2]] if found else 0.0
    return length if length > 0 else None

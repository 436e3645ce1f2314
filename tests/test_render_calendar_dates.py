"""Periods are dated as a calendar has them."""

import pytest

from ceasefire.case import loads
from ceasefire.render.calendar_dates import period_label


def labels(period: str, start: str | None, count: int) -> list[str]:
    begun = "" if start is None else f"start: {start}\n"
    case = loads(
        f"ceasefire: 1\nperiod: {period}\n{begun}horizon: 3\nparties: {{a: {{}}}}\n"
        "state: {war: {start: true}}\n"
    )
    return [period_label(case, period) for period in range(count)]


@pytest.mark.parametrize(
    ("period", "start", "expected"),
    [
        ("day", "2024-02-28", ["28 Feb 2024", "29 Feb 2024", "1 Mar 2024"]),
        ("week", "2025-12-29", ["29 Dec 2025", "5 Jan 2026", "12 Jan 2026"]),
        ("month", "2025-11", ["Nov 2025", "Dec 2025", "Jan 2026"]),
        ("month", "2025-01-31", ["Jan 2025", "Feb 2025", "Mar 2025"]),
        ("quarter", "2025-Q3", ["Jul 2025", "Oct 2025", "Jan 2026"]),
        ("half-year", "2025-H2", ["Jul 2025", "Jan 2026", "Jul 2026"]),
        ("half-year", "2025-07", ["Jul 2025", "Jan 2026", "Jul 2026"]),
        ("year", "2026", ["2026", "2027", "2028"]),
        ("year", "9998", ["9998", "9999", "later"]),
        ("month", None, ["month 0", "month 1", "month 2"]),
    ],
)
def test_the_start_of_each_period(period, start, expected):
    assert labels(period, start, 3) == expected

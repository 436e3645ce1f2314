"""Breaks of what charts and the report show: bands, worths and planes."""

from verification.broken.change import Break

CHARTS = "tests/test_show_charts.py"
PLANES = "tests/test_worlds_plane.py"

BREAKS = (
    Break(
        "worlds/bands.py",
        "np.quantile(values, PERCENTILES, axis=0",
        "np.quantile(values[1:], PERCENTILES, axis=0",
        f"{CHARTS}::test_a_band_is_from_the_worlds_sorted",
    ),
    Break(
        "worlds/worths.py",
        "value({party}) - value({party}, without={table})",
        "value({party}, without={table}) - value({party})",
        f"{CHARTS}::test_what_is_drawn_in_worlds_is_what_questions_say",
    ),
    Break(
        "worlds/worths.py",
        "closed={{{table}: {closed}}}",
        "closed={{{table}: {closed - 1}}}",
        f"{CHARTS}::test_what_is_drawn_in_worlds_is_what_questions_say",
    ),
    Break(
        "worlds/planes.py",
        ".lines(0.0)",
        ".lines(0.1)",
        f"{PLANES}::test_the_line_is_where_the_margin_is_0",
    ),
    Break(
        "worlds/planes.py",
        "Asking({x: a, y: b}) for b in rows for a in columns",
        "Asking({x: b, y: a}) for b in rows for a in columns",
        f"{PLANES}::test_every_point_is_read_where_it_stands",
    ),
)

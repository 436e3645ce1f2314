"""Breaks of what charts and the report show: bands, worths and planes."""

from verification.broken.change import Break

CHARTS = "tests/test_render_charts.py"
PLANES = "tests/test_ensemble_threshold_plane.py"

BREAKS = (
    Break(
        "ensemble/quantile_bands.py",
        "np.quantile(values, BAND_QUANTILES, axis=0",
        "np.quantile(values[1:], BAND_QUANTILES, axis=0",
        f"{CHARTS}::test_chart_bands_are_quantiles",
    ),
    Break(
        "ensemble/table_value.py",
        "value({party}) - value({party}, without={table})",
        "value({party}, without={table}) - value({party})",
        f"{CHARTS}::test_chart_over_worlds_equals_answers",
    ),
    Break(
        "ensemble/table_value.py",
        "closed={{{table}: {closed}}}",
        "closed={{{table}: {closed - 1}}}",
        f"{CHARTS}::test_chart_over_worlds_equals_answers",
    ),
    Break(
        "ensemble/plane_scan.py",
        ".lines(0.0)",
        ".lines(0.1)",
        f"{PLANES}::test_threshold_line_has_zero_margin",
    ),
    Break(
        "ensemble/plane_scan.py",
        "ReadSettings({x: a, y: b}) for b in rows for a in columns",
        "ReadSettings({x: b, y: a}) for b in rows for a in columns",
        f"{PLANES}::test_plane_points_are_evaluated_at_their_position",
    ),
)

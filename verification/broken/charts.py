"""Breaks of what charts and the report show: bands, worths and planes."""

from verification.broken.change import Break

CHARTS = "tests/test_render_charts.py"
MAP = "tests/test_render_charts_argument.py"
PLANES = "tests/test_ensemble_threshold_plane.py"

BRIEF = "tests/test_render_brief.py"

BREAKS = (
    Break(
        "render/brief.py",
        "marks = [*report.mark_reasons, *report_warnings(report)]",
        "marks = list[str]()",
        f"{BRIEF}::test_marks_of_a_report_are_those_of_its_brief",
    ),
    Break(
        "render/brief.py",
        "yield from _sentences_of(premise, depth + 1, then)",
        "yield from _sentences_of(premise, depth, then)",
        f"{BRIEF}::test_premises_stand_below_their_conclusion",
    ),
    Break(
        "render/report_data.py",
        "if today or (case.events and today is None):",
        "if case.events:",
        "tests/test_web_worker_tasks.py::test_a_report_of_a_later_day_needs_no_event",
    ),
    Break(
        "ensemble/quantile_bands.py",
        "np.quantile(values, BAND_QUANTILES, axis=0",
        "np.quantile(values[:1], BAND_QUANTILES, axis=0",
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
    Break(
        "render/charts_argument.py",
        "share = figures.follows.share",
        "share = figures.otherwise.share",
        f"{MAP}::test_lines_are_as_thick_as_conclusions_follow",
    ),
    Break(
        "render/charts_argument.py",
        "1 + max((depth[one] for one in conclusions[name]), default=-1)",
        "1 + min((depth[one] for one in conclusions[name]), default=-1)",
        f"{MAP}::test_a_premise_stands_left_of_all_that_rests_on_it",
    ),
    Break(
        "render/charts_argument.py",
        "blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]",
        "blocks[-2][0] / blocks[-2][1] < blocks[-1][0] / blocks[-1][1]",
        f"{MAP}::test_no_box_overlaps_another_and_every_line_of_text_is_in_its_box",
    ),
)

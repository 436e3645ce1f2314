"""Breaks of the search for thresholds along an unknown: `ensemble/trace_thresholds.py`."""

from verification.broken.change import Break

THRESHOLDS = "ensemble/trace_thresholds.py"
TEST = "tests/test_ensemble_trace.py"

BREAKS = (
    Break(
        THRESHOLDS,
        "if (low < 0.0) != (high < 0.0):",
        "if (low < 0.0) != (high < 1.0):",
        f"{TEST}::test_a_number_crosses_each_value_that_is_asked_for",
    ),
    Break(
        THRESHOLDS,
        "accuracy=2.0 * self.accuracy,",
        "accuracy=20.0 * self.accuracy,",
        f"{TEST}::test_a_threshold_is_as_near_as_it_says",
    ),
    Break(
        THRESHOLDS,
        ">= JUMP_SHARE * step",
        ">= 2.0 * step",
        f"{TEST}::test_a_number_jumps_and_a_smooth_one_does_not",
    ),
    Break(
        THRESHOLDS,
        "jump = within <= accuracy and",
        "jump = within <= accuracy or",
        f"{TEST}::test_what_is_steep_without_a_jump_says_so",
    ),
    Break(
        THRESHOLDS,
        "search.read(value, 1) for value in ends",
        "search.read(value, 0) for value in ends",
        f"{TEST}::test_a_grid_shift_is_how_far_the_threshold_moves",
    ),
    Break(
        THRESHOLDS,
        "(np.abs(changes) >= STEEP_GAP * whole / len(changes))",
        "(np.abs(changes) >= whole / len(changes))",
        f"{TEST}::test_steps_need_to_stand_out",
    ),
    Break(
        THRESHOLDS,
        "flipped = upper is not lower",
        "flipped = upper is lower",
        f"{TEST}::test_a_test_turns_where_the_closed_form_says",
    ),
    Break(
        "ensemble/trace_questions.py",
        "return second | {self.over.name: x}",
        "return {self.over.name: x}",
        f"{TEST}::test_the_plane_follows_the_hyperbola",
    ),
    Break(
        "render/charts_trace.py",
        "middle = between[0] if between else 0.5 * (before.x + after.x)",
        "middle = 0.5 * (before.x + after.x)",
        f"{TEST}::test_a_figure_has_a_panel_for_each_question_and_a_rule_at_each_threshold",
    ),
)

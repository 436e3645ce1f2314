"""Breaks of conflicts as graphs, and of what coalitions can secure without end."""

from verification.broken.change import Break

STABILITY = "tests/test_gmcr_solution_concepts.py"
STRENGTH = "tests/test_gmcr_preference_strength.py"
POWER = "tests/test_coalitions_power.py"
CONFLICTS = "tests/test_cases_gmcr_literature.py"

BREAKS = (
    Break(
        "gmcr/option_words.py",
        'if letter == "Y":',
        'if letter == "N":',
        "tests/test_gmcr_option_words.py::test_states_in_words",
    ),
    Break(
        "gmcr/kernels.py",
        "if K[t] and r[t] > r[s]:",
        "if K[t] and r[t] >= r[s]:",
        f"{STABILITY}::test_every_verdict_agrees_with_the_definitions",
    ),
    Break(
        "gmcr/solution_concepts.py",
        "others = (1 << len(graph.parties)) - 1 - (1 << p)",
        "others = (1 << len(graph.parties)) - 1",
        f"{STABILITY}::test_every_verdict_agrees_with_the_definitions",
    ),
    Break(
        "gmcr/kernels.py",
        "if sanctions[c, t] > limit[s]:",
        "if sanctions[c, t] > r[s]:",
        f"{STRENGTH}::test_strong_stability_is_that_of_the_definitions",
    ),
    Break(
        "gmcr/solution_concepts.py",
        "np.maximum(highest, cut - 1)",
        "np.maximum(highest, cut)",
        f"{STRENGTH}::test_strong_stability_is_that_of_the_definitions",
    ),
    Break(
        "gmcr/solution_concepts.py",
        "payoff - gap + PAYOFF_ROUNDING",
        "payoff + PAYOFF_ROUNDING",
        f"{STRENGTH}::test_strong_stability_is_that_of_the_definitions",
    ),
    Break(
        "gmcr/inverse.py",
        "int(ordered[above - 1])",
        "int(ordered[0])",
        f"{STRENGTH}::test_shares_come_near_those_of_all_rankings",
    ),
    Break(
        "gmcr/kernels.py",
        "if x >= 0 and r[x] <= worst and K[x]:",
        "if x >= 0 and r[x] < worst and K[x]:",
        f"{STABILITY}::test_every_verdict_agrees_with_the_definitions",
    ),
    Break(
        "gmcr/kernels.py",
        "(other & ~code & barred) == 0",
        "(other & code & barred) == 0",
        f"{STABILITY}::test_one_way_options_keep_their_direction",
    ),
    Break(
        "gmcr/reasons.py",
        "if x >= 0 and known[x] and rank[x] <= rank[state]:",
        "if x >= 0 and known[x] and rank[x] < rank[state]:",
        f"{STABILITY}::test_reasons_imply_the_verdicts",
    ),
    Break(
        "gmcr/inverse.py",
        "bool(rank[to] <= rank[state])",
        "bool(rank[to] < rank[state])",
        f"{STABILITY}::test_a_state_is_stable_if_and_only_if_every_condition_is_met",
    ),
    Break(
        "coalitions/reachability.py",
        "np.where(inside[graph.mover[decides]], MAXIMISER_NODE, MINIMISER_NODE)",
        "np.where(inside[graph.mover[decides]], MINIMISER_NODE, MAXIMISER_NODE)",
        f"{POWER}::test_unbounded_power_values",
    ),
    Break(
        "coalitions/strategy_iteration.py",
        "may_reach_value & (kind != FIXED_NODE)",
        "kind != FIXED_NODE",
        f"{POWER}::test_unbounded_bounds_meet_where_changes_are_rare",
    ),
    Break(
        "coalitions/kernels.py",
        "(every and some) if kind[n] == MINIMISER_NODE else some",
        "some",
        f"{POWER}::test_unbounded_bounds_meet_where_changes_are_rare",
    ),
    Break(
        "coalitions/stationary.py",
        "(1.0 - DELAY_COST) * product.chance",
        "product.chance",
        f"{POWER}::test_unbounded_strategy_is_stationary",
    ),
    Break(
        "coalitions/reachability.py",
        "np.minimum(upper_values[inside], best[component[inside]])",
        "upper_values[inside]",
        f"{POWER}::test_unbounded_bounds_meet_in_nested_loops",
    ),
    Break(
        "gmcr/state_graph.py",
        "prepend=values[order[:1]]) > tolerance",
        "prepend=values[order[:1]]) > 0.0",
        "src/ceasefire/gmcr/state_graph.py",
    ),
    Break(
        "gmcr/conflict.py",
        "np.arange(len(groups), 0, -1)",
        "np.arange(len(groups))",
        CONFLICTS,
    ),
    Break(
        "gmcr/case_graph.py",
        "np.ascontiguousarray(pairs[:, 1]",
        "np.ascontiguousarray(pairs[:, 0]",
        f"{CONFLICTS}::test_elmira_as_a_case_has_nine_states_and_the_same_verdicts",
    ),
    Break(
        "gmcr/file_format.py",
        "int(codes[number - 1])",
        "int(codes[-number])",
        "tests/test_gmcr_file_format.py",
    ),
)

"""Breaks of conflicts as graphs, and of what coalitions can secure without end."""

from verification.broken.change import Break

STABILITY = "tests/test_solve_stability.py"
CONFLICTS = "tests/test_cases_conflicts.py"

BREAKS = (
    Break(
        "solve/_stability.py",
        "if K[t] and r[t] > r[s]:",
        "if K[t] and r[t] >= r[s]:",
        f"{STABILITY}::test_every_verdict_agrees_with_the_definitions",
    ),
    Break(
        "solve/stability.py",
        "others = (1 << len(graph.parties)) - 1 - (1 << p)",
        "others = (1 << len(graph.parties)) - 1",
        f"{STABILITY}::test_every_verdict_agrees_with_the_definitions",
    ),
    Break(
        "solve/sanctions.py",
        "if x >= 0 and seen[x] and rank[x] <= rank[state]:",
        "if x >= 0 and seen[x] and rank[x] < rank[state]:",
        f"{STABILITY}::test_reasons_give_the_verdicts",
    ),
    Break(
        "solve/inverse.py",
        "bool(rank[to] <= rank[state])",
        "bool(rank[to] < rank[state])",
        f"{STABILITY}::test_a_state_is_stable_if_and_only_if_every_condition_is_met",
    ),
    Break(
        "solve/forever.py",
        "np.where(inside[graph.mover[decides]], MAX, MIN)",
        "np.where(inside[graph.mover[decides]], MIN, MAX)",
        "tests/test_ask_power.py::test_without_a_bound_on_time",
    ),
    Break(
        "game/graph.py",
        "prepend=values[order[:1]]) > tolerance",
        "prepend=values[order[:1]]) > 0.0",
        "src/ceasefire/game/graph.py",
    ),
    Break(
        "game/conflict.py",
        "np.arange(len(groups), 0, -1)",
        "np.arange(len(groups))",
        CONFLICTS,
    ),
    Break(
        "game/outline.py",
        "np.ascontiguousarray(pairs[:, 1]",
        "np.ascontiguousarray(pairs[:, 0]",
        f"{CONFLICTS}::test_elmira_as_a_case_has_nine_states_and_the_same_verdicts",
    ),
    Break(
        "exchange/gmcr.py",
        "int(codes[number - 1])",
        "int(codes[-number])",
        "tests/test_exchange_gmcr.py",
    ),
)

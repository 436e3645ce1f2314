"""Write down how you think a conflict ends. Find out whether it follows.

    import ceasefire as cf
    case = cf.load("cases/ukraine-2025.yaml")
    cf.ask(case, "P(eventually(not fighting))")
    cf.check(case, worlds=256)

Below these: `game = cf.build(case)`, `play = cf.solve(game, world)`.
"""

from ceasefire.gmcr.case_conversion import case_to_gmcr, gmcr_to_case
from ceasefire.gmcr.case_graph import CaseGraph, MoveTransitions, build_case_graph, case_state_graph
from ceasefire.gmcr.conflict import (
    Conflict,
    ConflictOption,
    OptionPattern,
    OptionStatement,
    StateRanking,
)
from ceasefire.gmcr.file_format import conflict_to_gmcr, parse_gmcr, read_gmcr
from ceasefire.gmcr.inverse import StabilityCondition, equilibrium_shares, stability_conditions
from ceasefire.gmcr.option_words import describe_option_state
from ceasefire.gmcr.reasons import (
    ConflictMove,
    ImprovementResponse,
    MoveTree,
    StabilityReason,
    build_move_tree,
    explain_stability,
)
from ceasefire.gmcr.solution_concepts import (
    STABILITY_CONCEPTS,
    STRENGTH_CONCEPTS,
    Stability,
    StrongStability,
    all_coalitions,
    greatly_worse_below_cuts,
    greatly_worse_by_payoff,
    stability,
    strong_stability,
)
from ceasefire.gmcr.state_graph import OptionEncoding, StateGraph, rank_values
from ceasefire.light_numba import prepare_numba

__all__ = [
    "STABILITY_CONCEPTS",
    "STRENGTH_CONCEPTS",
    "CaseGraph",
    "Conflict",
    "ConflictMove",
    "ConflictOption",
    "ImprovementResponse",
    "MoveTransitions",
    "MoveTree",
    "OptionEncoding",
    "OptionPattern",
    "OptionStatement",
    "Stability",
    "StabilityCondition",
    "StabilityReason",
    "StateGraph",
    "StateRanking",
    "StrongStability",
    "all_coalitions",
    "build_case_graph",
    "build_move_tree",
    "case_state_graph",
    "case_to_gmcr",
    "conflict_to_gmcr",
    "describe_option_state",
    "equilibrium_shares",
    "explain_stability",
    "gmcr_to_case",
    "greatly_worse_below_cuts",
    "greatly_worse_by_payoff",
    "parse_gmcr",
    "rank_values",
    "read_gmcr",
    "stability",
    "stability_conditions",
    "strong_stability",
]

prepare_numba()

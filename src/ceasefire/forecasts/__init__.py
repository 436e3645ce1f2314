"""Forecasts: how long past wars lasted, and how well claims and forecasts came out."""

from typing import TYPE_CHECKING

from ceasefire.front_door import import_when_asked

if TYPE_CHECKING:
    from ceasefire.forecasts.base_rates import (
        BaselineResult,
        ClaimBaseRate,
        EndingRate,
        PredictedEvent,
        base_rates_of_claims,
        baseline,
        check_json_with_base_rates,
        claim_probability,
        evaluate_baseline,
        find_predicted_event,
    )
    from ceasefire.forecasts.durations import ParetoTail, ProbabilityEstimate
    from ceasefire.forecasts.looking_back import ReviewResult, review
    from ceasefire.forecasts.outcomes import ClaimOutcome, assess_claim_outcomes
    from ceasefire.forecasts.scoring import (
        BacktestResult,
        BrierDecomposition,
        ForecasterScore,
        ScoreResult,
        backtest,
        brier_score,
        decompose_brier_score,
        log_score,
        score,
    )
    from ceasefire.forecasts.wars import War

__all__ = [
    "BacktestResult",
    "BaselineResult",
    "BrierDecomposition",
    "ClaimBaseRate",
    "ClaimOutcome",
    "EndingRate",
    "ForecasterScore",
    "ParetoTail",
    "PredictedEvent",
    "ProbabilityEstimate",
    "ReviewResult",
    "ScoreResult",
    "War",
    "assess_claim_outcomes",
    "backtest",
    "base_rates_of_claims",
    "baseline",
    "brier_score",
    "check_json_with_base_rates",
    "claim_probability",
    "decompose_brier_score",
    "evaluate_baseline",
    "find_predicted_event",
    "log_score",
    "review",
    "score",
]

__getattr__ = import_when_asked(
    __name__,
    {
        "ceasefire.forecasts.base_rates": (
            "BaselineResult",
            "ClaimBaseRate",
            "EndingRate",
            "PredictedEvent",
            "base_rates_of_claims",
            "baseline",
            "check_json_with_base_rates",
            "claim_probability",
            "evaluate_baseline",
            "find_predicted_event",
        ),
        "ceasefire.forecasts.durations": (
            "ParetoTail",
            "ProbabilityEstimate",
        ),
        "ceasefire.forecasts.looking_back": (
            "ReviewResult",
            "review",
        ),
        "ceasefire.forecasts.outcomes": (
            "ClaimOutcome",
            "assess_claim_outcomes",
        ),
        "ceasefire.forecasts.scoring": (
            "BacktestResult",
            "BrierDecomposition",
            "ForecasterScore",
            "ScoreResult",
            "backtest",
            "brier_score",
            "decompose_brier_score",
            "log_score",
            "score",
        ),
        "ceasefire.forecasts.wars": ("War",),
    },
)

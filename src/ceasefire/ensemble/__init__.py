"""Thousands of worlds: what is drawn, how it is computed on all cores, what share says so."""

from typing import TYPE_CHECKING

from ceasefire.front_door import import_when_asked

if TYPE_CHECKING:
    from ceasefire.ensemble.ask_questions import AskResult, QuestionAnswer, ask
    from ceasefire.ensemble.check_claims import CheckResult, ClaimCheck, check
    from ceasefire.ensemble.executors import Engine, engine_from_options
    from ceasefire.ensemble.joint_changes import JointTurningPoint
    from ceasefire.ensemble.lever_choice import ChooseResult, LeverOutcome, choose
    from ceasefire.ensemble.margins import ClaimMargins
    from ceasefire.ensemble.plane_scan import ThresholdPlane, threshold_plane
    from ceasefire.ensemble.quantile_bands import (
        QuantileBand,
        TimelineQuantiles,
        timeline_quantiles,
    )
    from ceasefire.ensemble.range_scan import TurningPoint
    from ceasefire.ensemble.rules import ClaimRule, RuleBound
    from ceasefire.ensemble.run import JobResults, RunStats, run_worlds
    from ceasefire.ensemble.sampling import DrawnWorlds, draw_worlds, unknown_quantiles
    from ceasefire.ensemble.sensitivity import Driver, DriverAnalysis, MarginExpansion
    from ceasefire.ensemble.statistics import (
        Replication,
        ShareOfWorlds,
        WorldQuantiles,
        count_true_worlds,
        world_quantiles,
    )
    from ceasefire.ensemble.sweep_worlds import MeanAndExtremes, StoreSummary, SweepResult, sweep
    from ceasefire.ensemble.table_value import TableValue, TableValues, delay_values, table_values
    from ceasefire.ensemble.trace_questions import TracePoint, TraceRequest, TraceResult, trace
    from ceasefire.ensemble.trace_thresholds import Threshold
    from ceasefire.ensemble.turning_points import TurningPoints, read_turning_points
    from ceasefire.query import World
    from ceasefire.shares import VERDICTS, verdict_of_share, wilson_interval

__all__ = [
    "VERDICTS",
    "AskResult",
    "CheckResult",
    "ChooseResult",
    "ClaimCheck",
    "ClaimMargins",
    "ClaimRule",
    "DrawnWorlds",
    "Driver",
    "DriverAnalysis",
    "Engine",
    "JobResults",
    "JointTurningPoint",
    "LeverOutcome",
    "MarginExpansion",
    "MeanAndExtremes",
    "QuantileBand",
    "QuestionAnswer",
    "Replication",
    "RuleBound",
    "RunStats",
    "ShareOfWorlds",
    "StoreSummary",
    "SweepResult",
    "TableValue",
    "TableValues",
    "Threshold",
    "ThresholdPlane",
    "TimelineQuantiles",
    "TracePoint",
    "TraceRequest",
    "TraceResult",
    "TurningPoint",
    "TurningPoints",
    "World",
    "WorldQuantiles",
    "ask",
    "check",
    "choose",
    "count_true_worlds",
    "delay_values",
    "draw_worlds",
    "engine_from_options",
    "read_turning_points",
    "run_worlds",
    "sweep",
    "table_values",
    "threshold_plane",
    "timeline_quantiles",
    "trace",
    "unknown_quantiles",
    "verdict_of_share",
    "wilson_interval",
    "world_quantiles",
]

__getattr__ = import_when_asked(
    __name__,
    {
        "ceasefire.ensemble.ask_questions": (
            "AskResult",
            "QuestionAnswer",
            "ask",
        ),
        "ceasefire.ensemble.check_claims": (
            "CheckResult",
            "ClaimCheck",
            "check",
        ),
        "ceasefire.ensemble.executors": (
            "Engine",
            "engine_from_options",
        ),
        "ceasefire.ensemble.joint_changes": ("JointTurningPoint",),
        "ceasefire.ensemble.lever_choice": (
            "ChooseResult",
            "LeverOutcome",
            "choose",
        ),
        "ceasefire.ensemble.margins": ("ClaimMargins",),
        "ceasefire.ensemble.plane_scan": (
            "ThresholdPlane",
            "threshold_plane",
        ),
        "ceasefire.ensemble.quantile_bands": (
            "QuantileBand",
            "TimelineQuantiles",
            "timeline_quantiles",
        ),
        "ceasefire.ensemble.range_scan": ("TurningPoint",),
        "ceasefire.ensemble.rules": (
            "ClaimRule",
            "RuleBound",
        ),
        "ceasefire.ensemble.run": (
            "JobResults",
            "RunStats",
            "run_worlds",
        ),
        "ceasefire.ensemble.sampling": (
            "DrawnWorlds",
            "draw_worlds",
            "unknown_quantiles",
        ),
        "ceasefire.ensemble.sensitivity": (
            "Driver",
            "DriverAnalysis",
            "MarginExpansion",
        ),
        "ceasefire.ensemble.statistics": (
            "Replication",
            "ShareOfWorlds",
            "WorldQuantiles",
            "count_true_worlds",
            "world_quantiles",
        ),
        "ceasefire.ensemble.sweep_worlds": (
            "MeanAndExtremes",
            "StoreSummary",
            "SweepResult",
            "sweep",
        ),
        "ceasefire.ensemble.table_value": (
            "TableValue",
            "TableValues",
            "delay_values",
            "table_values",
        ),
        "ceasefire.ensemble.trace_questions": (
            "TracePoint",
            "TraceRequest",
            "TraceResult",
            "trace",
        ),
        "ceasefire.ensemble.trace_thresholds": ("Threshold",),
        "ceasefire.ensemble.turning_points": (
            "TurningPoints",
            "read_turning_points",
        ),
        "ceasefire.query": ("World",),
        "ceasefire.shares": (
            "VERDICTS",
            "verdict_of_share",
            "wilson_interval",
        ),
    },
)

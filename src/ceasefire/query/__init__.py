"""Questions of a case: what is likely, what is believed, what follows, and why."""

from ceasefire.query.ast import Question
from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.explanation import (
    ExplainedDecision,
    ExplainedOption,
    Explanation,
    explain,
    explain_parties,
)
from ceasefire.query.numerical_quality import NumericalQuality
from ceasefire.query.parser import read_claims, read_question, read_questions, read_state
from ceasefire.query.plan import QueryPlan, World, WorldResult, plan_questions
from ceasefire.query.power_question import CoalitionPower, PowerResult, power
from ceasefire.query.timeline_series import Timeline, TimelineQuery, TimelineSeries, timeline

__all__ = [
    "CoalitionPower",
    "ExplainedDecision",
    "ExplainedOption",
    "Explanation",
    "NumericalQuality",
    "PowerResult",
    "QuantityValue",
    "QueryPlan",
    "Question",
    "Timeline",
    "TimelineQuery",
    "TimelineSeries",
    "World",
    "WorldResult",
    "explain",
    "explain_parties",
    "plan_questions",
    "power",
    "read_claims",
    "read_question",
    "read_questions",
    "read_state",
    "timeline",
]

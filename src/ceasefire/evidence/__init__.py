"""Evidence: what recorded events make of a case, and which of rival cases they favour."""

from ceasefire.evidence.changes import (
    ClaimChange,
    EventLikelihood,
    UnknownShift,
    ValueChange,
)
from ceasefire.evidence.compare_cases import ComparisonResult, RivalCase, compare
from ceasefire.evidence.events import RecordedEvent
from ceasefire.evidence.next_events import Indicator, IndicatorResult, indicators
from ceasefire.evidence.particle_filter import WeightedShare
from ceasefire.evidence.update_claims import UpdateResult, update

__all__ = [
    "ClaimChange",
    "ComparisonResult",
    "EventLikelihood",
    "Indicator",
    "IndicatorResult",
    "RecordedEvent",
    "RivalCase",
    "UnknownShift",
    "UpdateResult",
    "ValueChange",
    "WeightedShare",
    "compare",
    "indicators",
    "update",
]

"""Evidence: what recorded events make of a case, and which of rival cases they favour."""

from typing import TYPE_CHECKING

from ceasefire.front_door import import_when_asked

if TYPE_CHECKING:
    from ceasefire.evidence.changes import (
        ClaimChange,
        EventLikelihood,
        UnknownShift,
        ValueChange,
    )
    from ceasefire.evidence.compare_cases import ComparisonResult, RivalCase, compare
    from ceasefire.evidence.events import RecordedEvent
    from ceasefire.evidence.events_against_rivals import (
        RivalEvidence,
        event_expectations,
        evidence_rows,
        rival_evidence,
    )
    from ceasefire.evidence.next_events import Indicator, IndicatorResult, indicators
    from ceasefire.evidence.particle_filter import WeightedShare
    from ceasefire.evidence.update_claims import UpdateResult, check_today, update

__all__ = [
    "ClaimChange",
    "ComparisonResult",
    "EventLikelihood",
    "Indicator",
    "IndicatorResult",
    "RecordedEvent",
    "RivalCase",
    "RivalEvidence",
    "UnknownShift",
    "UpdateResult",
    "ValueChange",
    "WeightedShare",
    "check_today",
    "compare",
    "event_expectations",
    "evidence_rows",
    "indicators",
    "rival_evidence",
    "update",
]

__getattr__ = import_when_asked(
    __name__,
    {
        "ceasefire.evidence.changes": (
            "ClaimChange",
            "EventLikelihood",
            "UnknownShift",
            "ValueChange",
        ),
        "ceasefire.evidence.compare_cases": (
            "ComparisonResult",
            "RivalCase",
            "compare",
        ),
        "ceasefire.evidence.events": ("RecordedEvent",),
        "ceasefire.evidence.next_events": (
            "Indicator",
            "IndicatorResult",
            "indicators",
        ),
        "ceasefire.evidence.particle_filter": ("WeightedShare",),
        "ceasefire.evidence.events_against_rivals": (
            "RivalEvidence",
            "event_expectations",
            "evidence_rows",
            "rival_evidence",
        ),
        "ceasefire.evidence.update_claims": (
            "UpdateResult",
            "check_today",
            "update",
        ),
    },
)

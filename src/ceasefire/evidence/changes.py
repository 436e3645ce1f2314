"""A claim, a belief, a condition and an event, before and after what has happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ceasefire.argument import ClaimStanding, ConclusionFigures, ShareAmong
from ceasefire.ensemble import World
from ceasefire.evidence.events import RecordedEvent
from ceasefire.evidence.particle_filter import WeightedShare
from ceasefire.evidence.surprise import EventStep, UnknownBehind
from ceasefire.query.numerical_quality import finite_or_none

READINGS = ("before", "as_written", "after")
STILL_CHECKED = "yet: other grids, tails and replies are still being asked"


@dataclass(frozen=True)
class ValueChange:
    """A number at the start, and today in each version of what has happened.

    before            at the start: at the best estimates, and over worlds
    best_by_version   today, at the best estimates, by version: all events, none (only time has
                      passed), and, in `update`, all but each event in turn; None where it has no
                      value
    means_by_version  the same over worlds, each weighted by the version's likelihood; empty without
                      worlds
    error             standard error at the best estimates of the first version, None if nothing was
                      sampled
    """

    before: tuple[float | None, float | None]
    best_by_version: tuple[float | None, ...]
    means_by_version: tuple[float | None, ...] = ()
    error: float | None = None

    @property
    def value_before(self) -> float | None:
        """At the start: over worlds if there are any, else at best."""
        return self.before[1] if self.means_by_version else self.before[0]

    @property
    def values_by_version(self) -> tuple[float | None, ...]:
        """Today by version: over worlds if there are any, else at best."""
        return self.means_by_version or self.best_by_version

    def as_json(self) -> dict[str, Any]:
        """Before, after, time alone and without each event: at best, and over worlds."""
        best = _version_values(self.before[0], self.best_by_version) | {"error": self.error}
        return {
            "best": best,
            "worlds": _version_values(self.before[1], self.means_by_version)
            if self.means_by_version
            else None,
        }


def _version_values(before: float | None, versions: tuple[float | None, ...]) -> dict[str, Any]:
    after, alone, *without = versions
    return {
        "before": finite_or_none(before),
        "after": finite_or_none(after),
        "time_alone": finite_or_none(alone),
        "without": [finite_or_none(value) for value in without],
    }


@dataclass(frozen=True)
class WorldReadings:
    """What one world says of every claim, and how much it counts after the events.

    number          of the world, as in `sweep`; 0 are the best estimates
    log_likelihood  logarithm of the probability of all events in it
    weight          its share of the weight of all worlds; None for the best estimates
    world           its unknowns, and the options of alternatives
    truths          of each claim: in each of `READINGS`
    """

    number: int
    log_likelihood: float
    weight: float | None
    world: World
    truths: Mapping[str, tuple[bool | None, bool | None, bool | None]]


@dataclass(frozen=True)
class ClaimChange:
    """A claim before and after.

    id            the name of the claim
    sentence      what it says
    test          its test
    best          truth at the best estimates: before, after, and if only time had passed
    best_without  truth today, at the best estimates, each event left out in turn
    before        share of worlds before; None without worlds
    after         share of the worlds' weight today, formulas counting what has happened
    time_only     the same if only time had passed
    without       the share today, each event left out in turn
    quantities    each quantity of the test, and its values
    warnings      why its truth is in doubt
    argument      what it owes to its premises: before, as written after the evidence, and after;
                  None without worlds or premises
    because       its premises
    by_premises   whether it is true where its premises are, having no test of its own
    best_as_written, as_written  the same asked of period 0 again, in the worlds and types as the
                  events now weigh them
    settled_by    what has decided it, so that nothing that may come changes it any more
    """

    id: str
    sentence: str | None
    test: str
    best: tuple[bool | None, bool | None, bool | None]
    best_without: tuple[bool | None, ...]
    before: WeightedShare | None
    after: WeightedShare | None
    time_only: WeightedShare | None
    without: tuple[WeightedShare, ...]
    quantities: tuple[tuple[str, ValueChange], ...]
    warnings: tuple[str, ...]
    argument: tuple[ConclusionFigures, ConclusionFigures, ConclusionFigures] | None = None
    because: tuple[str, ...] = ()
    by_premises: bool = False
    best_as_written: bool | None = None
    as_written: WeightedShare | None = None
    settled_by: tuple[str, ...] = ()

    @property
    def standings(self) -> tuple[ClaimStanding, ClaimStanding, ClaimStanding]:
        """The claim as a headline tells it: before, as written after the evidence, from today."""
        before, as_written, after = (
            ClaimStanding(
                self.id,
                self.sentence,
                self.because,
                best,
                None if share is None else ShareAmong(share.share, share.effective_worlds),
                figures,
                self.by_premises,
            )
            for best, share, figures in zip(
                (self.best[0], self.best_as_written, self.best[1]),
                (self.before, self.as_written, self.after),
                self.argument or (None, None, None),
                strict=True,
            )
        )
        return before, as_written, after

    def as_json(self) -> dict[str, Any]:
        """A claim as `update --json` prints it."""
        names = ("before", "after", "time_alone")
        shares = (self.before, self.after, self.time_only)
        return {
            "id": self.id,
            "says": self.sentence,
            "test": self.test,
            "best": dict(zip(names, self.best, strict=True))
            | {"as_written": self.best_as_written, "without": list(self.best_without)},
            **{n: None if s is None else s.as_json() for n, s in zip(names, shares, strict=True)},
            "as_written": None if self.as_written is None else self.as_written.as_json(),
            "settled_by": list(self.settled_by),
            "without": [share.share for share in self.without],
            "quantities": [{"expr": text} | change.as_json() for text, change in self.quantities],
            "warnings": list(self.warnings),
            "argument": None
            if self.argument is None
            else dict(
                zip(READINGS, (one.as_json() for one in self.argument), strict=True),
            ),
        }


@dataclass(frozen=True)
class EventLikelihood:
    """An event, and how much the model expected it.

    probability  its probability given the periods before its own: at best, and over worlds weighed
                 by how likely they make these
    steps        the steps by which it came about, at the best estimates
    behind       the unknown with which worlds made it likelier; None where none goes with it
    """

    event: RecordedEvent
    probability: tuple[float | None, float | None]
    steps: tuple[EventStep, ...] = ()
    behind: UnknownBehind | None = None

    @property
    def unlikely_step(self) -> EventStep | None:
        """The least likely of its steps at the best estimates; None where there is but one."""
        there = [step for step in self.steps if step.probability < 1.0 - 1e-9]
        return min(there, key=lambda step: step.probability, default=None)

    @property
    def expected(self) -> float | None:
        """Over worlds if there are any, else at best."""
        return self.probability[0] if self.probability[1] is None else self.probability[1]

    def as_json(self) -> dict[str, Any]:
        """The event and its probability."""
        return self.event.as_json() | {
            "chance": {"best": self.probability[0], "worlds": self.probability[1]},
            "steps": [{"says": step.said, "chance": step.probability} for step in self.steps],
            "likelier_with": None
            if self.behind is None
            else {
                "unknown": self.behind.unknown,
                "direction": "higher" if self.behind.higher else "lower",
                "correlation": self.behind.correlation,
            },
        }


@dataclass(frozen=True)
class UnknownShift:
    """An unknown before and after the events.

    unknown  its name
    before   its mean over worlds
    after    the same, worlds weighted by how likely they made the events
    spread   its standard deviation over worlds, before
    """

    unknown: str
    before: float
    after: float
    spread: float

    @property
    def in_spreads(self) -> float:
        """By how many standard deviations the events have moved it."""
        return (self.after - self.before) / self.spread if self.spread > 0 else 0.0

    def as_json(self) -> dict[str, Any]:
        """An unknown as `update --json` prints it."""
        return {
            "unknown": self.unknown,
            "before": self.before,
            "after": self.after,
            "spreads": self.in_spreads,
        }

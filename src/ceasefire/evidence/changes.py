"""A claim, a belief, a condition and an event, before and after what has happened."""

from dataclasses import dataclass
from typing import Any

from ceasefire.evidence.events import RecordedEvent
from ceasefire.evidence.particle_filter import WeightedShare
from ceasefire.query.numerical_quality import finite_or_none


@dataclass(frozen=True)
class ValueChange:
    """A number at the start, and today in each version of what has happened.

    before  at the start: at best, and over worlds
    best    today at best, by version: all events, none (only time has passed), and, in `update`,
            all but each event in turn; None where it has no value
    means   the same over worlds, each weighed by the version's likelihood; empty without worlds
    error   standard error at best of the first version, None if nothing was sampled
    """

    before: tuple[float | None, float | None]
    best: tuple[float | None, ...]
    means: tuple[float | None, ...] = ()
    error: float | None = None

    @property
    def first(self) -> float | None:
        """At the start: over worlds if there are any, else at best."""
        return self.before[1] if self.means else self.before[0]

    @property
    def versions(self) -> tuple[float | None, ...]:
        """Today by version: over worlds if there are any, else at best."""
        return self.means or self.best

    def as_json(self) -> dict[str, Any]:
        """Before, after, time alone and without each event: at best, and over worlds."""
        best = _version_values(self.before[0], self.best) | {"error": self.error}
        return {
            "best": best,
            "worlds": _version_values(self.before[1], self.means) if self.means else None,
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
class ClaimChange:
    """A claim before and after.

    best     truth at the best estimates: before, after, and if only time had passed
    best_without  truth today at best, each event left out in turn
    before   share of worlds before; None without worlds
    after    share of the worlds' weight today
    alone    the same if only time had passed
    without  the share today, each event left out in turn
    """

    id: str
    says: str | None
    test: str
    best: tuple[bool | None, bool | None, bool | None]
    best_without: tuple[bool | None, ...]
    before: WeightedShare | None
    after: WeightedShare | None
    alone: WeightedShare | None
    without: tuple[WeightedShare, ...]
    quantities: tuple[tuple[str, ValueChange], ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """A claim as `update --json` prints it."""
        names = ("before", "after", "time_alone")
        shares = (self.before, self.after, self.alone)
        return {
            "id": self.id,
            "says": self.says,
            "test": self.test,
            "best": dict(zip(names, self.best, strict=True)) | {"without": list(self.best_without)},
            **{n: None if s is None else s.as_json() for n, s in zip(names, shares, strict=True)},
            "without": [share.share for share in self.without],
            "quantities": [{"expr": text} | change.as_json() for text, change in self.quantities],
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class EventLikelihood:
    """An event, and how much the model expected it.

    chance  its probability given the periods before its own: at best, and over worlds weighed by
            how likely they make these
    """

    fact: RecordedEvent
    chance: tuple[float | None, float | None]

    @property
    def expected(self) -> float | None:
        """Over worlds if there are any, else at best."""
        return self.chance[0] if self.chance[1] is None else self.chance[1]

    def as_json(self) -> dict[str, Any]:
        """The event and its probability."""
        return self.fact.as_json() | {"chance": {"best": self.chance[0], "worlds": self.chance[1]}}

"""What a store says of its worlds, read a batch at a time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from ceasefire.worlds.shares import Share
from ceasefire.worlds.store import Store


@dataclass(frozen=True)
class Span:
    """How a number comes out over worlds that have one: mean, lowest and highest."""

    worlds: int = 0
    mean: float | None = None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, float | int | None]:
        """The four numbers."""
        return {"n": self.worlds, "mean": self.mean, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Summary:
    """What worlds 1 to N say.

    done           how many of them are there
    tests          in which share of them each test is true
    numbers        how each question that is a number comes out
    failed         how many are impossible, and the first of these with the reason
    unresolved     how many have a decision that was left unresolved
    branched       how many met a branch point
    """

    done: int
    tests: dict[str, Share]
    numbers: dict[str, Span]
    failed: int = 0
    first_failure: tuple[int, str] | None = None
    unresolved: int = 0
    branched: int = 0


def summary(store: Store, worlds: int, tests: Sequence[str], numbers: Sequence[str]) -> Summary:
    """Count what a store holds of worlds 1 to `worlds`; memory does not grow with their number."""
    kept = ("world", "unresolved", "branch_points", "failed", *tests, *numbers)
    tally = _Tally(tuple(tests), tuple(numbers))
    for frame in store.read(kept, worlds):
        tally.add(frame)
    return tally.summary()


@dataclass
class _Tally:
    """Running totals; of a number: how many have it, their sum, the lowest and the highest."""

    tests: tuple[str, ...]
    numbers: tuple[str, ...]
    done: int = 0
    failed: int = 0
    first: tuple[int, str] | None = None
    unresolved: int = 0
    branched: int = 0
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    spans: dict[str, tuple[int, float, float, float]] = field(default_factory=dict)

    def add(self, frame: pl.DataFrame) -> None:
        self.done += len(frame)
        self.failed += int(frame["failed"].count())
        if self.first is None and self.failed:
            number, why = frame.drop_nulls("failed").select("world", "failed").row(0)
            self.first = (number, why)
        self.unresolved += int((frame["unresolved"] > 0).sum())
        self.branched += int((frame["branch_points"] > 0).sum())
        for name in self.tests:
            true, known = self.counts.get(name, (0, 0))
            self.counts[name] = (true + int(frame[name].sum()), known + int(frame[name].count()))
        for name in self.numbers:
            values = frame[name].drop_nulls()
            count, total, low, high = self.spans.get(name, (0, 0.0, math.inf, -math.inf))
            if len(values):
                low, high = min(low, *values), max(high, *values)
            self.spans[name] = (count + len(values), total + float(values.sum()), low, high)

    def summary(self) -> Summary:
        tests, numbers = {}, {}
        for name in self.tests:
            true, known = self.counts.get(name, (0, 0))
            tests[name] = Share(true, known, self.done - known)
        for name in self.numbers:
            count, total, low, high = self.spans.get(name, (0, 0.0, 0.0, 0.0))
            numbers[name] = Span(count, total / count, low, high) if count else Span()
        return Summary(
            self.done, tests, numbers, self.failed, self.first, self.unresolved, self.branched
        )

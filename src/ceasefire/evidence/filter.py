"""From events to where things may stand: one solved game run through what has happened.

The mass of a point is the probability of getting there and of every event on the way, the
analyst's prior over types included; types themselves are not drawn. Given what is public, the
parties' types are independent of each other and of everything else, and the record says all that
is known of each, so that carrying records integrates types out exactly.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ceasefire.evidence.facts import Fact, by_period
from ceasefire.evidence.marking import marks
from ceasefire.solve import Marks, Play, Points, onward, start_point


@dataclass(frozen=True, eq=False)
class Filtered:
    """One run through the events.

    points      where things may stand today; masses sum to 1 unless the events are impossible
    stages      the same at the beginning of every period before today
    logs        logarithm of the probability of each period's events, given those before
    exact       whether no point was left out
    """

    points: Points
    stages: tuple[Points, ...]
    logs: tuple[float, ...]
    exact: bool

    @property
    def likelihood(self) -> float:
        """Logarithm of the probability of all events, minus infinity if they are impossible."""
        return sum(self.logs)


class Filter:
    """Runs through the events of one solved game.

    today      the period that begins now
    particles  how many points are kept at most
    """

    def __init__(self, play: Play, today: int, particles: int, seed: int) -> None:
        self.play, self.today, self.particles, self.seed = play, today, particles, seed

    def run(
        self,
        facts: tuple[Fact, ...],
        *,
        turn: int = 0,
        after: Filtered | None = None,
        until: int = 0,
    ) -> Filtered:
        """Run through some facts; `after` is a run with the same facts before period `until`."""
        rng = np.random.default_rng([self.seed, turn])
        known = by_period(facts)
        points = start_point(self.play, self.play.game.index({}))
        stages: list[Points] = []
        logs: list[float] = []
        exact = True
        if after is not None:
            stages, logs, exact = list(after.stages[:until]), list(after.logs[:until]), after.exact
            points = after.stages[until] if until < self.today else after.points
        for period in range(len(stages), self.today):
            stages.append(points)
            points, whole = self._turn(period, points, known.get(period, ()), rng)
            exact = exact and whole
            total = points.total
            logs.append(math.log(total) if total > 0 else -math.inf)
            points = points.scaled(1.0 / total) if total > 0 else points
        return Filtered(points, tuple(stages), tuple(logs), exact)

    def _turn(
        self, period: int, points: Points, facts: Sequence[Fact], rng: np.random.Generator
    ) -> tuple[Points, bool]:
        known: Marks | None = marks(self.play.game, period, facts) if facts else None
        return onward(self.play, period, points, known, most=self.particles, rng=rng)

    def chance(self, fact: Fact, run: Filtered) -> float | None:
        """Probability of one event given all of the periods before its own; None if these fail."""
        if not all(math.isfinite(log) for log in run.logs[: fact.period]):
            return None
        rng = np.random.default_rng([self.seed, 0])
        points, _ = self._turn(fact.period, run.stages[fact.period], [fact], rng)
        return points.total


def together(runs: Sequence[Filtered]) -> tuple[Points, float, float | None]:
    """Several independent runs as one: points, log likelihood, its standard error if sampled."""
    logs = np.array([run.likelihood for run in runs])
    top = float(logs.max())
    if not math.isfinite(top):
        return runs[0].points, -math.inf, None
    likely = np.exp(logs - top)
    mean = float(likely.mean())
    parts = [
        run.points.scaled(float(w) / likely.sum()) for run, w in zip(runs, likely, strict=True)
    ]
    points = Points(
        np.concatenate([part.states for part in parts]),
        np.concatenate([part.records for part in parts]),
        np.concatenate([part.mass for part in parts]),
    )
    error = None
    if not all(run.exact for run in runs):
        error = (
            float(likely.std(ddof=1) / math.sqrt(len(runs)) / mean) if len(runs) > 1 else math.nan
        )
    return points, top + math.log(mean), error


def beliefs(play: Play, points: Points) -> Mapping[tuple[str, str], float]:
    """What each observer, and the analyst, is expected to believe of each party's first type."""
    observers = ["analyst", *play.game.parties]
    return {
        (observer, party): float(
            points.mass @ np.asarray(play.belief(observer, party, tuple(points.records.T)))
        )
        for party in play.hidden
        for observer in observers
        if observer != party
    }

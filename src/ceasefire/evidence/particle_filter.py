"""From events to where things may stand: one solved game run through what has happened.

The mass of a point is the probability of getting there and of every event on the way, the
analyst's prior over types included; types themselves are not drawn. Given what is public, the
parties' types are independent of each other and of everything else, and the record says all that
is known of each, so that carrying records integrates types out exactly.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.ensemble import verdict_of_share, wilson_interval
from ceasefire.equilibrium import (
    BranchConstraints,
    Equilibrium,
    ParticleSet,
    initial_particle,
    merge_equal_particles,
    propagate_particles,
)
from ceasefire.evidence.events import RecordedEvent, group_events_by_period, mark_graph_with_events
from ceasefire.evidence.formula_memory import FormulaMemory
from ceasefire.stopping import interruptible


@dataclass(frozen=True, eq=False)
class FilterRun:
    """One run through the events.

    points                    where things may stand today; masses sum to 1 unless the events are
                              impossible
    period_points             the same at the beginning of every period before today
    period_log_probabilities  logarithm of the probability of each period's events, given those
                              before
    is_exact                  whether no point was left out
    """

    points: ParticleSet
    period_points: tuple[ParticleSet, ...]
    period_log_probabilities: tuple[float, ...]
    is_exact: bool

    @property
    def log_likelihood(self) -> float:
        """Logarithm of the probability of all events, minus infinity if they are impossible."""
        return sum(self.period_log_probabilities)


class ParticleFilter:
    """Runs through the events of one solved game.

    today      the period that begins now
    particles  how many points are kept at most
    memory     what is remembered of the way, nothing by default
    """

    def __init__(
        self,
        equilibrium: Equilibrium,
        today: int,
        particles: int,
        seed: int,
        memory: FormulaMemory | None = None,
    ) -> None:
        self.equilibrium, self.today = equilibrium, today
        self.particles, self.seed, self.memory = particles, seed, memory

    @interruptible
    def run(
        self,
        events: tuple[RecordedEvent, ...],
        *,
        run_number: int = 0,
        shared_run: FilterRun | None = None,
        shared_periods: int = 0,
    ) -> FilterRun:
        """Run through events; `shared_run` had the same ones before period `shared_periods`."""
        rng = np.random.default_rng([self.seed, run_number])
        known = group_events_by_period(events)
        points = initial_particle(self.equilibrium, self.equilibrium.game.start_state({}))
        if self.memory is not None:
            points = self.memory.at_start(points)
        stages: list[ParticleSet] = []
        logs: list[float] = []
        exact = True
        if shared_run is not None:
            stages, logs, exact = (
                list(shared_run.period_points[:shared_periods]),
                list(shared_run.period_log_probabilities[:shared_periods]),
                shared_run.is_exact,
            )
            points = (
                shared_run.period_points[shared_periods]
                if shared_periods < self.today
                else shared_run.points
            )
        for period in range(len(stages), self.today):
            stages.append(points)
            points, whole = self._advance(period, points, known.get(period, ()), rng, self.memory)
            exact = exact and whole
            total = points.total_mass
            logs.append(math.log(total) if total > 0 else -math.inf)
            points = points.scaled(1.0 / total) if total > 0 else points
        return FilterRun(points, tuple(stages), tuple(logs), exact)

    def _advance(
        self,
        period: int,
        points: ParticleSet,
        events: Sequence[RecordedEvent],
        rng: np.random.Generator,
        memory: FormulaMemory | None = None,
    ) -> tuple[ParticleSet, bool]:
        known: BranchConstraints | None = (
            mark_graph_with_events(self.equilibrium.game, period, events) if events else None
        )
        if memory is not None:
            memory.begin_period(period)
        after, exact = propagate_particles(
            self.equilibrium, period, points, known,
            max_particles=self.particles, rng=rng, memory=memory,
        )  # fmt: skip
        if memory is not None:
            after = merge_equal_particles(memory.after_period(after))
        return after, exact

    def probability_of(self, constraints: BranchConstraints, period: int, run: FilterRun) -> float:
        """Probability of what is laid on one period, given the events of those before it.

        constraints  what is taken to be known of the period
        period       the period
        run          a run through all events before it
        """
        rng = np.random.default_rng([self.seed, 0])
        after, _ = propagate_particles(
            self.equilibrium, period, run.period_points[period], constraints,
            max_particles=self.particles, rng=rng,
        )  # fmt: skip
        return after.total_mass

    def event_probability(self, recorded_event: RecordedEvent, run: FilterRun) -> float | None:
        """Probability of one event given all of the periods before its own; None if these fail.

        recorded_event  the event
        run             a run through all events before its period
        """
        if not all(
            math.isfinite(log) for log in run.period_log_probabilities[: recorded_event.period]
        ):
            return None
        rng = np.random.default_rng([self.seed, 0])
        points, _ = self._advance(
            recorded_event.period, run.period_points[recorded_event.period], [recorded_event], rng
        )
        return points.total_mass


def merge_filter_runs(runs: Sequence[FilterRun]) -> tuple[ParticleSet, float, float | None]:
    """Several independent runs as one: points, log likelihood, its standard error if sampled."""
    logs = np.array([run.log_likelihood for run in runs])
    top = float(logs.max())
    if not math.isfinite(top):
        return runs[0].points, -math.inf, None
    likely = np.exp(logs - top)
    mean = float(likely.mean())
    parts = [
        run.points.scaled(float(w) / likely.sum()) for run, w in zip(runs, likely, strict=True)
    ]
    points = ParticleSet(
        np.concatenate([part.states for part in parts]),
        np.concatenate([part.records for part in parts]),
        np.concatenate([part.mass for part in parts]),
        np.concatenate([part.memory for part in parts]),
    )
    error = None
    if not all(run.is_exact for run in runs):
        error = (
            float(likely.std(ddof=1) / math.sqrt(len(runs)) / mean) if len(runs) > 1 else math.nan
        )
    return points, top + math.log(mean), error


def expected_beliefs(
    equilibrium: Equilibrium, points: ParticleSet
) -> Mapping[tuple[str, str, str], float]:
    """What each observer, and the analyst, is expected to believe of each party's types.

    Of two types the first; of more all.

    equilibrium  how the parties play
    points       what may be the case, with weights
    """
    case, observers = equilibrium.game.case, ["analyst", *equilibrium.game.parties]
    found = {}
    for party in equilibrium.parties_with_types:
        types = list(case.parties[party].types)
        for observer in observers:
            if observer != "analyst" and case.party_known_to(observer) == party:
                continue
            believed = equilibrium.beliefs(observer, party, tuple(points.records.T))
            for kind, each in zip(types[: 1 if len(types) == 2 else None], believed, strict=False):
                found[observer, party, kind] = float(points.mass @ np.asarray(each))
    return found


Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WeightedShare:
    """The share of the weight of all worlds in which a test is true.

    effective_worlds  effective number of the worlds that have an answer
    failed            worlds without one
    """

    share: float | None
    effective_worlds: float
    failed: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, as if from `effective_worlds` worlds."""
        return wilson_interval((self.share or 0.0) * self.effective_worlds, self.effective_worlds)

    @property
    def verdict(self) -> str | None:
        """What the share is called, None if no world has an answer."""
        return None if self.share is None else verdict_of_share(self.share)

    def as_json(self) -> dict[str, Any]:
        """Share, interval and verdict."""
        known = self.share is not None
        return {
            "share": self.share,
            "interval": list(self.interval) if known else None,
            "verdict": self.verdict,
        }


def likelihood_weights(logs: Sequence[float]) -> Floats:
    """Weights that sum to 1 from logarithms of likelihoods; all 0 if every one is impossible.

    logs  one logarithm for each world

    >>> likelihood_weights([0.0, -math.inf, 0.0]).tolist()
    [0.5, 0.0, 0.5]
    """
    log_likelihoods = np.array(logs, dtype=np.float64)
    if not len(log_likelihoods) or not np.isfinite(log_likelihoods.max()):
        return np.zeros(len(log_likelihoods))
    likely = np.exp(log_likelihoods - log_likelihoods.max())
    weights: Floats = likely / likely.sum()
    return weights


def effective_sample_size(weights: Floats) -> float:
    """How many equally heavy worlds these are worth.

    weights  (W,) weights that sum to 1

    >>> effective_sample_size(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def weighted_share(truths: Sequence[bool | None], weights: Floats) -> WeightedShare:
    """The weighted share of worlds in which a test is true; None is a world without an answer.

    truths   whether the test is true in each world
    weights  (W,) weights of the worlds

    >>> weighted_share([True, False, None], np.array([0.25, 0.25, 0.5]))
    WeightedShare(share=0.5, effective_worlds=2.0, failed=1)
    """
    known = np.array([truth is not None for truth in truths], dtype=np.bool_)
    true = np.array([bool(truth) for truth in truths], dtype=np.float64)
    there = weights * known
    total = float(there.sum())
    failed = int((~known).sum())
    if not total > 0:
        return WeightedShare(None, 0.0, failed)
    return WeightedShare(
        min(1.0, float(there @ true) / total), effective_sample_size(there), failed
    )


def weighted_mean(values: Sequence[float | None], weights: Floats) -> float | None:
    """The weighted mean of a number over the worlds that have it.

    values   the number in each world, None without one
    weights  (W,) weights of the worlds
    """
    known = np.array([value is not None and math.isfinite(value) for value in values], dtype=bool)
    there = weights * known
    if not there.sum() > 0:
        return None
    numbers = np.array([value if ok else 0.0 for value, ok in zip(values, known, strict=True)])
    return float(there @ numbers.astype(np.float64) / there.sum())


def log_marginal_likelihood(
    logs: Sequence[float], errors: Sequence[float | None] = ()
) -> tuple[float, float | None]:
    """Logarithm of the mean likelihood over worlds, and its standard error.

    logs    logarithm of the likelihood of the events in each world
    errors  relative standard error of each likelihood where it was sampled

    The error is that of a mean over worlds drawn independently, to which the sampling within
    worlds adds; Latin blocks are usually nearer than that. None for fewer than two worlds.

    >>> log, error = log_marginal_likelihood([math.log(0.1), math.log(0.3)])
    >>> round(math.exp(log), 3), round(error, 3)
    (0.2, 0.5)
    """
    log_likelihoods = np.array(logs, dtype=np.float64)
    if not len(log_likelihoods) or not np.isfinite(log_likelihoods.max()):
        return -math.inf, None
    likely = np.exp(log_likelihoods - log_likelihoods.max())
    average = float(likely.mean())
    log = float(log_likelihoods.max()) + math.log(average)
    if len(log_likelihoods) < 2:
        return log, None
    sampled = np.array([error or 0.0 for error in errors] or [0.0] * len(log_likelihoods))
    within = float(((sampled * likely) ** 2).sum()) / len(log_likelihoods) ** 2
    between = float(likely.var(ddof=1)) / len(log_likelihoods)
    return log, math.sqrt(between + within) / average

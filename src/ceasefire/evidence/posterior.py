"""Claims asked from where things may stand today, in one world at a time.

Today is the beginning of the period after that of the last event.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ceasefire.case import Case
from ceasefire.ensemble import RunStats, World, draw_worlds
from ceasefire.ensemble.run import JobProgressCallback, run_jobs
from ceasefire.equilibrium import Equilibrium, ParticleSet, initial_particle, solve
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import ValueChange
from ceasefire.evidence.events import RecordedEvent
from ceasefire.evidence.particle_filter import (
    FilterRun,
    ParticleFilter,
    WeightedShare,
    expected_beliefs,
    likelihood_weights,
    log_marginal_likelihood,
    merge_filter_runs,
    weighted_mean,
    weighted_share,
)
from ceasefire.evidence.remaining_case import (
    clip_question_to_horizon,
    start_from_state,
    truncate_case,
)
from ceasefire.game import Game, build
from ceasefire.query import NumericalQuality, QueryPlan, Question, WorldResult, plan_questions
from ceasefire.query.ast import Quantity
from ceasefire.query.evaluator import MixtureEvaluator, QuantityValue, StateDistribution

EventVersion = tuple[RecordedEvent, ...]
DEFAULT_PARTICLES = 2000


class PosteriorSettings(NamedTuple):
    """How an inquiry is made once: in which world, how finely, how long, how often sampled.

    world     the unknowns that differ from best, None for world 0
    halvings  how often the belief grid is refined
    longer    whether the tail grows by the periods that are left
    runs      how many independent runs there are where points must be sampled
    """

    world: World | None = None
    halvings: int = 0
    longer: bool = False
    runs: int = 2


@dataclass(frozen=True)
class WorldPosterior:
    """What one world says; a version is a set of events that is taken to have happened.

    before    claims at the start; None if they were not asked
    after     claims asked today, by version; empty if no period is left
    logs      log likelihood of each version's events
    error     relative standard error of the first version's likelihood, None if exact
    periods   log probability of the first version's events of each period, given those before
    chances   of each event of the first version: its probability given the periods before its
              own, and the log likelihood of these
    prior     belief at the start, by observer and party, in the party's first type
    believed  expected belief today by version, observer and party in the party's first type
    holds     probability of each condition at the start, then by version
    points    how many points the first version ends with
    spread    claims asked today in each run through the first version, at best if sampled
    """

    before: WorldResult | None
    after: tuple[WorldResult, ...]
    logs: tuple[float, ...]
    error: float | None
    periods: tuple[float, ...]
    chances: tuple[tuple[float | None, float], ...]
    prior: Mapping[tuple[str, str], float]
    believed: tuple[Mapping[tuple[str, str], float], ...]
    holds: tuple[tuple[float, ...], ...]
    points: int
    spread: tuple[WorldResult, ...] = ()

    def truth(self, number: int, version: int) -> bool | None:
        """Whether a test is true today; None where it has no answer or the events cannot be."""
        sheet = self._sheet(version)
        return None if sheet is None else sheet.truth(number)

    def value(self, number: int, place: int, version: int) -> float | None:
        """A quantity of a question today, likewise."""
        sheet = self._sheet(version)
        return None if sheet is None else sheet.readings[number][place].value

    def _sheet(self, version: int) -> WorldResult | None:
        return self.after[version] if self.after and math.isfinite(self.logs[version]) else None

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled."""
        return self.error is None

    @property
    def unresolved(self) -> int:
        """Decisions whose fixed point was not found, in all that was solved."""
        return sum(sheet.unresolved for sheet in self._sheets())

    @property
    def branch_points(self) -> int:
        """Branch points met, in all that was solved."""
        return sum(sheet.branch_points for sheet in self._sheets())

    def _sheets(self) -> list[WorldResult]:
        return [sheet for sheet in (self.before, *self.after[:1]) if sheet is not None]


@dataclass
class PosteriorQuery:
    """A case, what has happened in some versions, and the questions asked before and today."""

    before: QueryPlan
    later: QueryPlan | None
    versions: tuple[EventVersion, ...]
    today: int
    told: tuple[tuple[str, ...], ...]
    particles: int
    seed: int
    ask_before: bool = True
    _games: dict[int, Game] = field(default_factory=dict, repr=False)

    def __call__(self, look: PosteriorSettings) -> WorldPosterior:
        """Make the inquiry once."""
        play = self._solved(look)
        filters = ParticleFilter(play, self.today, self.particles, self.seed)
        runs: list[list[FilterRun]] = []
        for version in self.versions:
            runs.append(self._runs(filters, version, runs[0] if runs else [], look.runs))
        joined = [merge_filter_runs(several) for several in runs]
        first = runs[0]
        versions = [points for points, *_ in joined]
        alone = [run.points for run in first] if look.world is None and len(first) > 1 else []
        sheets = self._asked(self.later, look, play, [*versions, *alone])
        start = initial_particle(play, play.game.index({}))
        before = self._asked(self.before, look, play, [start]) if self.ask_before else ()
        return WorldPosterior(
            before=before[0] if before else None,
            after=sheets[: len(versions)],
            logs=tuple(log for _, log, _ in joined),
            error=joined[0][2],
            periods=tuple(np.mean([run.logs for run in first], axis=0).tolist()),
            chances=tuple(self._chance(filters, fact, first) for fact in self.versions[0]),
            prior=expected_beliefs(play, start),
            believed=tuple(expected_beliefs(play, points) for points, *_ in joined),
            holds=self._holds(play, versions),
            points=len(joined[0][0]),
            spread=sheets[len(versions) :],
        )

    def _solved(self, look: PosteriorSettings) -> Equilibrium:
        return solve(
            self.game(longer=look.longer),
            look.world,
            grid=self.before.nodes,
            halvings=look.halvings,
            memory=self.before.memory,
        )

    def game(self, longer: bool = False) -> Game:
        """The case as a game, with nothing left out; built when first needed."""
        case = self.before.case
        tail = case.tail + (max(0, case.horizon - self.today) if longer else 0)
        if tail not in self._games:
            self._games[tail] = build(case, tail=tail, memory=self.before.memory)
        return self._games[tail]

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the games."""
        return {**self.__dict__, "_games": {}}

    def _runs(
        self, filters: ParticleFilter, version: EventVersion, base: list[FilterRun], count: int
    ) -> list[FilterRun]:
        """Independent runs through a version, one if it is exact; they share those of the first."""
        runs: list[FilterRun] = []
        until = _shared_periods(version, self.versions[0], self.today)
        for turn in range(count):
            after = base[min(turn, len(base) - 1)] if base else None
            runs.append(filters.run(version, turn=turn, after=after, until=until))
            if runs[0].exact:
                break
        return runs

    def _chance(
        self, filters: ParticleFilter, fact: RecordedEvent, runs: Sequence[FilterRun]
    ) -> tuple[float | None, float]:
        found = [filters.chance(fact, run) for run in runs]
        known = [chance for chance in found if chance is not None]
        before = float(np.mean([sum(run.logs[: fact.period]) for run in runs]))
        return (float(np.mean(known)) if known else None), before

    def _asked(
        self,
        prepared: QueryPlan | None,
        look: PosteriorSettings,
        play: Equilibrium,
        versions: Sequence[ParticleSet],
    ) -> tuple[WorldResult, ...]:
        """Prepared questions asked in each version."""
        if prepared is None or not any(len(points) for points in versions):
            return ()
        standing = _joint_distribution(play, versions)
        oracles = prepared.oracles(look.world, halvings=look.halvings, longer=look.longer)
        lookers = {key: MixtureEvaluator(oracle, standing) for key, oracle in oracles.items()}
        answers: dict[Quantity, list[QuantityValue]] = {
            quantity: lookers[key].read(quantity)
            for quantity, key in prepared.asked(look.longer).items()
        }
        sheets = [
            prepared.sheet({q: found[v] for q, found in answers.items()}, oracles)
            for v in range(len(versions))
        ]
        if look.halvings:
            asked = prepared.asked()

            def bound(quantity: Quantity, reading: QuantityValue) -> float:
                return lookers[asked[quantity]].bound(quantity, reading, 0)

            sheets[0] = prepared.bounded(sheets[0], bound)
        return tuple(sheets)

    def _holds(
        self, play: Equilibrium, versions: Sequence[ParticleSet]
    ) -> tuple[tuple[float, ...], ...]:
        game = play.game
        truths = [
            game.evaluate(condition, dict(play.world)) != 0
            for condition in game.case.conditions.values()
        ]
        start = game.index({})
        rows = [tuple(float(truth[start]) for truth in truths)]
        rows += [
            tuple(float(points.mass @ truth[points.states]) for truth in truths)
            for points in versions
        ]
        return tuple(rows)


def _shared_periods(version: EventVersion, first: EventVersion, today: int) -> int:
    """How many periods two versions have in common from the start."""
    apart = {fact.period for fact in (*version, *first) if (fact in version) != (fact in first)}
    return min(apart, default=today)


def _joint_distribution(play: Equilibrium, versions: Sequence[ParticleSet]) -> StateDistribution:
    """All versions over one list of points, each point once."""
    states = np.concatenate([points.states for points in versions])
    records = np.concatenate([points.records for points in versions])
    keys = np.column_stack([states, np.round(records / 1e-9).astype(np.int64)])
    _, where, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    weights = np.zeros((len(versions), len(where)))
    begin = 0
    for v, points in enumerate(versions):
        np.add.at(weights[v], back.reshape(-1)[begin : begin + len(points)], points.mass)
        begin += len(points)
    return StateDistribution(play.game.table, states[where], records[where], weights)


def prepare_posterior_query(
    case: Case,
    questions: Sequence[Question],
    versions: Sequence[EventVersion],
    today: int,
    *,
    particles: int,
    seed: int,
    grid: int | None = None,
    memory: float = 4e9,
    ask_before: bool = True,
) -> PosteriorQuery:
    """Make ready to ask questions at the start and today."""
    before = plan_questions(case, questions, grid=grid, memory=memory)
    left = case.horizon - today
    made = PosteriorQuery(
        before, None, tuple(versions), today, ((),) * len(questions), particles, seed, ask_before
    )
    if left < 1:
        return made
    game = made.game()
    stands = [start_from_state(game, int(state)) for state in game.reached[today]]
    rest = truncate_case(case, today)
    short = [clip_question_to_horizon(question, left) for question in questions]
    later = plan_questions(
        rest, [q for q, _ in short], grid=before.nodes, memory=memory, stands=stands
    )
    return replace(made, later=later, told=tuple(said for _, said in short))


FILTER_RUNS_AT_BEST = 8
AT_BEST_LABEL, FINER_GRID_LABEL, LONGER_TAIL_LABEL = (
    "at best",
    "with a finer grid",
    "with a longer tail",
)

PriorValue = Callable[[WorldPosterior], float | None]
VersionValue = Callable[[WorldPosterior, int], float | None]


@dataclass(frozen=True)
class PosteriorRun:
    """What an inquiry found: at best, finer, with a longer tail, and in each world."""

    best: WorldPosterior
    finer: WorldPosterior | None
    longer: WorldPosterior | None
    worlds: tuple[WorldPosterior, ...]
    ran: RunStats | None
    lost: tuple[str, ...]


def run_posterior_query(
    made: PosteriorQuery,
    case: Case,
    worlds: int,
    seed: int,
    *,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> PosteriorRun:
    """Make an inquiry at best, then finer and longer, and in worlds, on all cores."""
    points = draw_worlds(case, worlds, seed)
    jobs: dict[str | int, PosteriorSettings] = {
        AT_BEST_LABEL: PosteriorSettings(runs=FILTER_RUNS_AT_BEST),
        LONGER_TAIL_LABEL: PosteriorSettings(longer=True),
    }
    if any(party.types for party in case.parties.values()):
        jobs[FINER_GRID_LABEL] = PosteriorSettings(halvings=1)
    jobs |= {number: PosteriorSettings(points[number]) for number in points.numbers}
    done = run_jobs(made, jobs, workers, progress)
    if AT_BEST_LABEL not in done.answers:
        why = done.failed.get(AT_BEST_LABEL)
        if why is None:
            raise KeyboardInterrupt
        raise CaseError([Problem(f"at the best estimates: {why}", case.file or None)])
    told = {key: answer for key, answer in done.answers.items() if isinstance(key, int)}
    failed = {key: why for key, why in done.failed.items() if isinstance(key, int)}
    ran = RunStats(
        seed=seed,
        wanted=worlds,
        done=len(told) + len(failed),
        failed=failed,
        unresolved=sum(each.unresolved > 0 for each in told.values()),
        branched=sum(each.branch_points > 0 for each in told.values()),
        interrupted=done.interrupted,
    )
    return PosteriorRun(
        best=done.answers[AT_BEST_LABEL],
        finer=done.answers.get(FINER_GRID_LABEL),
        longer=done.answers.get(LONGER_TAIL_LABEL),
        worlds=tuple(told.values()),
        ran=ran if worlds else None,
        lost=tuple(f"{key}: {why}" for key, why in done.failed.items() if isinstance(key, str)),
    )


class WorldWeighting:
    """Puts the worlds of an inquiry together, each version's by their likelihoods."""

    def __init__(self, found: PosteriorRun) -> None:
        self.best, self.worlds = found.best, found.worlds
        self.even = np.full(len(self.worlds), 1.0 / max(1, len(self.worlds)))
        self.weights = [
            likelihood_weights([told.logs[v] for told in self.worlds])
            for v in range(len(self.best.logs))
        ]

    def change(
        self, before: PriorValue, after: VersionValue, error: float | None = None
    ) -> ValueChange:
        """A number of which `before(told)` and `after(told, version)` give the values."""
        count = range(len(self.best.logs))
        best = tuple(after(self.best, v) for v in count)
        if not self.worlds:
            return ValueChange((before(self.best), None), best, (), error)
        means = tuple(
            weighted_mean([after(told, v) for told in self.worlds], self.weights[v]) for v in count
        )
        first = weighted_mean([before(told) for told in self.worlds], self.even)
        return ValueChange((before(self.best), first), best, means, error)

    def share(self, number: int, version: int) -> WeightedShare | None:
        """The weighed share of worlds in which a test is true today; None without worlds."""
        if not self.worlds:
            return None
        truths = [told.truth(number, version) for told in self.worlds]
        return weighted_share(truths, self.weights[version])

    def standing(self, number: int, version: int) -> WeightedShare:
        """The same, or 1 or 0 by its truth at best where there are no worlds."""
        share = self.share(number, version)
        return share or weighted_share([self.best.truth(number, version)], np.ones(1))

    def ratio(self, version: int, given: int) -> tuple[float, float | None]:
        """How likely one version is given another that it adds to: at best, and over worlds."""
        logs = [[told.logs[v] for told in self.worlds] for v in (version, given)]
        over = None
        if self.worlds:
            one, other = (log_marginal_likelihood(each)[0] for each in logs)
            over = min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0
        one, other = (self.best.logs[v] for v in (version, given))
        return min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0, over


def belief_changes(case: Case, weigher: WorldWeighting) -> dict[tuple[str, str, str], ValueChange]:
    """What every observer believes of every party's first type, before and after."""
    found = {}
    for observer, party in weigher.best.believed[0]:
        kinds = list(case.parties[party].types)

        def after(
            told: WorldPosterior, version: int, key: tuple[str, str] = (observer, party)
        ) -> float:
            return told.believed[version][key]

        def before(told: WorldPosterior, key: tuple[str, str] = (observer, party)) -> float:
            return told.prior[key]

        found[observer, party, kinds[0]] = weigher.change(before, after)
    return found


def condition_changes(case: Case, weigher: WorldWeighting) -> dict[str, ValueChange]:
    """The probability of every condition, before and after."""
    found = {}
    for n, name in enumerate(case.conditions):

        def after(told: WorldPosterior, version: int, n: int = n) -> float:
            return told.holds[version + 1][n]

        def before(told: WorldPosterior, n: int = n) -> float:
            return told.holds[0][n]

        found[name] = weigher.change(before, after)
    return found


def posterior_numerics(found: PosteriorRun) -> NumericalQuality:
    """The certificate of what is reported at best, before and after."""
    best = found.best
    sheets = [sheet for sheet in (best.before, *best.after[:1]) if sheet is not None]
    hidden = any(sheet.grid is not None for sheet in sheets)
    return NumericalQuality(
        grid=next((sheet.grid for sheet in sheets if sheet.grid is not None), None),
        grid_change=_largest_change(best, found.finer) if hidden else 0.0,
        horizon_change=_largest_change(best, found.longer),
        residual=max((sheet.residual for sheet in sheets), default=0.0),
        unresolved=best.unresolved,
        branch_points=best.branch_points,
    )


def _largest_change(one: WorldPosterior, other: WorldPosterior | None) -> float | None:
    """The largest change of any number reported at best, or what rounding may do to one."""
    if other is None:
        return None
    found = [0.0]
    pairs = [(one.before, other.before), *zip(one.after[:1], other.after[:1], strict=True)]
    for first, second in pairs:
        if first is None or second is None:
            continue
        for a, b in zip(first.readings, second.readings, strict=True):
            for x, y in zip(a, b, strict=True):
                if x.value is not None and y.value is not None:
                    found.append(abs(x.value - y.value) / x.scale)
        found += [by for each in second.rounding for by in each]
    found += [abs(one.believed[0][key] - other.believed[0][key]) for key in one.believed[0]]
    found += [abs(a - b) for a, b in zip(one.holds[1], other.holds[1], strict=True)]
    return max(found)

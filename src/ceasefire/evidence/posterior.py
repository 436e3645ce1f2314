"""Claims asked from where things may stand today, in one world at a time.

Today is the beginning of the period after that of the last event.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ceasefire.case import Case, Coding, describe_coding, refuse_other_periods
from ceasefire.ensemble import RunStats, World, draw_worlds
from ceasefire.ensemble.run import (
    COARSER_GRID_LABELS,
    FINER_GRID_LABEL,
    LONGER_TAIL_LABEL,
    ONE_PERIOD_MORE_LABEL,
    SHIFTED_REPLY_LABELS,
    JobProgressCallback,
    run_jobs,
)
from ceasefire.equilibrium import Equilibrium, ParticleSet, initial_particle, solve
from ceasefire.errors import CaseError, Problem
from ceasefire.evidence.changes import STILL_CHECKED, ValueChange
from ceasefire.evidence.events import RecordedEvent
from ceasefire.evidence.formula_memory import FormulaMemory
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
    question_from_today,
    start_from_state,
    truncate_case,
)
from ceasefire.evidence.remembered_answers import (
    RememberedPoints,
    type_weights,
    value_with_types_weighed,
)
from ceasefire.evidence.surprise import EventStep, steps_of_event
from ceasefire.evidence.watching import absence_by_period
from ceasefire.game import Game, build
from ceasefire.query import NumericalQuality, QueryPlan, Question, WorldResult, plan_questions
from ceasefire.query.ast import Quantity, StartOverrides, evaluate_question
from ceasefire.query.evaluator import Evaluator, QuantityValue
from ceasefire.query.grid_refinement import (
    REPLY_SHIFTS,
    coarser_halvings,
    extrapolated_error,
    with_fine_enough_grid,
)
from ceasefire.query.numerical_quality import extra_tails, merge_doubts
from ceasefire.query.plan import AS_AT_BEST, ReadSettings, SolutionKey, coding_of
from ceasefire.query.state_distribution import StateDistribution
from ceasefire.settings import DEFAULT_SETTINGS, SolveSettings

EventVersion = tuple[RecordedEvent, ...]
DEFAULT_PARTICLES = 2000
RECORD_TOLERANCE = 1e-9


class PosteriorSettings(NamedTuple):
    """How an inquiry is made once: in which world, how finely, how long, how often sampled.

    world        the unknowns that differ from best, None for world 0
    halvings     how often the belief grid is refined
    extra_tail   by how many periods the tail grows, at most by those that are left
    filter_runs  how many independent runs there are where points must be sampled
    reply_shift  1 or -1 where steep replies are those at the next grid point, as in `solve`
    """

    world: World | None = None
    halvings: int = 0
    extra_tail: int = 0
    filter_runs: int = 2
    reply_shift: int = 0


@dataclass(frozen=True)
class WorldPosterior:
    """What one world says; a version is a set of events that is taken to have happened.

    prior_results             claims at the start; None if they were not asked
    weighed_results           claims at the start, types as likely as the first version's events
                              make them; None if they were not asked
    event_steps               of each event of the first version: the steps by which it came about;
                              empty but at the best estimates
    settled_by_version        of each version and question: whether nothing can change it any more
    absences                  of each event that is watched, at the best estimates: how likely it is
                              not to have come after 1, 2, … periods
    decided_since             of each question and quantity: after how many periods of the first
                              version it could no longer change, None if it can
    results_by_version        claims asked today, by version; empty if no period is left
    log_likelihoods           log likelihood of each version's events
    likelihood_error          relative standard error of the first version's likelihood, None if
                              exact
    period_log_probabilities  log probability of the first version's events of each period, given
                              those before
    event_probabilities       of each event of the first version: its probability given the periods
                              before its own, and the log likelihood of these
    prior_beliefs             belief at the start by observer, party and type: of two the first
    beliefs_by_version        expected belief today by version, and by the same
    condition_probabilities   probability of each condition at the start, then by version; the mean
                              of one that is a number
    point_count               how many points the first version ends with
    results_by_run            claims asked today in each run through the first version, at the best
                              estimates if sampled
    """

    prior_results: WorldResult | None
    results_by_version: tuple[WorldResult, ...]
    log_likelihoods: tuple[float, ...]
    likelihood_error: float | None
    period_log_probabilities: tuple[float, ...]
    event_probabilities: tuple[tuple[float | None, float], ...]
    prior_beliefs: Mapping[tuple[str, str, str], float]
    beliefs_by_version: tuple[Mapping[tuple[str, str, str], float], ...]
    condition_probabilities: tuple[tuple[float, ...], ...]
    point_count: int
    results_by_run: tuple[WorldResult, ...] = ()
    weighed_results: WorldResult | None = None
    event_steps: tuple[tuple[EventStep, ...], ...] = ()
    settled_by_version: tuple[tuple[bool, ...], ...] = ()
    absences: tuple[tuple[float, ...], ...] = ()
    decided_since: tuple[tuple[int | None, ...], ...] = ()

    def truth(self, question_index: int, version: int) -> bool | None:
        """Whether a test is true today; None where it has no answer or the events cannot be.

        question_index  which question
        version         which version of the events
        """
        result = self._result_today(version)
        return None if result is None else result.test_result(question_index)

    def truth_as_written(self, question_index: int) -> bool | None:
        """Whether a test is true of period 0, types weighed by the first version's events.

        question_index  which question
        """
        if self.weighed_results is None or not self.is_possible:
            return None
        return self.weighed_results.test_result(question_index)

    def value(self, question_index: int, quantity_index: int, version: int) -> float | None:
        """A quantity of a question today, likewise."""
        result = self._result_today(version)
        return (
            None if result is None else result.quantity_values[question_index][quantity_index].value
        )

    def _result_today(self, version: int) -> WorldResult | None:
        return (
            self.results_by_version[version]
            if self.results_by_version and math.isfinite(self.log_likelihoods[version])
            else None
        )

    def is_settled(self, question_index: int, version: int) -> bool:
        """Whether nothing that may come can change a test's truth.

        question_index  which question
        version         which version of the events
        """
        known = self.settled_by_version
        return version < len(known) and known[version][question_index]

    @property
    def is_possible(self) -> bool:
        """Whether the first version's events can have been."""
        return math.isfinite(self.log_likelihoods[0])

    @property
    def exact(self) -> bool:
        """Whether nothing was sampled."""
        return self.likelihood_error is None

    @property
    def unresolved(self) -> int:
        """Decisions whose fixed point was not found, in all that was solved."""
        return sum(result.unresolved for result in self._results())

    @property
    def branch_points(self) -> int:
        """Branch points met, in all that was solved."""
        return sum(result.branch_points for result in self._results())

    def _results(self) -> list[WorldResult]:
        return [
            result
            for result in (self.prior_results, *self.results_by_version[:1])
            if result is not None
        ]


@dataclass
class PosteriorQuery:
    """A case, what has happened in some versions, and the questions asked before and today."""

    plan_at_start: QueryPlan
    plan_today: QueryPlan
    versions: tuple[EventVersion, ...]
    today: int
    clipping_notes: tuple[tuple[str, ...], ...]
    particles: int
    seed: int
    ask_at_start: bool = True
    watched: tuple[RecordedEvent, ...] = ()
    _games: dict[int, Game] = field(default_factory=dict, repr=False)
    _coded: dict[Coding, "PosteriorQuery"] = field(default_factory=dict, repr=False)

    def under_coding(self, coding: Coding) -> "PosteriorQuery":
        """The same inquiry into the case with these options; empty for those of the case.

        coding  an option of every alternative
        """
        at_start = self.plan_at_start.under_coding(coding)
        if at_start is self.plan_at_start:
            return self
        if coding not in self._coded:
            query = replace(self, plan_at_start=at_start, _games={}, _coded={})
            later = self.plan_today.under_coding(coding)
            if self.periods_left:
                later = replace(later, start_states=query.start_states_today())
            query = replace(query, plan_today=later)
            self._coded[coding] = query
        return self._coded[coding]

    @property
    def periods_left(self) -> int:
        """How many periods are still looked at."""
        return max(0, self.plan_at_start.case.horizon - self.today)

    def start_states_today(self) -> tuple[StartOverrides, ...]:
        """The states in which things may stand today."""
        game = self.game()
        return tuple(start_from_state(game, int(n)) for n in game.reached_states[self.today])

    def __call__(self, settings: PosteriorSettings) -> WorldPosterior:
        """Make the inquiry once."""
        if (other := self.under_coding(coding_of(settings.world))) is not self:
            return other(settings)
        play = self._solve(settings)
        at_best = settings == PosteriorSettings(filter_runs=settings.filter_runs)
        asked = self.plan_today.quantities
        memory = FormulaMemory(play, [q for q in asked if q.remembers is not None])
        filters = ParticleFilter(play, self.today, self.particles, self.seed, memory)
        runs: list[list[FilterRun]] = []
        is_check = settings.world is None and not at_best
        for version in self.versions[:1] if is_check else self.versions:
            runs.append(
                self._filter_runs(filters, version, runs[0] if runs else [], settings.filter_runs)
            )
        joined = [merge_filter_runs(several) for several in runs]
        first = runs[0]
        versions = [points for points, *_ in joined]
        alone = [run.points for run in first] if at_best and len(first) > 1 else []
        points = self._joint_points(play, [*versions, *alone], memory)
        results = self._answer_today(settings, points)
        start = initial_particle(play, play.game.start_state({}))
        before, weighed = (
            self._answer_at_start(settings, play, None if is_check else versions[0])
            if self.ask_at_start
            else (None, None)
        )
        return WorldPosterior(
            prior_results=before,
            weighed_results=weighed,
            decided_since=self._decided_since(points, first[0]),
            settled_by_version=self._settled_by_version(points, results),
            event_steps=tuple(
                steps_of_event(filters, event, first[0]) if at_best else ()
                for event in self.versions[0]
            ),
            absences=tuple(
                absence_by_period(filters, event, first[0], self.plan_at_start.case.horizon)
                for event in self.watched
                if at_best
            ),
            results_by_version=results[: len(versions)],
            log_likelihoods=tuple(log for _, log, _ in joined),
            likelihood_error=joined[0][2],
            period_log_probabilities=tuple(
                np.mean([run.period_log_probabilities for run in first], axis=0).tolist()
            ),
            event_probabilities=tuple(
                self._event_probability(filters, event, first)
                for event in self.versions[0]
                if not is_check
            ),
            prior_beliefs=expected_beliefs(play, start),
            beliefs_by_version=tuple(expected_beliefs(play, points) for points, *_ in joined),
            condition_probabilities=self._condition_probabilities(play, versions),
            point_count=len(joined[0][0]),
            results_by_run=results[len(versions) :],
        )

    def _solve(self, settings: PosteriorSettings) -> Equilibrium:
        return solve(
            self.game(settings.extra_tail),
            settings.world,
            grid=self.plan_at_start.grid_size,
            halvings=settings.halvings,
            reply_shift=settings.reply_shift,
            memory=self.plan_at_start.settings.memory,
        )

    def game(self, extra_tail: int = 0) -> Game:
        """The case as a game, with nothing left out; built when first needed.

        extra_tail  by how many periods play goes on for longer, at most by those that are left
        """
        case = self.plan_at_start.case
        tail = case.tail + min(extra_tail, max(0, case.horizon - self.today))
        if tail not in self._games:
            self._games[tail] = build(case, tail=tail, memory=self.plan_at_start.settings.memory)
        return self._games[tail]

    def __getstate__(self) -> dict[str, Any]:
        """Travel without the games."""
        return {**self.__dict__, "_games": {}, "_coded": {}}

    def _filter_runs(
        self,
        filters: ParticleFilter,
        version: EventVersion,
        first_version_runs: list[FilterRun],
        run_count: int,
    ) -> list[FilterRun]:
        """Independent runs through a version, one if it is exact; they share those of the first."""
        runs: list[FilterRun] = []
        until = _shared_periods(version, self.versions[0], self.today)
        for turn in range(run_count):
            after = (
                first_version_runs[min(turn, len(first_version_runs) - 1)]
                if first_version_runs
                else None
            )
            runs.append(
                filters.run(version, run_number=turn, shared_run=after, shared_periods=until)
            )
            if runs[0].is_exact:
                break
        return runs

    def _event_probability(
        self, filters: ParticleFilter, recorded_event: RecordedEvent, runs: Sequence[FilterRun]
    ) -> tuple[float | None, float]:
        probabilities = [filters.event_probability(recorded_event, run) for run in runs]
        known = [chance for chance in probabilities if chance is not None]
        before = float(
            np.mean([sum(run.period_log_probabilities[: recorded_event.period]) for run in runs])
        )
        return (float(np.mean(known)) if known else None), before

    def _joint_points(
        self,
        equilibrium: Equilibrium,
        points_by_version: Sequence[ParticleSet],
        memory: FormulaMemory,
    ) -> RememberedPoints:
        """All versions over one list of points, each point once."""
        states = np.concatenate([points.states for points in points_by_version])
        records = np.concatenate([points.records for points in points_by_version])
        numbers = np.concatenate([points.memory for points in points_by_version])
        rounded = np.round(records / RECORD_TOLERANCE).astype(np.int64)
        keys = np.column_stack([states, numbers, rounded])
        _, where, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        weights = np.zeros((len(points_by_version), len(where)))
        begin = 0
        for v, points in enumerate(points_by_version):
            np.add.at(weights[v], back.reshape(-1)[begin : begin + len(points)], points.mass)
            begin += len(points)
        table = equilibrium.game.state_table
        standing = StateDistribution(table, states[where], records[where], weights)
        return RememberedPoints(
            standing, numbers[where], memory, self.plan_at_start.case.horizon, self.today
        )

    def _answer_today(
        self, settings: PosteriorSettings, points: RememberedPoints
    ) -> tuple[WorldResult, ...]:
        """The questions asked today in each version; of what is over only what is remembered."""
        plan, count = self.plan_today, points.standing.version_count
        if not len(points.memory):
            return ()
        answers: dict[Quantity, tuple[QuantityValue, ...]] = {}
        evaluators: dict[SolutionKey, Evaluator] = {}
        asked_as = self._asked_as(settings, plan)
        if not self.periods_left:
            for quantity in plan.quantities:
                answers[quantity] = (QuantityValue(None),) * count
                if quantity.remembers is not None:
                    answers[quantity] = points.values_of(quantity, None)
        else:
            at_start = plan.evaluators(asked_as)
            evaluators = {key: each.at(points.standing) for key, each in at_start.items()}
            for quantity, key in plan.solutions_by_quantity(asked_as.extra_tail).items():
                answers[quantity] = (
                    evaluators[key].values_of(quantity)
                    if quantity.remembers is None
                    else points.values_of(quantity, at_start[key])
                )
        results = [
            plan.assemble_result({q: found[v] for q, found in answers.items()}, evaluators)
            for v in range(count)
        ]
        if asked_as == AS_AT_BEST and self.periods_left:
            results[0] = plan.with_doubts(results[0], evaluators)
        return tuple(results)

    def _asked_as(self, settings: PosteriorSettings, plan: QueryPlan) -> ReadSettings:
        return ReadSettings(
            settings.world,
            halvings=settings.halvings,
            extra_tail=min(settings.extra_tail, plan.case.horizon),
            reply_shift=settings.reply_shift,
        )

    def _answer_at_start(
        self, settings: PosteriorSettings, play: Equilibrium, today: ParticleSet | None
    ) -> tuple[WorldResult, WorldResult | None]:
        """The questions asked of period 0: as always, and with types weighed by the events.

        Without the points where play may stand today the second is left out.
        """
        plan = self.plan_at_start
        asked_as = self._asked_as(settings, plan)
        evaluators = plan.evaluators(asked_as)
        by_quantity = plan.solutions_by_quantity(asked_as.extra_tail)
        answers = {q: evaluators[key].value_of(q) for q, key in by_quantity.items()}
        result = plan.assemble_result(answers, evaluators)
        if asked_as == AS_AT_BEST:
            result = plan.with_doubts(result, evaluators)
        if today is None:
            return result, None
        if not (play.parties_with_types and len(today)):
            return result, result
        weights = type_weights(play, today, parties_renewed(plan.case))
        weighed = {
            q: value_with_types_weighed(evaluators[key], q, weights)
            for q, key in by_quantity.items()
        }
        return result, plan.assemble_result(weighed, evaluators)

    def _settled_by_version(
        self, points: RememberedPoints, results: Sequence[WorldResult]
    ) -> tuple[tuple[bool, ...], ...]:
        """Of each version and question: whether nothing that may come can change its truth."""
        settled = []
        for version in range(len(results[: len(self.versions)])):
            row = []
            for n, question in enumerate(self.plan_today.questions):
                known = [
                    results[version].quantity_values[n][place].value
                    if q.remembers is not None and points.is_decided(q, version)
                    else None
                    for place, q in enumerate(question.quantities)
                ]
                row.append(evaluate_question(question.expression, known)[0] is not None)
            settled.append(tuple(row))
        return tuple(settled)

    def _decided_since(
        self, points: RememberedPoints, run: FilterRun
    ) -> tuple[tuple[int | None, ...], ...]:
        """After how many periods each quantity of each question could no longer change."""
        stages = (*run.period_points, run.points)
        return tuple(
            tuple(
                None if q.remembers is None else points.decided_since(q, stages)
                for q in question.quantities
            )
            for question in self.plan_today.questions
        )

    def _condition_probabilities(
        self, equilibrium: Equilibrium, points_by_version: Sequence[ParticleSet]
    ) -> tuple[tuple[float, ...], ...]:
        game = equilibrium.game
        values = []
        for condition in game.case.conditions.values():
            found = game.evaluate_in_states(condition, dict(equilibrium.world))
            values.append(found != 0 if game.case.is_truth(condition.tree) else found)
        start = game.start_state({})
        rows = [tuple(float(each[start]) for each in values)]
        rows += [
            tuple(float(points.mass @ each[points.states]) for each in values)
            for points in points_by_version
        ]
        return tuple(rows)


def _shared_periods(version: EventVersion, first: EventVersion, today: int) -> int:
    """How many periods two versions have in common from the start."""
    apart = {event.period for event in (*version, *first) if (event in version) != (event in first)}
    return min(apart, default=today)


def parties_renewed(case: Case) -> frozenset[str]:
    """Parties whose types something in the case may draw anew.

    case  the case
    """
    deals = [deal for table in case.tables.values() for deal in table.deals.values()]
    found = set[str]()
    for effects in (*case.moves.values(), *deals, *case.chance.values()):
        found.update(effects.renews, *(outcome.renews for outcome in effects.outcomes))
    return frozenset(found)


def prepare_posterior_query(
    case: Case,
    questions: Sequence[Question],
    versions: Sequence[EventVersion],
    today: int,
    *,
    particles: int,
    seed: int,
    settings: SolveSettings = DEFAULT_SETTINGS,
    ask_at_start: bool = True,
) -> PosteriorQuery:
    """Make ready to ask questions at the start and today.

    case          the case
    questions     what is asked
    versions      which events are taken as known
    today         the period that begins now
    particles     most points of state and record that are kept; exact if fewer are needed
    seed          seed of the particles
    settings      how large a solution may be
    ask_at_start  whether the questions are asked at the start too
    """
    _refuse_other_worlds(case)
    before = with_fine_enough_grid(plan_questions(case, questions, settings))
    short = [question_from_today(question, today, case.horizon) for question in questions]
    later = replace(before, questions=tuple(q for q, _ in short), known={}, _plans={}, _coded={})
    query = PosteriorQuery(
        before, later, tuple(versions), today, ((),) * len(questions), particles, seed, ask_at_start
    )
    if case.horizon <= today:
        return query
    stands = query.start_states_today()
    rest = case.in_every_coding(lambda one: truncate_case(one, today))
    later = plan_questions(
        rest,
        [q for q, _ in short],
        replace(settings, grid=before.grid_size),
        start_states=stands,
    )
    return replace(query, plan_today=later, clipping_notes=tuple(notes for _, notes in short))


def _refuse_other_worlds(case: Case) -> None:
    """Refuse options under which beliefs or conditions of the case have nothing to stand for."""
    refuse_other_periods(case, "an update")
    for one in case.drawn_codings:
        types = {name: tuple(party.types) for name, party in one.parties.items() if party.types}
        own = {name: tuple(party.types) for name, party in case.parties.items() if party.types}
        if types != own or tuple(one.conditions)[: len(case.conditions)] != tuple(case.conditions):
            message = "an update needs the types and conditions of the case whatever the option"
            other = tuple((n, o) for n, o in one.chosen.items() if case.chosen[n] != o)
            found = f"others with {describe_coding(other)}"
            help = "ask `check` instead, or leave types and conditions as they are"
            raise CaseError(
                [Problem(message, case.file, path="alternatives", found=found, help=help)]
            )


FILTER_RUNS_AT_BEST = 8
AT_BEST_LABEL = "at best"

PriorValue = Callable[[WorldPosterior], float | None]
VersionValue = Callable[[WorldPosterior, int], float | None]


@dataclass(frozen=True)
class PosteriorRun:
    """What an inquiry found: at best, finer, with longer tails, and in each world.

    with_finer_grid   with the belief grid refined once, None if that was not computed
    coarser           with a grid half as fine, and a quarter as fine
    shifted           with steep replies given as at the next grid point, above and below
    with_longer_tail  with a tail that grows by the horizon, None if that was not computed
    worlds            each world that has an answer
    world_values      the unknowns of each of these
    world_numbers     the number of each of these, as in `sweep`
    run_stats         the worlds that were computed, None without any
    failed_checks     checks of the numbers that failed, with the reason
    one_period_more   with a tail that grows by one period, None if that was not computed
    finite            whether the game is over by its own rules, so that no tail is asked
    """

    best: WorldPosterior
    with_finer_grid: WorldPosterior | None
    with_longer_tail: WorldPosterior | None
    worlds: tuple[WorldPosterior, ...]
    run_stats: RunStats | None
    failed_checks: tuple[str, ...]
    one_period_more: WorldPosterior | None = None
    finite: bool = False
    coarser: tuple[WorldPosterior, ...] = ()
    shifted: tuple[WorldPosterior, ...] = ()
    world_values: tuple[World, ...] = ()
    world_numbers: tuple[int, ...] = ()


def run_posterior_query(
    query: PosteriorQuery,
    case: Case,
    worlds: int,
    seed: int,
    *,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
    on_best: Callable[[PosteriorRun], None] | None = None,
) -> PosteriorRun:
    """Make an inquiry at best, then finer and longer, and in worlds, on all cores.

    query     what `prepare_posterior_query` gave
    case      the case that it is of
    worlds    how many worlds; 0 for the best estimates alone
    seed      seed of the worlds
    workers   processes that solve; None takes one for each core
    progress  called with how many evaluations are done, and of how many
    on_best   called with the answers at the best estimates, as soon as they are known, if these
              make the events possible
    """

    def tell(key: str | int, answer: WorldPosterior) -> None:
        if on_best is not None and key == AT_BEST_LABEL and answer.is_possible:
            on_best(PosteriorRun(answer, None, None, (), None, (STILL_CHECKED,)))

    points = draw_worlds(case, worlds, seed)
    jobs: dict[str | int, PosteriorSettings] = {
        AT_BEST_LABEL: PosteriorSettings(filter_runs=FILTER_RUNS_AT_BEST),
        **{
            label: PosteriorSettings(extra_tail=extra)
            for label, extra in zip(
                (LONGER_TAIL_LABEL, ONE_PERIOD_MORE_LABEL), extra_tails(case), strict=False
            )
        },
    }
    if case.has_types:
        jobs[FINER_GRID_LABEL] = PosteriorSettings(halvings=1)
        halvings = coarser_halvings(query.plan_at_start.grid_size)
        jobs |= {
            label: PosteriorSettings(halvings=times)
            for label, times in zip(COARSER_GRID_LABELS, halvings, strict=False)
        }
        jobs |= {
            label: PosteriorSettings(reply_shift=shift)
            for label, shift in zip(SHIFTED_REPLY_LABELS, REPLY_SHIFTS, strict=True)
        }
    jobs |= {number: PosteriorSettings(points[number]) for number in points.numbers}
    done = run_jobs(query, jobs, workers, progress, tell)
    if AT_BEST_LABEL not in done.answers:
        why = done.failed.get(AT_BEST_LABEL)
        if why is None:
            raise KeyboardInterrupt
        raise CaseError([Problem(f"at the best estimates: {why}", case.file or None)])
    answers_by_world = {key: answer for key, answer in done.answers.items() if isinstance(key, int)}
    failed = {key: why for key, why in done.failed.items() if isinstance(key, int)}
    best = done.answers[AT_BEST_LABEL]
    checks = {key: answer for key, answer in done.answers.items() if isinstance(key, str)}
    undone = jobs.keys() - done.answers.keys() - done.failed.keys()
    not_checked = {key: why for key, why in done.failed.items() if isinstance(key, str)} | {
        key: f"there the events are {'possible' if answer.is_possible else 'impossible'}"
        for key, answer in checks.items()
        if answer.is_possible is not best.is_possible
    }
    not_checked |= {key: "ended early" for key in jobs if key in undone and isinstance(key, str)}
    checks = {key: answer for key, answer in checks.items() if key not in not_checked}
    run_stats = RunStats(
        seed=seed,
        requested=worlds,
        computed=len(answers_by_world) + len(failed),
        failed=failed,
        with_unresolved_decisions=sum(each.unresolved > 0 for each in answers_by_world.values()),
        with_branch_points=sum(each.branch_points > 0 for each in answers_by_world.values()),
        interrupted=done.interrupted,
    )
    return PosteriorRun(
        best=best,
        with_finer_grid=checks.get(FINER_GRID_LABEL),
        with_longer_tail=checks.get(LONGER_TAIL_LABEL),
        worlds=tuple(answers_by_world.values()),
        run_stats=run_stats if worlds else None,
        failed_checks=tuple(f"{key}: {why}" for key, why in not_checked.items()),
        one_period_more=checks.get(ONE_PERIOD_MORE_LABEL),
        finite=case.ending == "final",
        coarser=tuple(checks[label] for label in COARSER_GRID_LABELS if label in checks),
        world_values=tuple(points[number] for number in answers_by_world),
        world_numbers=tuple(answers_by_world),
        shifted=tuple(checks[label] for label in SHIFTED_REPLY_LABELS if label in checks),
    )


class WorldWeighting:
    """Puts the worlds of an inquiry together, each version's by their likelihoods."""

    def __init__(self, posterior_run: PosteriorRun) -> None:
        self.best, self.worlds = posterior_run.best, posterior_run.worlds
        self.equal_weights = np.full(len(self.worlds), 1.0 / max(1, len(self.worlds)))
        self.weights_by_version = [
            likelihood_weights([world.log_likelihoods[v] for world in self.worlds])
            for v in range(len(self.best.log_likelihoods))
        ]

    def change(
        self, before: PriorValue, after: VersionValue, error: float | None = None
    ) -> ValueChange:
        """A number of which `before(told)` and `after(told, version)` give the values."""
        count = range(len(self.best.log_likelihoods))
        best = tuple(after(self.best, v) for v in count)
        if not self.worlds:
            return ValueChange((before(self.best), None), best, (), error)
        means = tuple(
            weighted_mean([after(world, v) for world in self.worlds], self.weights_by_version[v])
            for v in count
        )
        first = weighted_mean([before(world) for world in self.worlds], self.equal_weights)
        return ValueChange((before(self.best), first), best, means, error)

    def share(self, question_index: int, version: int) -> WeightedShare | None:
        """The weighted share of worlds in which a test is true today; None without worlds.

        question_index  which question
        version         which version of the events
        """
        if not self.worlds:
            return None
        truths = [world.truth(question_index, version) for world in self.worlds]
        return weighted_share(truths, self.weights_by_version[version])

    def share_as_written(self, question_index: int) -> WeightedShare | None:
        """The weighted share of worlds in which a test is true of period 0; None without worlds.

        question_index  which question
        """
        if not self.worlds:
            return None
        truths = [world.truth_as_written(question_index) for world in self.worlds]
        return weighted_share(truths, self.weights_by_version[0])

    def share_or_truth(self, question_index: int, version: int) -> WeightedShare:
        """The same, or 1 or 0 by its truth at best where there are no worlds."""
        share = self.share(question_index, version)
        return share or weighted_share([self.best.truth(question_index, version)], np.ones(1))

    def conditional_probability(self, version: int, given: int) -> tuple[float, float | None]:
        """How likely one version is given another that it adds to: at best, and over worlds."""
        logs = [[world.log_likelihoods[v] for world in self.worlds] for v in (version, given)]
        over = None
        if self.worlds:
            one, other = (log_marginal_likelihood(each)[0] for each in logs)
            over = min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0
        one, other = (self.best.log_likelihoods[v] for v in (version, given))
        return min(1.0, math.exp(one - other)) if math.isfinite(other) else 0.0, over


def belief_changes(weighting: WorldWeighting) -> dict[tuple[str, str, str], ValueChange]:
    """What every observer believes of every party's types, of two the first, before and after.

    weighting  the worlds with their weights
    """
    changes = {}
    for believed in weighting.best.beliefs_by_version[0]:

        def after(
            posterior: WorldPosterior, version: int, key: tuple[str, str, str] = believed
        ) -> float:
            return posterior.beliefs_by_version[version][key]

        def before(posterior: WorldPosterior, key: tuple[str, str, str] = believed) -> float:
            return posterior.prior_beliefs[key]

        changes[believed] = weighting.change(before, after)
    return changes


def condition_changes(case: Case, weighting: WorldWeighting) -> dict[str, ValueChange]:
    """The probability of every condition, before and after; the mean of one that is a number.

    case       the case
    weighting  the worlds with their weights
    """
    changes = {}
    for n, name in enumerate(case.conditions):

        def after(posterior: WorldPosterior, version: int, n: int = n) -> float:
            return posterior.condition_probabilities[version + 1][n]

        def before(posterior: WorldPosterior, n: int = n) -> float:
            return posterior.condition_probabilities[0][n]

        changes[name] = weighting.change(before, after)
    return changes


def posterior_numerics(posterior_run: PosteriorRun) -> NumericalQuality:
    """The certificate of what is reported at best, before and after.

    posterior_run  the answers
    """
    best = posterior_run.best
    results = [
        result
        for result in (best.prior_results, *best.results_by_version[:1])
        if result is not None
    ]
    hidden = any(result.grid_size is not None for result in results)
    return NumericalQuality(
        grid_size=next(
            (result.grid_size for result in results if result.grid_size is not None), None
        ),
        grid_change=_grid_change(posterior_run) if hidden else 0.0,
        horizon_change=_largest_horizon_change(posterior_run),
        residual=max((result.residual for result in results), default=0.0),
        unresolved=best.unresolved,
        branch_points=best.branch_points,
        finite=posterior_run.finite,
        doubts=merge_doubts(result.doubts for result in results),
    )


def _largest_horizon_change(posterior_run: PosteriorRun) -> float | None:
    """The larger of the changes with the two longer tails; None if the longest was not computed."""
    best = posterior_run.best
    changes = [
        _largest_change(best, other)
        for other in (posterior_run.with_longer_tail, posterior_run.one_period_more)
    ]
    return None if changes[0] is None else max(each for each in changes if each is not None)


def _grid_change(posterior_run: PosteriorRun) -> float | None:
    """By how much a number may be off: as grids tell, or by what rounding may do to it."""
    finer = posterior_run.with_finer_grid
    if finer is None:
        return None
    series = [finer, posterior_run.best, *posterior_run.coarser]
    told = zip(*(_changes(one, other) for one, other in pairwise(series)), strict=True)
    results = (finer.prior_results, *finer.results_by_version[:1])
    edges = [
        value.edge_error
        for result in results
        if result is not None
        for values in result.quantity_values
        for value in values
    ]
    shifts = [_changes(posterior_run.best, one) for one in posterior_run.shifted]
    errors = (
        extrapolated_error(change, before) + max((each[n] for each in shifts), default=0.0)
        for n, (change, *before) in enumerate(told)
    )
    return max((*errors, *edges, 0.0))


def _largest_change(one: WorldPosterior, other: WorldPosterior | None) -> float | None:
    """The largest change of any number reported at best."""
    return None if other is None else max(_changes(one, other), default=0.0)


def _changes(one: WorldPosterior, other: WorldPosterior) -> list[float]:
    """By how much each number reported at best differs, 0 where either has none."""
    changes = []
    pairs = [(one.prior_results, other.prior_results)]
    if one.is_possible and other.is_possible:
        pairs += zip(one.results_by_version[:1], other.results_by_version[:1], strict=True)
    for first, second in pairs:
        if first is None or second is None:
            continue
        for a, b in zip(first.quantity_values, second.quantity_values, strict=True):
            for x, y in zip(a, b, strict=True):
                if x.value is None or y.value is None:
                    changes.append(0.0)
                else:
                    changes.append(abs(x.value - y.value) / x.scale)
    changes += [
        abs(one.beliefs_by_version[0][key] - other.beliefs_by_version[0][key])
        for key in one.beliefs_by_version[0]
    ]
    changes += [
        abs(a - b) / max(1.0, abs(a), abs(b))
        for a, b in zip(
            one.condition_probabilities[1], other.condition_probabilities[1], strict=True
        )
    ]
    return changes

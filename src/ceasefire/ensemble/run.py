"""What are the answers to questions at best, how good are they, and what are they in many worlds?

Everything but the best estimate is shared out over all cores, the checks first: with every party
twice and four times as precise, with the belief grid refined once, with longer tails.
"""

import math
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import monotonic
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import numpy as np

from ceasefire.ensemble.executors import Engine, stream_answers, usable_cores
from ceasefire.ensemble.sampling import BLOCK_SIZE, DrawnWorlds, Floats, draw_worlds
from ceasefire.ensemble.statistics import (
    LatinBlockVariance,
    ShareOfWorlds,
    Until,
    count_true_worlds,
    likely_sample_size,
    next_sample_size,
)
from ceasefire.errors import CeasefireError
from ceasefire.query import (
    NumericalQuality,
    QuantityValue,
    QueryPlan,
    World,
    WorldResult,
)
from ceasefire.query.ast import AnswerValue, evaluate_question
from ceasefire.query.grid_refinement import (
    REPLY_SHIFTS,
    GridRefinement,
    coarser_halvings,
    with_fine_enough_grid,
)
from ceasefire.query.numerical_quality import (
    SolvedResult,
    extra_tails,
    merge_doubts,
)
from ceasefire.query.plan import (
    ReadSettings,
)
from ceasefire.results import Markable, count_phrase
from ceasefire.stopping import TimeLimit, keep_each, keep_results, limited_to_share

KeyT = TypeVar("KeyT")
JobT = TypeVar("JobT")
AnswerT = TypeVar("AnswerT")
JobTask = Callable[[JobT], AnswerT]
JobProgressCallback = Callable[[int, int], None]

SHARE_FOR_WORLDS = 0.5  # of what is left of a limited time
OUT_OF_MEMORY = "needs more memory than there is"
SECONDS_BEFORE_WORKERS = (
    1.0  # seconds; starting other processes and loading the kernels there takes longer
)


@dataclass(frozen=True)
class JobResults(Generic[KeyT, AnswerT]):
    """The answers of the jobs that are done, in the order in which the jobs were given.

    failed       the jobs that are impossible, and why
    interrupted  whether Ctrl-C left jobs undone
    """

    answers: Mapping[KeyT, AnswerT]
    failed: Mapping[KeyT, str]
    interrupted: bool

    def __len__(self) -> int:
        """How many jobs are done, failed ones included."""
        return len(self.answers) + len(self.failed)


def run_worlds(
    task: JobTask[World, AnswerT],
    worlds: DrawnWorlds,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> JobResults[int, AnswerT]:
    """Do `task` in worlds 1 to N and keep what it gives, by number of the world.

    task      called with the unknowns of one world; sent to other processes
    workers   processes at work; if None this one, and all cores if that takes more than a moment; 1
              stays in this process
    progress  called with the number of worlds done and of all, each time one is

    Raises WorldError for fewer than one worker; what `task` raises counts as a failed world if
    it is a CeasefireError or a MemoryError and ends the run otherwise.
    """
    return run_jobs(task, dict(zip(worlds.numbers, worlds, strict=True)), workers, progress)


def run_jobs(
    task: JobTask[JobT, AnswerT],
    jobs: Mapping[KeyT, JobT],
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
    on_answer: Callable[[KeyT, AnswerT], None] | None = None,
) -> JobResults[KeyT, AnswerT]:
    """Do `task` for every job, as `run_worlds` does for worlds.

    on_answer  called with each job's key and what it gave, in the order in which they are done
    """
    found: dict[KeyT, AnswerT] = {}
    failed: dict[KeyT, str] = {}
    interrupted = False
    with closing(_stream_starting_here(FailureCatchingTask(task), jobs, workers)) as answers:
        try:
            for key, (answer, reason) in keep_each(answers):
                if reason is None:
                    found[key] = cast(AnswerT, answer)
                    if on_answer is not None:
                        on_answer(key, found[key])
                else:
                    failed[key] = reason
                if progress is not None:
                    progress(len(found) + len(failed), len(jobs))
        except KeyboardInterrupt:
            interrupted = len(found) + len(failed) < len(jobs)
    return JobResults(_in_job_order(found, jobs), _in_job_order(failed, jobs), interrupted)


def choose_grid(
    plan: QueryPlan, workers: int | None = None, progress: JobProgressCallback | None = None
) -> QueryPlan:
    """Questions on a grid of their own, as by `with_fine_enough_grid`, on all cores.

    plan      the questions
    workers   as for `run_jobs`
    progress  called with the number of readings done, and of all that are known to be needed

    Raises KeyboardInterrupt if Ctrl-C leaves a reading undone.
    """
    meter = ProgressCounter(progress, 0)

    def answer_all(asked: QueryPlan, settings: Sequence[ReadSettings]) -> list[WorldResult] | None:
        meter.total += len(settings)
        jobs = dict(enumerate(settings))
        done = meter.run_jobs(asked.evaluate_as, jobs, workers_at_once(asked, workers))
        if done.interrupted:
            raise KeyboardInterrupt
        return None if done.failed else list(done.answers.values())

    return with_fine_enough_grid(plan, answer_all)


def workers_at_once(plan: QueryPlan, workers: int | None) -> int | None:
    """How many processes answer questions that take long each; `workers` where they do not.

    plan     the questions
    workers  as for `run_jobs`
    """
    if workers is not None or not plan.takes_long:
        return workers
    return usable_cores()


@dataclass(frozen=True)
class FailureCatchingTask:
    """A task whose jobs may be impossible or too large: gives the answer, or why there is none."""

    task: JobTask[Any, Any]

    def __call__(self, job: Any) -> tuple[Any, str | None]:
        """Try one job."""
        try:
            return self.task(job), None
        except CeasefireError as error:
            return None, str(error)
        except MemoryError:
            return None, OUT_OF_MEMORY


def _stream_starting_here(
    attempt: FailureCatchingTask, jobs: Mapping[KeyT, Any], workers: int | None
) -> Generator[tuple[KeyT, tuple[Any, str | None]], None, None]:
    """Begin here; other processes take over what is not done in a moment, for they start slowly."""
    left = deque(jobs.items())
    began = monotonic()
    while left and workers is None and monotonic() - began < SECONDS_BEFORE_WORKERS:
        key, job = left.popleft()
        yield key, attempt(job)
    if left:
        yield from stream_answers(attempt, left, Engine(workers=1 if len(left) == 1 else workers))


ValueT = TypeVar("ValueT")


def _in_job_order(found: Mapping[KeyT, ValueT], jobs: Mapping[KeyT, Any]) -> dict[KeyT, ValueT]:
    return {key: found[key] for key in jobs if key in found}


class SolutionCounts(Protocol):
    """What says of a solution how many decisions were left unresolved or met a branch point."""

    @property
    def unresolved(self) -> int: ...
    @property
    def branch_points(self) -> int: ...


@dataclass(frozen=True)
class RunStats(Markable):
    """How a run over worlds went.

    requested                  worlds that were to be computed
    computed                   worlds that were, failed ones included
    failed                     number of the world, and why it is impossible
    with_unresolved_decisions  worlds in which a decision was left unresolved
    with_branch_points         worlds in which a branch point was met
    interrupted                whether Ctrl-C ended the run
    """

    seed: int
    requested: int
    computed: int
    failed: Mapping[int, str] = field(default_factory=dict)
    with_unresolved_decisions: int = 0
    with_branch_points: int = 0
    interrupted: bool = False

    @classmethod
    def from_solutions(
        cls,
        drawn: DrawnWorlds,
        solutions: Sequence[SolutionCounts],
        failed: Mapping[int, str],
        *,
        interrupted: bool,
    ) -> "RunStats":
        """Count what became of the worlds drawn; `solutions` are those with an answer."""
        return cls(
            seed=drawn.seed,
            requested=len(drawn),
            computed=len(solutions) + len(failed),
            failed=failed,
            with_unresolved_decisions=sum(one.unresolved > 0 for one in solutions),
            with_branch_points=sum(one.branch_points > 0 for one in solutions),
            interrupted=interrupted,
        )

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Worlds that failed, or whose solution is marked."""
        return (
            *count_phrase(len(self.failed), "world", "failed"),
            *count_phrase(self.with_unresolved_decisions, "world", "with unresolved decisions"),
            *count_phrase(self.with_branch_points, "world", "with branch points"),
        )

    def as_json(self) -> dict[str, Any]:
        """Which worlds there were, and what went wrong in them."""
        return {
            "seed": self.seed,
            "wanted": self.requested,
            "done": self.computed,
            "failed": [{"world": number, "why": why} for number, why in self.failed.items()],
            "unresolved": self.with_unresolved_decisions,
            "branched": self.with_branch_points,
            "interrupted": self.interrupted,
        }


class EnsembleResult(SolvedResult):
    """A result at best and, with `run_stats`, over worlds.

    failed_checks  checks of the numerics that could not be made, and why
    """

    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()

    @property
    def answered_worlds(self) -> int:
        """How many worlds have an answer."""
        return 0 if self.run_stats is None else self.run_stats.computed - len(self.run_stats.failed)

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the numbers at best, the run over worlds, and checks that failed."""
        return run_mark_reasons(self.numerics, self.run_stats, self.failed_checks)


def run_mark_reasons(
    numerics: NumericalQuality, run_stats: RunStats | None, failed_checks: Sequence[str]
) -> tuple[str, ...]:
    """What marks a result at best and over worlds.

    numerics       how good the numbers are at the best estimates
    run_stats      the run over the worlds, None if there was none
    failed_checks  checks of the numerics that could not be made, and why
    """
    ran = () if run_stats is None else run_stats.mark_reasons
    return (*numerics.mark_reasons, *ran, *failed_checks)


PRECISION_FACTORS: Final = (2.0, 4.0)


@dataclass(frozen=True)
class EnsembleRun:
    """What was read of questions: at best, again to see how good that is, and in each world.

    plan                 the questions, with the games they need
    best                 the answers at the best estimates
    finer                the same with the belief grid refined once, None if it was not asked
    coarser              the same with a grid half as fine, and a quarter as fine
    longer               the same with a tail that grows by the horizon, None if it was not asked
    one_longer           the same with a tail that grows by one period, None if that is the horizon
                         or was not asked
    at_higher_precision  the same with everybody more precise, by the factor on all precisions
    drawn                the worlds, None if there was only world 0
    answers              the answers by number of the world
    failed               the worlds that are impossible, by number, and why
    failed_checks        the checks at best that could not be made, and why
    interrupted          whether Ctrl-C left worlds or checks undone
    fresh                the same questions in fresh worlds from the next seed, None if not asked
    shifted              the same with steep replies given as at the next grid point, above or below
    """

    plan: QueryPlan
    best: WorldResult
    finer: WorldResult | None = None
    coarser: tuple[WorldResult, ...] = ()
    longer: WorldResult | None = None
    one_longer: WorldResult | None = None
    at_higher_precision: Mapping[float, WorldResult] = field(default_factory=dict)
    drawn: DrawnWorlds | None = None
    answers: Mapping[int, WorldResult] = field(default_factory=dict)
    failed: Mapping[int, str] = field(default_factory=dict)
    failed_checks: tuple[str, ...] = ()
    interrupted: bool = False
    fresh: "EnsembleRun | None" = None
    shifted: tuple[WorldResult, ...] = ()

    @property
    def ended_early(self) -> bool:
        """Whether Ctrl-C left worlds, checks or fresh worlds undone."""
        return self.interrupted or (self.fresh is not None and self.fresh.interrupted)

    @property
    def results(self) -> tuple[WorldResult, ...]:
        """The answers in the worlds, in their order."""
        return tuple(self.answers.values())

    @property
    def run_stats(self) -> RunStats | None:
        """How the run over the worlds went, None if there was only world 0."""
        if self.drawn is None:
            return None
        return RunStats.from_solutions(
            self.drawn, self.results, self.failed, interrupted=self.interrupted
        )

    def unknown_values(self, names: Sequence[str]) -> Floats:
        """(n, U) these unknowns in the worlds that have an answer."""
        if self.drawn is None:
            return np.empty((0, len(names)))
        places = [self.drawn.names.index(name) for name in names]
        rows = np.fromiter(self.answers, dtype=np.intp)
        return self.drawn.values[np.ix_(rows, np.array(places, dtype=np.intp))]

    def truths_of_question(self, question_index: int) -> list[bool | None]:
        """Whether a test is true in each world that has answers, None where it has none."""
        return [result.test_result(question_index) for result in self.results]

    def truth_by_world(self, question_index: int) -> dict[int, bool | None]:
        """Whether a test is true, by number of the world; None where it failed or has no answer."""
        found = {n: result.test_result(question_index) for n, result in self.answers.items()}
        return found | dict.fromkeys(self.failed)

    def share_of_question(self, question_index: int) -> ShareOfWorlds | None:
        """The share of the worlds in which a test is true, None if there was only world 0."""
        if self.drawn is None:
            return None
        known = self.truth_by_world(question_index)
        truths = [known[number] for number in sorted(known)]
        found = count_true_worlds(truths)
        if len(truths) < len(self.drawn):
            return found  # interrupted: no block is whole
        return replace(found, variance_ratio=self._block_variance.ratio(truths))

    @cached_property
    def _block_variance(self) -> LatinBlockVariance:
        return LatinBlockVariance(np.empty((0, 0)) if self.drawn is None else self.drawn.values[1:])

    def quantities_of_question(self, question_index: int) -> tuple[QuantityValue, ...]:
        """The quantities of a question at best, with their texts and how far they may be off."""
        known = self.best.quantity_values[question_index]
        named = zip(known, self.plan.questions[question_index].quantities, strict=True)
        grid = self._refinement
        return tuple(
            replace(
                value,
                expr=quantity.text,
                grid_change=self._unrefined_grid_change
                if grid is None
                else grid.change(question_index, place),
                horizon_change=max(
                    (
                        _value_distance(value, other.quantity_values[question_index][place])
                        for other in self._with_longer_tails
                    ),
                    default=None,
                ),
            )
            for place, (value, quantity) in enumerate(named)
        )

    def warnings_of_question(self, question_index: int) -> tuple[str, ...]:
        """What should be said about an answer at best, and why its truth may be doubted."""
        return self.best.warnings[question_index] + self.doubts(question_index)

    def doubts(self, question_index: int) -> tuple[str, ...]:
        """Why the truth of a test may be one of numerics only; nothing if there is no reason.

        It is asked whether the test still comes out as it did once its quantities have moved as
        far as the grid may have put them wrong, and as they do with the longer tails.
        """
        question = self.plan.questions[question_index]
        best = self.best.values[question_index]
        if not question.is_test or best is None:
            return ()

        def turned(moved: Iterable[Sequence[AnswerValue]]) -> bool:
            answers = (evaluate_question(question.expression, values)[0] for values in moved)
            return any(answer is not best for answer in answers)

        def turns(other: WorldResult | None) -> bool:
            return other is not None and turned(
                [[one.value for one in other.quantity_values[question_index]]]
            )

        doubts, grid = [], self._refinement
        if grid is not None and turned(grid.moved_by_refining(question_index)):
            doubts.append("too close to call on this grid: ask again with a larger --grid")
        elif grid is not None and turned(grid.moved_by_edges(question_index)):
            doubts.append(
                "too close to call: beliefs are rounded near certainty, period after period; "
                "ask given `types=`, or look at fewer periods"
            )
        if turns(self.longer):
            doubts.append("turns round with a longer tail: let play go on for longer")
        if turns(self.one_longer):
            doubts.append(
                "turns round when play goes on for one period more: who moves last decides it"
            )
        return tuple(doubts)

    @property
    def numerics(self) -> NumericalQuality:
        """How good the numbers at best are."""
        return self._numerics_of((self.best,))

    @property
    def numerics_with_precision(self) -> NumericalQuality:
        """How good the numbers at best and at higher precision are."""
        return self._numerics_of((self.best, *self.at_higher_precision.values()))

    def _numerics_of(self, reported: Sequence[WorldResult]) -> NumericalQuality:
        grid = self._refinement
        return NumericalQuality(
            grid_size=self.best.grid_size,
            grid_change=self._unrefined_grid_change if grid is None else grid.largest_change,
            horizon_change=max(
                (_largest_scaled_change(self.best, other) for other in self._with_longer_tails),
                default=None,
            ),
            residual=max(each.residual for each in reported),
            unresolved=sum(each.unresolved for each in reported),
            branch_points=sum(each.branch_points for each in reported),
            finite=self.plan.case.ending == "final",
            tolerance=self.plan.tolerance,
            doubts=merge_doubts(each.doubts for each in reported),
        )

    @property
    def _refinement(self) -> GridRefinement | None:
        if self.finer is None:
            return None
        return GridRefinement(self.best, self.finer, self.coarser, self.shifted)

    @property
    def _with_longer_tails(self) -> tuple[WorldResult, ...]:
        """The answers with longer tails; none where the longest is missing."""
        if self.longer is None:
            return ()
        return (self.longer,) if self.one_longer is None else (self.longer, self.one_longer)

    @property
    def _unrefined_grid_change(self) -> float | None:
        """How far numbers may be off if no other grid was asked: not at all without types."""
        return None if self.plan.case.has_types else 0.0


def _value_distance(one: QuantityValue, other: QuantityValue) -> float:
    if one.value is None or other.value is None:
        return 0.0 if one.value is other.value else math.inf
    return abs(one.value - other.value)


def _largest_scaled_change(result: WorldResult, other: WorldResult) -> float:
    pairs = [
        pair
        for first, second in zip(result.quantity_values, other.quantity_values, strict=True)
        for pair in zip(first, second, strict=True)
    ]
    return max((_value_distance(one, two) / one.scale for one, two in pairs), default=0.0)


def run_ensemble(
    plan: QueryPlan,
    *,
    worlds: int = 0,
    seed: int = 0,
    certify: bool = True,
    check_precision: bool = False,
    until: Until | None = None,
    replicate: bool = False,
    time: TimeLimit | None = None,
    workers: int | None = None,
    on_best: Callable[[EnsembleRun], None] | None = None,
    on_answer: Callable[[str | int, WorldResult], None] | None = None,
    progress: JobProgressCallback | None = None,
) -> EnsembleRun:
    """Ask prepared questions at best, then everything else on all cores.

    plan                the questions, with the games they need
    worlds              how many worlds, or the most there may be with `until`
    seed                seed of the worlds
    certify             whether to ask again on other grids and with longer tails
    check_precision     whether to ask again at sharper precision
    until               worlds are added until every test's interval is so narrow, or its verdict
                        is `settled`
    replicate           whether to ask half as many fresh worlds from the next seed
    time                half of what is left of it once the best estimates are known is for what
                        else is asked; None for as long as it takes
    workers             processes at work; if None this one, and all cores if that takes more than
                        a moment
    on_best             called with the best estimates as soon as they are known
    on_answer           called with the number of a world, or the name of a check, and its answers
                        as they are known; not for fresh worlds
    progress            called with the number of readings done after that, and of all
    """
    first = worlds if until is None else min(worlds, BLOCK_SIZE)
    drawn = draw_worlds(plan.case, first, seed)
    run = EnsembleRun(plan, plan.evaluate_world(), drawn=drawn if worlds else None)
    keep_results()
    if on_best is not None:
        on_best(EnsembleRun(plan, run.best))
    checks = numerical_check_settings(plan, certify=certify, check_precision=check_precision)
    total = len(checks) + (first + first // 2 if replicate else first)
    with limited_to_share(time, SHARE_FOR_WORLDS):
        meter = ProgressCounter(progress, total, on_answer)
        done = meter.run_jobs(plan.evaluate_as, checks | _settings_by_world(drawn, 0), workers)
        run = _add_results(run, done)
        while until is not None and worlds and not run.interrupted:
            shares = [run.share_of_question(n) for n in range(len(plan.questions))]
            known = [share for share in shares if share is not None]
            before, likely = len(drawn), likely_sample_size(known, len(drawn), worlds, until)
            meter.total = meter.done + likely - before + (likely // 2 if replicate else 0)
            if likely == before:
                break
            drawn = draw_worlds(plan.case, next_sample_size(before, likely, until), seed)
            done = meter.run_jobs(plan.evaluate_as, _settings_by_world(drawn, before), workers)
            run = _add_results(replace(run, drawn=drawn), done)
        if replicate and not run.interrupted and len(drawn) > 1:
            fresh, meter.on_answer = draw_worlds(plan.case, len(drawn) // 2, seed + 1), None
            done = meter.run_jobs(plan.evaluate_as, _settings_by_world(fresh, 0), workers)
            run = replace(run, fresh=_add_results(EnsembleRun(plan, run.best, drawn=fresh), done))
    return run


def _add_results(run: EnsembleRun, done: JobResults[str | int, WorldResult]) -> EnsembleRun:
    """A run with the worlds and checks that were done since; a check has a name, not a number."""
    answers, failed = done.answers, done.failed
    sharper = {
        factor: answers[_precision_label(factor)]
        for factor in PRECISION_FACTORS
        if _precision_label(factor) in answers
    }
    return replace(
        run,
        finer=answers.get(FINER_GRID_LABEL, run.finer),
        coarser=run.coarser
        + tuple(answers[label] for label in COARSER_GRID_LABELS if label in answers),
        shifted=run.shifted
        + tuple(answers[label] for label in SHIFTED_REPLY_LABELS if label in answers),
        longer=answers.get(LONGER_TAIL_LABEL, run.longer),
        one_longer=answers.get(ONE_PERIOD_MORE_LABEL, run.one_longer),
        at_higher_precision={**run.at_higher_precision, **sharper},
        answers={**run.answers, **{n: one for n, one in answers.items() if isinstance(n, int)}},
        failed={**run.failed, **{n: why for n, why in failed.items() if isinstance(n, int)}},
        failed_checks=(
            *run.failed_checks,
            *(f"{name}: {why}" for name, why in failed.items() if isinstance(name, str)),
        ),
        interrupted=done.interrupted,
    )


class ProgressCounter:
    """Counts the jobs of several runs for one progress bar; `total` may grow."""

    def __init__(
        self,
        progress: JobProgressCallback | None,
        total: int,
        on_answer: Callable[[Any, Any], None] | None = None,
    ) -> None:
        self.progress, self.total, self.done, self.on_answer = progress, total, 0, on_answer

    def run_jobs(
        self, task: Callable[[JobT], AnswerT], jobs: Mapping[KeyT, JobT], workers: int | None
    ) -> JobResults[KeyT, AnswerT]:
        """Do `task` for every job, as `run_jobs` does."""
        before = self.done

        def step(done: int, _: int) -> None:
            self.done = before + done
            if self.progress is not None:
                self.progress(self.done, self.total)

        return run_jobs(task, jobs, workers, step, self.on_answer)


def _settings_by_world(drawn: DrawnWorlds, skipped: int) -> dict[str | int, ReadSettings]:
    """The worlds after the first `skipped`, by number."""
    return {number: ReadSettings(drawn[number]) for number in range(skipped + 1, len(drawn) + 1)}


COARSER_GRID_LABELS = ("with a grid half as fine", "with a grid a quarter as fine")
SHIFTED_REPLY_LABELS = (
    "with steep replies as at the next belief node above",
    "with steep replies as at the next belief node below",
)
FINER_GRID_LABEL, LONGER_TAIL_LABEL, ONE_PERIOD_MORE_LABEL = (
    "with a finer grid",
    "with a longer tail",
    "with a tail longer by one period",
)


def _precision_label(factor: float) -> str:
    return f"with everyone {factor:g} times as precise"


def numerical_check_settings(
    plan: QueryPlan, *, certify: bool = True, check_precision: bool
) -> dict[str | int, ReadSettings]:
    """The readings that say how good the best estimate is."""
    labels = (LONGER_TAIL_LABEL, ONE_PERIOD_MORE_LABEL)
    tails = extra_tails(plan.case) if certify else ()
    jobs: dict[str | int, ReadSettings] = {
        label: ReadSettings(extra_tail=extra) for label, extra in zip(labels, tails, strict=False)
    }
    if certify and plan.case.has_types:
        jobs[FINER_GRID_LABEL] = ReadSettings(halvings=1)
        halvings = coarser_halvings(plan.grid_size)
        jobs |= {
            label: ReadSettings(halvings=times)
            for label, times in zip(COARSER_GRID_LABELS, halvings, strict=False)
        }
        jobs |= {
            label: ReadSettings(reply_shift=shift)
            for label, shift in zip(SHIFTED_REPLY_LABELS, REPLY_SHIFTS, strict=True)
        }
    if check_precision:
        jobs |= {
            _precision_label(factor): ReadSettings(precision_factor=factor)
            for factor in PRECISION_FACTORS
        }
    return jobs

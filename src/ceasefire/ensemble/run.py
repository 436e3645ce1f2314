"""What is the answer to a question at best, how good is it, and what is it in many worlds?

Everything but the best estimate is shared out over all cores, the checks first: with every party
twice and four times as precise, with the belief grid refined once, with longer tails.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

import numpy as np
import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.executors import Engine, stream_answers
from ceasefire.ensemble.sampling import DrawnWorlds, Floats, World, draw_worlds
from ceasefire.ensemble.statistics import (
    ShareOfWorlds,
    count_true_worlds,
    next_sample_size,
    summarise_question_over_worlds,
)
from ceasefire.errors import CeasefireError
from ceasefire.query import (
    NumericalQuality,
    QueryPlan,
    Question,
    QuestionAnswer,
    QuestionAnswers,
    WorldResult,
    plan_questions,
    read_questions,
)
from ceasefire.query.answers import (
    PRECISION_FACTORS,
    RefinementChecks,
    SolvedResult,
    estimate_quantities,
    extra_tails,
    improbable_conditions,
)
from ceasefire.query.grid_change import coarser_halvings
from ceasefire.query.grid_choice import with_fine_enough_grid
from ceasefire.query.plan import RULE_CHANGES, OtherSelection, RuleChange, change_rules
from ceasefire.results import Markable, Result, count_phrase, join_phrases
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings

KeyT = TypeVar("KeyT")
JobT = TypeVar("JobT")
AnswerT = TypeVar("AnswerT")
JobTask = Callable[[JobT], AnswerT]
JobProgressCallback = Callable[[int, int], None]

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
) -> JobResults[KeyT, AnswerT]:
    """Do `task` for every job, as `run` does for worlds."""
    found: dict[KeyT, AnswerT] = {}
    failed: dict[KeyT, str] = {}
    interrupted = False
    with closing(_stream_starting_here(FailureCatchingTask(task), jobs, workers)) as answers:
        try:
            for key, (answer, reason) in answers:
                if reason is None:
                    found[key] = cast(AnswerT, answer)
                else:
                    failed[key] = reason
                if progress is not None:
                    progress(len(found) + len(failed), len(jobs))
        except KeyboardInterrupt:
            interrupted = True
    return JobResults(_in_job_order(found, jobs), _in_job_order(failed, jobs), interrupted)


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


@dataclass(frozen=True)
class AnsweredWorlds:
    """The worlds of one seed: what was drawn, and the answers by number of the world."""

    drawn: DrawnWorlds
    answers: Mapping[int, WorldResult]
    run_stats: RunStats

    @property
    def results(self) -> tuple[WorldResult, ...]:
        """The answers, in the order of the worlds."""
        return tuple(self.answers.values())

    def unknown_values(self, names: Sequence[str]) -> Floats:
        """(n, U) these unknowns in the worlds that have an answer."""
        places = [self.drawn.names.index(name) for name in names]
        rows = np.fromiter(self.answers, dtype=np.intp)
        return self.drawn.values[np.ix_(rows, np.array(places, dtype=np.intp))]

    def truths_of_question(self, question_index: int) -> list[bool | None]:
        """Whether a test is true in each of them, None where it has no answer."""
        return [sheet.test_result(question_index) for sheet in self.results]

    def share_of_question(self, question_index: int) -> ShareOfWorlds:
        """The share of the worlds in which a test is true."""
        found = count_true_worlds(self.truths_of_question(question_index))
        return ShareOfWorlds(found.true, found.worlds, found.failed + len(self.run_stats.failed))


def collect_answered_worlds(
    drawn: DrawnWorlds,
    results: Mapping[str | int, WorldResult],
    failed: Mapping[str | int, str],
    *,
    interrupted: bool,
) -> AnsweredWorlds:
    """The worlds among jobs that were done; the other jobs have names instead of numbers."""
    answers = {key: sheet for key, sheet in results.items() if isinstance(key, int)}
    impossible = {key: why for key, why in failed.items() if isinstance(key, int)}
    ran = RunStats.from_solutions(
        drawn, tuple(answers.values()), impossible, interrupted=interrupted
    )
    return AnsweredWorlds(drawn, answers, ran)


class ReadSettings(NamedTuple):
    """How prepared questions are asked once: in which world, how sharp, how finely, how long.

    world        the unknowns that differ from best, None for world 0
    halvings     how often the belief grid is refined
    extra_tail   by how many periods the tail grows
    """

    world: World | None = None
    precision_factor: float = 1.0
    halvings: int = 0
    extra_tail: int = 0


@dataclass(frozen=True)
class ReadPlanTask:
    """Reads prepared questions; sent to other processes with the games it needs."""

    prepared: QueryPlan

    def __call__(self, asking: ReadSettings) -> WorldResult:
        """Answer every question as it is asked here."""
        return self.prepared.evaluate_world(
            asking.world,
            sharper=asking.precision_factor,
            halvings=asking.halvings,
            extra_tail=asking.extra_tail,
        )


@dataclass(frozen=True)
class EnsembleRun:
    """What was read: at best, sharper, finer and longer, and in each world that has an answer.

    A check that Ctrl-C left undone is missing from `at_higher_precision`, or None in `checks`.

    sample        the worlds, None if there was only world 0
    fresh_worlds  fresh worlds from the next seed, None if they were not asked for
    """

    best: WorldResult
    at_higher_precision: Mapping[float, WorldResult]
    checks: RefinementChecks
    sample: AnsweredWorlds | None
    fresh_worlds: AnsweredWorlds | None = None
    failed_checks: tuple[str, ...] = ()
    interrupted: bool = False

    @classmethod
    def from_best(cls, best: WorldResult) -> "EnsembleRun":
        """The best estimates, nothing else being known yet."""
        return cls(best, {}, RefinementChecks(), None)

    @property
    def results(self) -> tuple[WorldResult, ...]:
        """The answers in the worlds, in their order."""
        return () if self.sample is None else self.sample.results

    @property
    def run_stats(self) -> RunStats | None:
        """How the run over the worlds went."""
        return None if self.sample is None else self.sample.run_stats


def run_ensemble(
    plan: QueryPlan,
    *,
    worlds: int = 0,
    seed: int = 0,
    check_precision: bool = False,
    max_interval_width: float | None = None,
    replicate: bool = False,
    workers: int | None = None,
    on_best: Callable[[WorldResult], None] | None = None,
    progress: JobProgressCallback | None = None,
) -> EnsembleRun:
    """Ask prepared questions at best, then everything else on all cores.

    worlds              how many worlds, or the most there may be with `max_interval_width`
    check_precision     whether to ask again at sharper precision
    max_interval_width  worlds are added until every test's interval is so narrow
    replicate           whether to ask half as many fresh worlds from the next seed
    on_best             called with the best estimates as soon as they are known
    progress            called with the number of readings done after that, and of all
    """
    width, first = max_interval_width, worlds
    if width is not None:
        first = next_sample_size((), 0, worlds, width)
    points = draw_worlds(plan.case, first, seed)
    best = plan.evaluate_world()
    if on_best is not None:
        on_best(best)
    checks = numerical_check_settings(plan, check_precision=check_precision)
    meter = ProgressCounter(progress, len(checks) + (first + first // 2 if replicate else first))
    reader = ReadPlanTask(plan)
    done = meter.run_jobs(reader, checks | _settings_by_world(points, 0), workers)
    found, failed, interrupted = dict(done.answers), dict(done.failed), done.interrupted
    while width is not None and not interrupted:
        sample = collect_answered_worlds(points, found, failed, interrupted=False)
        shares = [sample.share_of_question(n) for n in range(len(plan.questions))] if width else []
        more = next_sample_size(shares, len(points), worlds, width)
        if more == len(points):
            break
        before, points = len(points), draw_worlds(plan.case, more, seed)
        meter.total += (more - before) * 3 // 2 if replicate else more - before
        done = meter.run_jobs(reader, _settings_by_world(points, before), workers)
        found, failed = {**found, **done.answers}, {**failed, **done.failed}
        interrupted = done.interrupted
    again, ended = None, interrupted
    if replicate and not interrupted and len(points) > 1:
        fresh = draw_worlds(plan.case, len(points) // 2, seed + 1)
        done = meter.run_jobs(reader, _settings_by_world(fresh, 0), workers)
        interrupted = done.interrupted
        again = collect_answered_worlds(fresh, done.answers, done.failed, interrupted=interrupted)
    return EnsembleRun(
        best=best,
        at_higher_precision={
            factor: found[_precision_label(factor)]
            for factor in PRECISION_FACTORS
            if _precision_label(factor) in found
        },
        checks=RefinementChecks(
            found.get(FINER_GRID_LABEL),
            found.get(LONGER_TAIL_LABEL),
            plan.case.has_types,
            found.get(ONE_PERIOD_MORE_LABEL),
            plan.case.ending == "final",
            tuple(found[label] for label in COARSER_GRID_LABELS if label in found),
            plan.tolerance,
        ),
        sample=collect_answered_worlds(points, found, failed, interrupted=ended)
        if worlds
        else None,
        fresh_worlds=again,
        failed_checks=tuple(f"{key}: {why}" for key, why in failed.items() if isinstance(key, str)),
        interrupted=interrupted,
    )


class ProgressCounter:
    """Counts the jobs of several runs for one progress bar; `total` may grow."""

    def __init__(self, progress: JobProgressCallback | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def run_jobs(
        self, task: Callable[[JobT], AnswerT], jobs: Mapping[KeyT, JobT], workers: int | None
    ) -> JobResults[KeyT, AnswerT]:
        """Do `task` for every job, as `run_jobs` does."""
        before = self.done

        def step(done: int, _: int) -> None:
            self.done = before + done
            if self.progress is not None:
                self.progress(self.done, self.total)

        return run_jobs(task, jobs, workers, step)


def _settings_by_world(drawn: DrawnWorlds, skipped: int) -> dict[str | int, ReadSettings]:
    """The worlds after the first `skipped`, by number."""
    return {number: ReadSettings(drawn[number]) for number in range(skipped + 1, len(drawn) + 1)}


COARSER_GRID_LABELS = ("with a grid half as fine", "with a grid a quarter as fine")
FINER_GRID_LABEL, LONGER_TAIL_LABEL, ONE_PERIOD_MORE_LABEL = (
    "with a finer grid",
    "with a longer tail",
    "with a tail longer by one period",
)


def _precision_label(factor: float) -> str:
    return f"with everyone {factor:g} times as precise"


def numerical_check_settings(
    plan: QueryPlan, *, check_precision: bool
) -> dict[str | int, ReadSettings]:
    """The readings that say how good the best estimate is."""
    labels = (LONGER_TAIL_LABEL, ONE_PERIOD_MORE_LABEL)
    jobs: dict[str | int, ReadSettings] = {
        label: ReadSettings(extra_tail=extra)
        for label, extra in zip(labels, extra_tails(plan.case), strict=False)
    }
    if plan.case.has_types:
        jobs[FINER_GRID_LABEL] = ReadSettings(halvings=1)
        halvings = coarser_halvings(plan.grid_size)
        jobs |= {
            label: ReadSettings(halvings=times)
            for label, times in zip(COARSER_GRID_LABELS, halvings, strict=False)
        }
    if check_precision:
        jobs |= {
            _precision_label(factor): ReadSettings(precision_factor=factor)
            for factor in PRECISION_FACTORS
        }
    return jobs


MOST_PRECISION_CHANGE = 0.2  # of a probability, or in the units in which other numbers are compared


def precision_doubts(
    question: Question,
    number: int,
    best: WorldResult,
    at_higher_precision: Mapping[float, WorldResult],
) -> tuple[str, ...]:
    """How an answer changes when every party is more precise; nothing if it hardly does.

    number               the number of the question
    at_higher_precision  the answers by factor on all precisions

    A test changes if its verdict does; a number if one of its
    quantities moves by more than 0.2: of probability, per period looked at for a time, per range
    for an expected value, per unit or own size for a payoff.
    """
    if _asks_for_precision(question):
        return ()
    for factor, again in at_higher_precision.items():
        shown = _changed_answer(question, number, best, again)
        if shown is not None:
            times = {2.0: "twice", 4.0: "four times"}.get(factor, f"{factor:g} times")
            when = f"when everyone is {times} as precise"
            return (f"depends on how precisely parties act: {shown} {when}",)
    return ()


def _changed_answer(
    question: Question,
    number: int,
    best: WorldResult,
    again: WorldResult,
    most: float = MOST_PRECISION_CHANGE,
) -> str | None:
    """The answer when it is asked again, if it changed much; see `precision_doubts`.

    most   by how much a number may move without being said to change
    """
    value, other = best.values[number], again.values[number]
    pairs = zip(best.quantity_values[number], again.quantity_values[number], strict=True)
    moved = any(
        one.value is not None
        and two.value is not None
        and abs(two.value - one.value) > most * one.scale
        for one, two in pairs
    )
    if other is None or value is None or (other is value if question.is_test else not moved):
        return None
    return str(other).lower() if question.is_test else f"{float(other):.3g}"


RULE_CHANGE_WORDS: Mapping[RuleChange, tuple[str, str]] = {
    "opposite order": ("depends on who moves last", "with the steps in the opposite order"),
    "other ending": ("depends on how play ends", "with the other ending"),
}


def ask_under_changed_rules(
    plan: QueryPlan, *, workers: int | None = None, progress: JobProgressCallback | None = None
) -> JobResults[RuleChange, WorldResult]:
    """Ask questions with the steps in the opposite order, and with the other ending.

    plan      the questions, with the games that they need
    workers   processes at work; if None this one, and all cores if that takes more than a moment
    progress  called with the number of readings done, and of all

    A change that makes no difference to the rules is left out; an impossible game has failed.
    """
    changes = {c: c for c in RULE_CHANGES if change_rules(plan.case, c) is not None}
    return run_jobs(plan.evaluate_under_changed_rules, changes, workers, progress)


def rule_doubts(
    question: Question,
    number: int,
    best: WorldResult,
    changed: JobResults[RuleChange, WorldResult],
) -> tuple[str, ...]:
    """How an answer changes with who moves last and how play ends; nothing if it hardly does.

    number   the number of the question
    changed  the answers with a rule changed

    What counts as a change is said in `precision_doubts`.
    """
    doubts = [
        f"{RULE_CHANGE_WORDS[change][0]}: {shown} {RULE_CHANGE_WORDS[change][1]}"
        for change, again in changed.answers.items()
        if (shown := _changed_answer(question, number, best, again)) is not None
    ]
    failed = changed.failed.items()
    return (
        *doubts,
        *(f"not asked {RULE_CHANGE_WORDS[change][1]}: {why}" for change, why in failed),
    )


MOST_SELECTION_CHANGE = 0.005


def selection_doubts(
    question: Question,
    number: int,
    best: WorldResult,
    at_other_selections: Mapping[OtherSelection, WorldResult],
) -> tuple[str, ...]:
    """How an answer changes when another equilibrium is played; nothing if it hardly does.

    number               the number of the question
    at_other_selections  the answers by equilibrium

    A test changes if its verdict does, a number if one of its quantities moves by more than 0.005,
    counted as for `precision_doubts`.
    """
    answers = {
        selection: _changed_answer(question, number, best, again, MOST_SELECTION_CHANGE)
        for selection, again in at_other_selections.items()
    }
    shown = [f"{text} with selection={name}" for name, text in answers.items() if text is not None]
    return (f"depends on which equilibrium is played: {join_phrases(shown)}",) if shown else ()


def _asks_for_precision(question: Question) -> bool:
    return any(quantity.modification.precision_factor != 1.0 for quantity in question.quantities)


@dataclass(frozen=True)
class AskResult(Result):
    """Answers, and how the run over worlds went; `run_stats` is None for world 0 alone."""

    answers: QuestionAnswers
    run_stats: RunStats | None
    failed_checks: tuple[str, ...] = ()

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """What marks the answers at best, the run over worlds, and checks that failed."""
        answers = (answer.quantities for answer in self.answers.answers)
        return (
            *run_mark_reasons(self.answers.numerics, self.run_stats, self.failed_checks),
            *improbable_conditions(answers),
        )

    def as_json(self) -> dict[str, Any]:
        """The document of `ask --json`, digest and version left to the command."""
        run = {} if self.run_stats is None else {"run": self.run_stats.as_json()}
        return self.answers.as_json() | run

    def frame(self) -> pl.DataFrame:
        """One row for each quantity of each question, at best."""
        return self.answers.frame()


def ask(
    case: Case,
    *texts: str,
    worlds: int = 0,
    seed: int = 0,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> AskResult:
    """Ask any quantity or test at the best estimates and, with `worlds`, in that many worlds.

    Each is asked again with every party two and four times as precise, unless it says `sharper=`
    itself, with the steps in the opposite order, and with the other ending; an answer that changes
    much is warned about.

    tolerance  the grid is refined until its change is so small, or as far as the game's size allows

    Raises QuestionError with every problem of every text.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {range: [0.2, 0.4]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... ''')
    >>> found = ask(coin, "P(at_end(not war))", "P(at_end(not war)) < 0.35", worlds=16, workers=1)
    >>> number, test = found.answers.answers
    >>> round(number.best, 2), test.best, test.worlds.share.share
    (0.3, True, 0.75)
    """
    settings = SolveSettings(grid, memory, tolerance)
    questions = read_questions(case, dict.fromkeys(texts))
    prepared = with_fine_enough_grid(plan_questions(case, questions, settings))
    found = run_ensemble(
        prepared,
        worlds=worlds,
        seed=seed,
        check_precision=not all(map(_asks_for_precision, questions)),
        workers=workers,
        progress=progress,
    )
    changed: JobResults[RuleChange, WorldResult] = JobResults({}, {}, interrupted=False)
    if not found.interrupted:
        changed = ask_under_changed_rules(prepared, workers=workers)
    at_other_selections = {} if found.interrupted else prepared.at_other_selections(found.best)
    answers = {}
    for n, question in enumerate(questions):
        across = None
        if found.run_stats is not None:
            failed = len(found.run_stats.failed)
            across = summarise_question_over_worlds(
                found.results, n, is_test=question.is_test, failed=failed
            )
        answers[question.text] = QuestionAnswer(
            question.text,
            found.best.values[n],
            estimate_quantities(prepared, found.best, n, found.checks),
            (
                *found.best.warnings[n],
                *found.checks.doubts(question, found.best, n),
                *precision_doubts(question, n, found.best, found.at_higher_precision),
                *rule_doubts(question, n, found.best, changed),
                *selection_doubts(question, n, found.best, at_other_selections),
            ),
            across,
        )
    numerics = found.checks.numerics(found.best)
    listed = tuple(answers[text] for text in texts)
    return AskResult(
        QuestionAnswers(case.file, listed, numerics), found.run_stats, found.failed_checks
    )

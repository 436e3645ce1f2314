"""A large run: every claim and question in every world, kept in a store that grows.

The store is cut into batches, one file each, whose size is chosen once, when it is begun, so that
a batch is about a minute's work. A batch is computed in pieces of about a second, so that cores
are evenly busy; a worker draws the worlds of its piece itself. Nothing is held but the batches
under way, whatever the number of worlds.
"""

import math
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl
from llvmlite import binding

from ceasefire.argument import ConclusionFigures, conclusion_figures
from ceasefire.case import Case, dump
from ceasefire.ensemble.coding_verdicts import SharesByOption
from ceasefire.ensemble.executors import Engine, package_versions, stream_answers
from ceasefire.ensemble.expert_shares import SharesByExpert
from ceasefire.ensemble.sampling import SAMPLING_METHOD
from ceasefire.ensemble.statistics import ShareOfWorlds
from ceasefire.ensemble.store import (
    EXPERT_COLUMN,
    CellValue,
    ResultStore,
    StoreColumns,
    alternative_column,
    collapse_whitespace,
    compute_rows,
    digest_facts,
)
from ceasefire.errors import CaseError, Problem, WorldError
from ceasefire.query import QueryPlan, plan_questions, read_claims, read_questions
from ceasefire.query.grid_refinement import with_fine_enough_grid
from ceasefire.results import Result, count_phrase
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings
from ceasefire.stopping import keep_each


@dataclass(frozen=True)
class MeanAndExtremes:
    """How a number comes out over worlds that have one: mean, lowest and highest."""

    worlds: int = 0
    mean: float | None = None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, float | int | None]:
        """The four numbers."""
        return {"n": self.worlds, "mean": self.mean, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class StoreSummary:
    """What worlds 1 to N say.

    stored                     how many of them are there
    tests                      in which share of them each test is true
    numbers                    how each question that is a number comes out
    margins                    how each comparison in the tests of claims comes out
    failed                     how many are impossible, and the first of these with the reason
    with_unresolved_decisions  how many have a decision that was left unresolved
    with_branch_points         how many met a branch point
    argument                   what each conclusion owes to its premises, by its column
    experts                    of each test the share in the worlds of each expert alone; empty
                               without experts
    codings                    of each test the share in the worlds of each option; empty without
                               alternatives
    """

    stored: int
    tests: dict[str, ShareOfWorlds]
    numbers: dict[str, MeanAndExtremes]
    margins: dict[str, MeanAndExtremes]
    failed: int = 0
    first_failure: tuple[int, str] | None = None
    with_unresolved_decisions: int = 0
    with_branch_points: int = 0
    argument: Mapping[str, ConclusionFigures] = field(default_factory=dict)
    experts: Mapping[str, SharesByExpert] = field(default_factory=dict)
    codings: Mapping[str, SharesByOption] = field(default_factory=dict)


def summarise_store(
    store: ResultStore,
    worlds: int,
    tests: Sequence[str],
    numbers: Sequence[str],
    margins: Sequence[str],
    premises: Mapping[str, Sequence[str]],
    experts: Sequence[str] = (),
    options: Mapping[str, Sequence[str]] | None = None,
) -> StoreSummary:
    """Count what a store holds of worlds 1 to `worlds`; memory does not grow with their number.

    tests     columns of tests
    numbers   columns of numbers
    margins   columns of margins
    premises  by the column of a conclusion, those of its premises
    experts   the experts of the case
    options   the options of each alternative of the case
    """
    groups = {EXPERT_COLUMN: experts} if experts else {}
    groups |= {alternative_column(name): listed for name, listed in (options or {}).items()}
    kept = ("world", "unresolved", "branch_points", "failed", *groups, *tests, *numbers, *margins)
    tally = _RunningTotals(tuple(tests), tuple(numbers), tuple(margins), premises, groups)
    for frame in store.iter_batches(kept, worlds):
        tally.add(frame)
    shares = {name: tally.shares_by_group(name) for name in tests}
    by_expert = {name: found[EXPERT_COLUMN] for name, found in shares.items() if experts}
    by_option = {
        name: {one: found[alternative_column(one)] for one in options}
        for name, found in shares.items()
        if options
    }
    return replace(tally.summary(), experts=by_expert, codings=by_option)


@dataclass
class _RunningTotals:
    """Running totals; of a number: how many have it, their sum, the lowest and the highest."""

    tests: tuple[str, ...]
    numbers: tuple[str, ...]
    margins: tuple[str, ...]
    premises: Mapping[str, Sequence[str]]
    groups: Mapping[str, Sequence[str]]
    stored: int = 0
    failed: int = 0
    first_failure: tuple[int, str] | None = None
    with_unresolved_decisions: int = 0
    with_branch_points: int = 0
    test_counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    number_totals: dict[str, tuple[int, float, float, float]] = field(default_factory=dict)
    truth_counts: dict[str, Counter[tuple[bool | None, ...]]] = field(default_factory=dict)
    group_counts: Counter[tuple[str, str, str, bool | None]] = field(default_factory=Counter)

    def add(self, frame: pl.DataFrame) -> None:
        self.stored += len(frame)
        self.failed += int(frame["failed"].count())
        if self.first_failure is None and self.failed:
            number, why = frame.drop_nulls("failed").select("world", "failed").row(0)
            self.first_failure = (number, why)
        self.with_unresolved_decisions += int((frame["unresolved"] > 0).sum())
        self.with_branch_points += int((frame["branch_points"] > 0).sum())
        for name in self.tests:
            true, known = self.test_counts.get(name, (0, 0))
            self.test_counts[name] = (
                true + int(frame[name].sum()),
                known + int(frame[name].count()),
            )
            for column in self.groups:
                for group, truth, worlds in frame.group_by(column, name).len().iter_rows():
                    self.group_counts[name, column, group, truth] += worlds
        for name in (*self.numbers, *self.margins):
            values = frame[name].drop_nulls()
            count, total, low, high = self.number_totals.get(name, (0, 0.0, math.inf, -math.inf))
            if len(values):
                low, high = min(low, *values), max(high, *values)
            self.number_totals[name] = (count + len(values), total + float(values.sum()), low, high)

        for name, rests_on in self.premises.items():
            counted = self.truth_counts.setdefault(name, Counter())
            for *truths, worlds in frame.group_by(name, *rests_on).len().iter_rows():
                counted[tuple(truths)] += worlds

    def figures(self) -> Iterator[tuple[str, ConclusionFigures]]:
        """What each conclusion owes to its premises."""
        for name, counted in self.truth_counts.items():
            conclusion, *rests_on = zip(*counted, strict=True)
            claims = [column.removeprefix("claim_") for column in self.premises[name]]
            premises = dict(zip(claims, rests_on, strict=True))
            yield name, conclusion_figures(conclusion, premises, counts=list(counted.values()))

    def summary(self) -> StoreSummary:
        tests = {}
        for name in self.tests:
            true, known = self.test_counts.get(name, (0, 0))
            tests[name] = ShareOfWorlds(true, known, self.stored - known)
        return StoreSummary(
            self.stored,
            tests,
            {name: self._mean_and_extremes(name) for name in self.numbers},
            {name: self._mean_and_extremes(name) for name in self.margins},
            self.failed,
            self.first_failure,
            self.with_unresolved_decisions,
            self.with_branch_points,
            dict(self.figures()),
        )

    def shares_by_group(self, test: str) -> dict[str, dict[str, ShareOfWorlds]]:
        """By column, the share of the worlds of each of its groups in which a test is true."""
        return {
            column: {group: self._share_of_group(test, column, group) for group in listed}
            for column, listed in self.groups.items()
        }

    def _share_of_group(self, test: str, column: str, group: str) -> ShareOfWorlds:
        true, false, unknown = (
            self.group_counts[test, column, group, truth] for truth in (True, False, None)
        )
        return ShareOfWorlds(true, true + false, unknown)

    def _mean_and_extremes(self, name: str) -> MeanAndExtremes:
        count, total, low, high = self.number_totals.get(name, (0, 0.0, 0.0, 0.0))
        return MeanAndExtremes(count, total / count, low, high) if count else MeanAndExtremes()


JobProgressCallback = Callable[[int, int], None]
BATCH_SECONDS, CHUNK_SECONDS, MAX_BATCH_WORLDS = 60.0, 1.0, 4096


@dataclass(frozen=True)
class SweepResult(Result):
    """What a store says of worlds 1 to `requested`, and how this run went.

    store        the folder that holds the batches
    best         the answers at the best estimates, by name of the column
    computed     worlds computed in this run, in `seconds`; the others were there
    interrupted  whether Ctrl-C ended the run
    """

    store: str
    seed: int
    grid: int | None
    requested: int
    best: Mapping[str, CellValue]
    summary: StoreSummary
    computed: int
    seconds: float
    interrupted: bool = False

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Worlds that failed, are missing, or whose solution is marked."""
        found = self.summary
        return (
            *count_phrase(max(0, self.requested - found.stored), "world", "missing"),
            *count_phrase(found.failed, "world", "failed"),
            *count_phrase(found.with_unresolved_decisions, "world", "with unresolved decisions"),
            *count_phrase(found.with_branch_points, "world", "with branch points"),
        )

    @property
    def worlds_per_second(self) -> float | None:
        """Worlds per second of this run, None if there was nothing to compute."""
        return self.computed / self.seconds if self.computed else None

    def as_json(self) -> dict[str, Any]:
        """The document of `sweep --json`, digest and version of the case left to the command."""
        tests = [
            {
                "column": name,
                "best": self.best[name],
                "n": share.worlds,
                "share": share.share,
                "interval": list(share.interval),
                "verdict": share.verdict,
                "argument": self.summary.argument[name].as_json()
                if name in self.summary.argument
                else None,
                "experts": {
                    expert: one.share for expert, one in self.summary.experts.get(name, {}).items()
                }
                or None,
                "codings": {
                    one: {option: share.share for option, share in options.items()}
                    for one, options in self.summary.codings.get(name, {}).items()
                }
                or None,
            }
            for name, share in self.summary.tests.items()
        ]
        numbers, margins = (
            [
                {"column": name, "best": self.best[name], **span.as_json()}
                for name, span in spans.items()
            ]
            for spans in (self.summary.numbers, self.summary.margins)
        )
        run = {
            "seed": self.seed,
            "grid": self.grid,
            "wanted": self.requested,
            "done": self.summary.stored,
            "computed": self.computed,
            "seconds": self.seconds,
            "worlds_per_second": self.worlds_per_second,
            "failed": self.summary.failed,
            "unresolved": self.summary.with_unresolved_decisions,
            "branched": self.summary.with_branch_points,
            "interrupted": self.interrupted,
        }
        return {
            "store": self.store,
            "tests": tests,
            "numbers": numbers,
            "margins": margins,
            "run": run,
        }

    def frame(self) -> pl.DataFrame:
        """One row for each column: of a test its share and interval, of a number its extremes.

        The numbers are those asked for, then the comparisons in the tests of claims.
        """
        tests = [
            (name, share.worlds, share.share, *share.interval)
            for name, share in self.summary.tests.items()
        ]
        numbers = [
            (name, span.worlds, span.mean, span.low, span.high)
            for name, span in (*self.summary.numbers.items(), *self.summary.margins.items())
        ]
        floats = dict.fromkeys(("mean", "low", "high"), pl.Float64)
        schema = {"column": pl.String, "worlds": pl.Int64, **floats}
        return pl.DataFrame([*tests, *numbers], schema=schema, orient="row")


def sweep(
    case: Case,
    folder: str,
    worlds: int,
    *questions: str,
    seed: int = 0,
    engine: Engine | None = None,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    batch: int | None = None,
    progress: JobProgressCallback | None = None,
) -> SweepResult:
    """Compute the claims of a case, and these questions, in many worlds, and keep the results.

    folder     where; any place fsspec knows. Worlds that are there already are not computed again
    worlds     how many worlds there are to be in the end
    questions  what is asked besides the claims
    seed       seed of the worlds
    engine     where to compute, the cores of this machine if None
    grid       belief nodes for each party with types; None has them chosen for the tolerance
    memory     most bytes that a solution may take
    tolerance  the grid is refined until its change is so small, or as far as the game's size allows
    batch      worlds per file where the store is begun, about a minute's work if None
    progress   called with the number of worlds that are there, and of all

    Raises CaseError for a case without claims if nothing else is asked, QuestionError with every
    problem of every text, WorldError for a place that cannot be written, files there that no sweep
    of this wrote or that hold the same in worlds drawn in another way, an engine that cannot be
    used, or another `batch` than that of the store.

    >>> from ceasefire.case import loads
    >>> coin = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {odds: {range: [0.2, 0.4]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
    ... ''')
    >>> test, here = "P(at_end(not war)) < 0.35", Engine(workers=1)
    >>> sweep(coin, "memory://sweep", 64, test, engine=here).summary.tests[test].share
    0.75
    >>> more = sweep(coin, "memory://sweep", 192, test, engine=here)
    >>> more.computed, more.summary.tests[test].worlds
    (128, 192)
    """
    settings = SolveSettings(grid, memory, tolerance)
    claims, engine = read_claims(case), engine or Engine()
    asked = [*claims.values(), *read_questions(case, dict.fromkeys(questions))]
    if not asked:
        help = 'add one, or ask something: ceasefire sweep CASE "P(...) > 0.5" -o DIR'
        raise CaseError([Problem("the case makes no claim", case.file, path="claims", help=help)])
    prepared = with_fine_enough_grid(plan_questions(case, asked, settings))
    columns = StoreColumns.from_questions(case, tuple(claims), asked)
    tests, numbers, margins = (
        [name for name, _ in kind] for kind in (columns.tests, columns.numbers, columns.margins)
    )
    resolved = dump(case)
    facts = {
        "case": digest_facts({"case": resolved}),
        "questions": {
            name: collapse_whitespace(asked[n].text)
            for name, n in (*columns.tests, *columns.numbers)
        },
        "seed": seed,
        "sampling": SAMPLING_METHOD,
        "grid": prepared.grid_size,
        "versions": package_versions(),
    }
    store = ResultStore(folder, digest_facts(facts))
    if not store.exists:
        store.refuse_other_worlds(facts)
        store.create({**facts, **_measure_best_world(prepared, columns, batch)}, resolved)
    store.require_columns(columns.answer_columns)
    if batch not in (None, store.batch_size):
        raise WorldError([_batch_size_problem(store, batch)])
    began = time.perf_counter()
    filling = _StoreFiller(store, worlds, progress)
    if filling.missing:
        store.record_run(_run_record(engine, worlds))
    filling.fill(partial(compute_rows, prepared, columns, seed), engine)
    return SweepResult(
        store=store.display_path,
        seed=seed,
        grid=prepared.grid_size,
        requested=worlds,
        best={
            k: float(v) if isinstance(v, str) else v for k, v in store.provenance["best"].items()
        },
        summary=summarise_store(
            store,
            worlds,
            tests,
            numbers,
            margins,
            _columns_of_premises(case),
            tuple(case.experts),
            case.drawn_options,
        ),
        computed=filling.computed,
        seconds=time.perf_counter() - began,
        interrupted=filling.interrupted,
    )


def _columns_of_premises(case: Case) -> dict[str, tuple[str, ...]]:
    return {
        f"claim_{name}": tuple(f"claim_{one}" for one in claim.because)
        for name, claim in case.claims.items()
        if claim.because
    }


def _measure_best_world(
    plan: QueryPlan, columns: StoreColumns, batch: int | None
) -> dict[str, Any]:
    """The best estimates, how long a world takes, and how many make a batch."""
    sheet = plan.evaluate_world()
    began = time.perf_counter()
    plan.evaluate_world()  # again: the first time may have compiled
    seconds = time.perf_counter() - began
    size = 2 ** max(0, math.floor(math.log2(BATCH_SECONDS / seconds)))
    return {
        "best": dict(zip(columns.answer_columns, columns.row(sheet, None), strict=True)),
        "seconds_per_world": seconds,
        "batch": batch or min(size, MAX_BATCH_WORLDS),
    }


def _run_record(engine: Engine, worlds: int) -> dict[str, Any]:
    """What provenance says of one run."""
    return {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "worlds": worlds,
        "engine": engine.as_json(),
        "python": platform.python_version(),
        "machine": {
            "system": platform.platform(),
            "processor": binding.get_host_cpu_name(),
            "cores": os.cpu_count(),
        },
    }


def _batch_size_problem(store: ResultStore, batch: int | None) -> Problem:
    return Problem(
        "the store has batches of another size",
        store.display_path,
        path="batch",
        found=str(batch),
        allowed=str(store.batch_size),
        help="leave it out: it is chosen when a store is begun",
    )


class _StoreFiller:
    """Computes the worlds that a store lacks, and writes each batch as soon as it is whole."""

    def __init__(
        self, store: ResultStore, worlds: int, progress: JobProgressCallback | None
    ) -> None:
        self.store, self.worlds, self.progress = store, worlds, progress
        self.stored_by_batch = store.worlds_by_batch()
        self.chunk_worlds = max(1, int(CHUNK_SECONDS / store.provenance["seconds_per_world"]))
        self.pending_frames: dict[int, dict[int, pl.DataFrame]] = {}
        self.already_stored = sum(
            min(held, self._batch_target(number)) for number, held in self.stored_by_batch.items()
        )
        self.computed = 0
        self.interrupted = False

    @property
    def missing(self) -> int:
        """How many worlds are not there; a store that lacks none need not be writable."""
        return self.worlds - self.already_stored

    def fill(self, task: Callable[[tuple[int, int]], pl.DataFrame], engine: Engine) -> None:
        """Compute; Ctrl-C ends it and keeps what is done."""
        with closing(stream_answers(task, self._chunks(), engine)) as answers:
            try:
                for (number, first), frame in keep_each(answers):
                    self.pending_frames.setdefault(number, {})[first] = frame
                    self.computed += len(frame)
                    self._write_if_whole(number)
                    if self.progress is not None:
                        self.progress(self.already_stored + self.computed, self.worlds)
            except KeyboardInterrupt:
                self.interrupted = True
        for number in list(self.pending_frames):
            self._write_contiguous(number)

    def _batch_target(self, batch_number: int) -> int:
        """How many worlds of this run a batch is to hold in the end."""
        return max(
            0, min(self.store.batch_size, self.worlds - (batch_number - 1) * self.store.batch_size)
        )

    def _chunks(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for number in range(1, -(-self.worlds // self.store.batch_size) + 1):
            before = (number - 1) * self.store.batch_size
            first, last = (
                before + self.stored_by_batch.get(number, 0) + 1,
                before + self._batch_target(number),
            )
            for begin in range(first, last + 1, self.chunk_worlds):
                yield (number, begin), (begin, min(begin + self.chunk_worlds - 1, last))

    def _write_if_whole(self, batch_number: int) -> None:
        computed = sum(len(frame) for frame in self.pending_frames[batch_number].values())
        if self.stored_by_batch.get(batch_number, 0) + computed == self._batch_target(batch_number):
            self._write_contiguous(batch_number)

    def _write_contiguous(self, batch_number: int) -> None:
        """Write the pieces of a batch that follow on what it holds without a gap."""
        pieces = self.pending_frames.pop(batch_number)
        after = (batch_number - 1) * self.store.batch_size + self.stored_by_batch.get(
            batch_number, 0
        )
        whole = []
        for first in sorted(pieces):
            if first != after + 1:
                break
            whole.append(pieces[first])
            after += len(pieces[first])
        if whole:
            self.store.write_batch(batch_number, pl.concat(whole))

"""What all pages share, and what is known of a question that is under way."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ceasefire.case import Case
from ceasefire.ensemble.executors import usable_cores
from ceasefire.errors import CeasefireError, Problem
from ceasefire.web import worker_tasks
from ceasefire.web.case_folder import CaseFolder
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.server_settings import ServerLimits
from ceasefire.web.worker_pool import WorkerPool
from ceasefire.web.worker_results import (
    BestEstimateTaskResult,
    CaseOverview,
    CheckTaskResult,
    ClaimTurningPoints,
    TaskProgress,
)

KeyT = TypeVar("KeyT")
ResultT = TypeVar("ResultT")
LEAST_DONE = 3  # readings after which it is foreseen how long the rest takes
MOST_KEPT_RESULTS = 32  # of each kind
LONG_RUN_SECONDS = 30.0  # a process more takes five seconds before it is of use
MOST_PRECOMPUTED_CASES = 100  # cases that are answered before anybody opens them


@dataclass
class ServerState:
    """What all pages share: the folder of cases, the limits, and the processes that solve.

    case_folder       the folder of cases
    interactive_pool  answers what somebody waits for
    batch_pool        computes shares, after what somebody waits for
    background_pool   answers what nobody has asked yet, after everything else
    default_worlds    how many worlds are drawn unless a page asks for another number
    cached_results    by digest, the claims of cases as they are written
    validated_cases   cases that stand alone and have no problem, with their digests
    solver_loaded     whether the processes have loaded the solver
    known_shares      shares by case and number of worlds, the last ones computed
    known_turning_points  what turns each claim, by case, the last ones computed
    overviews         by the name of the case, what the front page says of it
    """

    case_folder: CaseFolder
    limits: ServerLimits
    interactive_pool: WorkerPool
    batch_pool: WorkerPool
    background_pool: WorkerPool
    default_worlds: int
    cached_results: dict[str, BestEstimateTaskResult] = field(default_factory=dict)
    validated_cases: dict[EditedCase, tuple[Case, str]] = field(default_factory=dict)
    solver_loaded: bool = False
    known_shares: dict[tuple[EditedCase, int], CheckTaskResult] = field(default_factory=dict)
    known_turning_points: dict[EditedCase, ClaimTurningPoints] = field(default_factory=dict)
    overviews: dict[str, CaseOverview] = field(default_factory=dict)

    @staticmethod
    def keep(known: dict[KeyT, ResultT], key: KeyT, result: ResultT) -> None:
        """Keep a result, and let the oldest go where there are too many."""
        known[key] = result
        while len(known) > MOST_KEPT_RESULTS:
            del known[next(iter(known))]

    def processes_for(self, seconds: float, *, unasked: bool = False) -> int:
        """How many processes a run gets: one for each core where it takes long.

        One alone where another run is under way, since its worlds are on the cores already.

        seconds  how long the run would take in one process
        unasked  whether it comes after everything else, and so takes nothing from other runs
        """
        alone = unasked or not self.batch_pool.is_busy
        return usable_cores() if alone and seconds >= LONG_RUN_SECONDS else 1

    async def precompute_claims(self) -> None:
        """Answer the claims of every case, so that whoever opens one need not wait."""
        for name in self.case_folder.names()[:MOST_PRECOMPUTED_CASES]:
            with suppress(CeasefireError):  # shown when the case is opened
                draft = self.read_edited_case(name)
                case, digest, best = await self.background_pool.run(
                    worker_tasks.written_case_task,
                    draft,
                    self.limits.solve_settings,
                    timeout_seconds=self.limits.interactive_seconds,
                )
                self.cached_results[digest] = best
                self.overviews[name] = CaseOverview.of(case, best)
                if "extends" not in draft.text:  # else it changes with another file
                    self.validated_cases[draft] = case, digest
            self.solver_loaded = True

    def read_edited_case(self, name: str) -> EditedCase:
        """The text of a case, nothing done to it yet.

        name  the name of the case in the folder
        """
        folder = self.case_folder.folder
        return EditedCase(self.case_folder.read(name), str(folder / name), str(folder))


@dataclass
class PendingTask:
    """A question under way: since when, how far, and how to stop it.

    expected_seconds  how long it may take, None if that is not known
    keeps             whether what is done so far is an answer
    progress          how far it is, None while that is not known
    stop_requested    set when somebody asks for what is done so far
    started_at        when it began, as a monotonic clock has it
    part_started_at   when the part that is under way began
    """

    expected_seconds: float | None = None
    keeps: bool = False
    progress: TaskProgress | None = None
    stop_requested: asyncio.Event = field(default_factory=asyncio.Event)
    started_at: float = field(default_factory=time.monotonic)
    part_started_at: float = field(default_factory=time.monotonic)

    @property
    def elapsed_seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.started_at

    @property
    def seconds_left(self) -> float | None:
        """How long the part takes from here at the pace so far; None while too little is done."""
        if self.progress is None or not LEAST_DONE <= self.progress.done < self.progress.total:
            return None
        each = (time.monotonic() - self.part_started_at) / self.progress.done
        return each * (self.progress.total - self.progress.done)

    def receive(self, progress: TaskProgress) -> None:
        """Take in how far it is; a part that is new, or counts anew, has a pace of its own.

        progress  how far the part is
        """
        before = self.progress
        if before is not None and (progress.part != before.part or progress.done < before.done):
            self.part_started_at = time.monotonic()
        self.progress = progress


def relativise_problem(problem: Problem, folder: Path) -> Problem:
    """A problem whose file is named as the page names it, not by where it lies on this machine.

    problem  a problem
    folder   the folder of the cases
    """
    if problem.file is None:
        return problem
    try:
        return replace(problem, file=Path(problem.file).relative_to(folder).as_posix())
    except ValueError:
        return replace(problem, file=Path(problem.file).name)

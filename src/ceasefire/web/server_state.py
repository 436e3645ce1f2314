"""What all pages share, and what is known of a question that is under way."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ceasefire.case import Case
from ceasefire.errors import CeasefireError, Problem
from ceasefire.web import worker_tasks
from ceasefire.web.case_folder import CaseFolder
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.settings import ServerLimits
from ceasefire.web.worker_pool import WorkerPool
from ceasefire.web.worker_results import BestEstimateTaskResult, TaskProgress

MOST_PRECOMPUTED_CASES = 100  # cases that are answered before anybody opens them


@dataclass
class ServerState:
    """What all pages share: the folder of cases, the limits, and the processes that solve.

    now    answers what somebody waits for
    later  computes shares, after everything else
    worlds how many there are unless a page asks for others
    known  by digest, the claims of cases as they are written
    opened cases that stand alone and have no problem, with their digests
    ready  whether the processes have loaded the solver
    """

    shelf: CaseFolder
    limits: ServerLimits
    now: WorkerPool
    later: WorkerPool
    worlds: int
    known: dict[str, BestEstimateTaskResult] = field(default_factory=dict)
    opened: dict[EditedCase, tuple[Case, str]] = field(default_factory=dict)
    ready: bool = False

    async def prepare(self) -> None:
        """Answer the claims of every case, so that whoever opens one need not wait."""
        for name in self.shelf.names()[:MOST_PRECOMPUTED_CASES]:
            with suppress(CeasefireError):  # shown when the case is opened
                draft = self.draft(name)
                case, digest, best = await self.later.ask(
                    worker_tasks.written_case_task,
                    draft,
                    self.limits.memory,
                    seconds=self.limits.answer,
                )
                self.known[digest] = best
                if "extends" not in draft.text:  # else it changes with another file
                    self.opened[draft] = case, digest
            self.ready = True

    def draft(self, name: str) -> EditedCase:
        """The text of a case, nothing done to it yet."""
        folder = self.shelf.folder
        return EditedCase(self.shelf.read(name), str(folder / name), str(folder))


@dataclass
class PendingTask:
    """A question under way: since when, how far, and how to stop it."""

    about: float | None = None
    progress: TaskProgress | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self.began


def relativise_problem(problem: Problem, folder: Path) -> Problem:
    """A problem whose file is named as the page names it, not by where it lies on this machine."""
    if problem.file is None:
        return problem
    try:
        return replace(problem, file=Path(problem.file).relative_to(folder).as_posix())
    except ValueError:
        return replace(problem, file=Path(problem.file).name)

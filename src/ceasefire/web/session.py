"""What one page knows and asks: a case as it stands there, and the answers to it.

Each page load has a session of its own, so nobody sees what another moves.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ceasefire.case import Case, Event
from ceasefire.errors import CeasefireError, Problem
from ceasefire.query import Explanation
from ceasefire.web import worker_tasks
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.server_state import ServerState, relativise_problem
from ceasefire.web.task_manager import TaskManager
from ceasefire.web.worker_pool import WorkerPool
from ceasefire.web.worker_results import (
    BestEstimateClaim,
    BestEstimateTaskResult,
    CheckTaskResult,
    TaskProgress,
    UpdateTaskResult,
)

SLIDER_REST_SECONDS = 0.25  # seconds a slider must rest
MOST_UNASKED_SECONDS = 60.0  # seconds that the shares of all worlds may take to be computed unasked


class PageSession(TaskManager):
    """A case on a page.

    case      what the text says, None while that is not known or it has problems
    best      the claims where the unknowns were last, `lines` those known so far of the newest
    written   the claims as the case is written, nothing moved
    answered  the draft that `lines` are of
    tab       the name of what is looked at
    shares    what the last run over worlds found, None if it is of another case than this
    """

    def __init__(self, desk: ServerState, draft: EditedCase, name: str) -> None:
        super().__init__()
        self.desk, self.draft, self.name = desk, draft, name
        self.case: Case | None = None
        self.problems: tuple[Problem, ...] = ()
        self.lines: dict[str, BestEstimateClaim] = {}
        self.best: BestEstimateTaskResult | None = None
        self.written: BestEstimateTaskResult | None = None
        self.shares: CheckTaskResult | None = None
        self.reasons: Explanation | None = None
        self.happened: UpdateTaskResult | None = None
        self.answered: EditedCase | None = None
        self.worlds = desk.worlds
        self.tab = "Claims"

    @property
    def stale(self) -> bool:
        """Whether the answers shown are of the case before something was moved or rewritten."""
        return self.answered is None or not self.same(self.answered)

    def same(self, draft: EditedCase) -> bool:
        """Whether a draft is what the page shows now, events aside."""
        return draft == replace(self.draft, logged=draft.logged)

    @property
    def cost(self) -> float:
        """About how many seconds the shares take: worlds, half as many fresh ones, four checks."""
        each = self.pace.get("shares", self.pace.get("best", 0.0))
        return each * (1.5 * self.worlds + 4)

    @property
    def moved(self) -> dict[str, float]:
        """Unknowns that are not at best."""
        return dict(self.draft.moved)

    def move(self, name: str, value: float) -> None:
        """Hold an unknown at a value; at best it is let go."""
        if self.case is None or name not in self.case.unknowns:
            return
        moved = {**self.moved, name: value}
        if value == self.case.unknowns[name].best:
            del moved[name]
        self._set(replace(self.draft, moved=tuple(moved.items())), SLIDER_REST_SECONDS)

    def switch(self, table: str, on: bool) -> None:
        """Take a table away, or bring it back."""
        off = {*self.draft.off} - {table} if on else {*self.draft.off, table}
        self._set(replace(self.draft, off=tuple(sorted(off))), 0.0)

    def reset(self) -> None:
        """Back to the case as it is written."""
        self._set(replace(self.draft, moved=(), off=()), 0.0)

    def log(self, event: Event) -> None:
        """Add what has happened."""
        self._set(replace(self.draft, logged=(*self.draft.logged, event)), 0.0, solve=False)
        self.update(False)

    def unlog(self, place: int) -> None:
        """Take back what was added at this place."""
        logged = [event for n, event in enumerate(self.draft.logged) if n != place]
        self._set(replace(self.draft, logged=tuple(logged)), 0.0, solve=False)
        self.update(False)

    def rewrite(self, text: str) -> None:
        """Begin anew with another text; what was moved and still exists stays."""
        self.draft = replace(self.draft, text=text)
        self.written, self.shares, self.happened = None, None, None
        self.open()

    def _set(self, draft: EditedCase, pause: float, *, solve: bool = True) -> None:
        if draft == self.draft:
            return
        self.draft = draft
        if solve:
            self.shares = self.happened = None
            self.give_up("shares")
            self.give_up("update")
            self.tell("update")
            self.solve(pause)
        self.tell("draft")

    def begin(self) -> None:
        """Read the text when a browser has connected, and not again when it comes back."""
        if not self._tasks and self.case is None:
            self.open()

    def open(self) -> None:
        """Read the text, then answer its claims."""
        self._start("open", self._open)

    async def _open(self) -> None:
        def said(read: tuple[Case, str]) -> None:
            case, digest = read
            self.case, self.problems = case, ()
            known = case.unknowns.keys()
            self.draft = replace(
                self.draft,
                moved=tuple((n, v) for n, v in self.draft.moved if n in known),
                off=tuple(n for n in self.draft.off if n in case.tables),
            )
            if not (self.draft.moved or self.draft.off or self.draft.logged):
                self.written = self.desk.known.get(digest)
            self.tell("case")
            self.solve(0.0)

        try:
            if (read := self.desk.opened.get(self.draft)) is not None:
                said(read)
            else:
                await self._now("open", worker_tasks.read_case_task, said=said)
        except CeasefireError as error:
            self.problems = error.problems
            if self.case is None:
                self.give_up("best")
            self.tell("problems")

    def check_text(self, text: str) -> None:
        """Look for the problems of a text that is being written, without playing it."""
        self._start("text", lambda: self._check_text(text))

    async def _check_text(self, text: str) -> None:
        await asyncio.sleep(0.6)
        draft = EditedCase(text, self.draft.file, self.draft.folder)
        found: tuple[Problem, ...] = ()
        try:
            case = await self._now("text", worker_tasks.read_case_task, draft=draft)
            warnings = case.warnings
        except CeasefireError as error:
            found, warnings = error.problems, ()
        self.trouble["text"], self.trouble["warnings"] = found, warnings
        self.tell("text")

    def solve(self, pause: float) -> None:
        """Answer the claims where everything is now."""
        self._start("best", lambda: self._solve(pause))

    async def _solve(self, pause: float) -> None:
        await asyncio.sleep(pause)
        if self.case is None or not self.case.claims:
            return
        draft = self.draft
        plain = not draft.moved and not draft.off
        found = self.written if plain else None
        if found is None:
            found = await self._best()
        self.lines, self.best, self.answered = dict(found.lines), found, draft
        if plain:
            self.written = found
        self.pace["best"] = found.seconds
        self.tell("best")
        if self.cost <= MOST_UNASKED_SECONDS:
            self.share()

    async def _best(self) -> BestEstimateTaskResult:
        def said(found: dict[str, BestEstimateClaim] | TaskProgress) -> None:
            if isinstance(found, TaskProgress):
                self.asking["best"].progress = found
                self.tell("progress")
            else:
                fresh.update(found)
                self.lines, self.answered = fresh, draft
                self.tell("some")

        draft, fresh = self.draft, dict[str, BestEstimateClaim]()
        best: BestEstimateTaskResult = await self._now(
            "best", worker_tasks.best_estimates_task, said=said
        )
        return best

    def share(self) -> None:
        """Compute the shares over worlds."""
        self._start("shares", self._share)

    async def _share(self) -> None:
        asking = self._asking("shares")
        found: CheckTaskResult = await self._later("shares", worker_tasks.check_task, self.worlds)
        self.shares = found
        if found.checked.ran is not None and not found.checked.ran.interrupted:
            self.pace["shares"] = asking.seconds / (1.5 * found.checked.ran.wanted + 4)
        self.tell("shares")

    def run(
        self,
        kind: str,
        job: Callable[..., Any],
        *arguments: Any,
        then: Callable[[EditedCase, Any], None],
        pause: float = 0.0,
        soon: bool = False,
    ) -> None:
        """Ask something long of the case as it stands; `then` gets that draft and the answer.

        soon  whether to go before runs over worlds
        """
        pool = self.desk.now if soon else self.desk.later

        async def ask() -> None:
            await asyncio.sleep(pause)
            draft = self.draft
            self._asking(kind)
            then(draft, await self._later(kind, job, *arguments, pool=pool))
            self.tell(kind)

        self._start(kind, ask)

    def explain(self, party: str, at: str) -> None:
        """Ask why a party would do what it does in a state."""
        self._start("reasons", lambda: self._explain(party, at))

    async def _explain(self, party: str, at: str) -> None:
        self.reasons = await self._now("reasons", worker_tasks.explain_task, party, at)
        self.tell("reasons")

    def update(self, weigh: bool) -> None:
        """Ask what the events change: at the best estimates, or with the worlds weighed by them."""
        if self.case is not None and (self.case.events or self.draft.logged):
            self._start("update", lambda: self._update(self.worlds if weigh else 0))
        else:
            self.give_up("update")
            self.happened = None
            self.tell("update")

    async def _update(self, worlds: int) -> None:
        asking = self._asking("update")
        self.happened = await self._later("update", worker_tasks.update_task, worlds)
        if not worlds:
            self.pace["update"] = asking.seconds
        self.tell("update")

    async def _later(
        self, kind: str, job: Callable[..., Any], *arguments: Any, pool: WorkerPool | None = None
    ) -> Any:
        """Ask something long, its progress being shown."""
        limits, asking = self.desk.limits, self.asking[kind]

        def said(progress: TaskProgress) -> None:
            asking.progress = progress
            self.tell("progress")

        self.tell("progress")
        return await (pool or self.desk.later).ask(
            job, self.draft, limits.memory, *arguments,
            seconds=limits.shares, said=said, stop=asking.stop,
        )  # fmt: skip

    async def _now(
        self,
        kind: str,
        job: Callable[..., Any],
        *arguments: Any,
        draft: EditedCase | None = None,
        said: Callable[[Any], None] | None = None,
    ) -> Any:
        self._asking(kind)
        self.tell("progress")
        limits = self.desk.limits
        return await self.desk.now.ask(
            job, draft or self.draft, limits.memory, *arguments, seconds=limits.answer, said=said
        )

    def wrong(self, *kinds: str) -> list[Problem]:
        """The problems with which questions of these kinds last ended, as the page names them."""
        return [self.shown(p) for kind in kinds for p in self.trouble.get(kind, ())]

    def shown(self, problem: Problem) -> Problem:
        """A problem whose file is named as the page names it."""
        return relativise_problem(problem, self.desk.shelf.folder)

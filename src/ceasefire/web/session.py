"""What one page knows and asks: a case as it stands there, and the answers to it.

Each page load has a session of its own, so nobody sees what another moves.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ceasefire.case import Case, Event
from ceasefire.diagnostics import readable_name
from ceasefire.ensemble import TimelineQuantiles
from ceasefire.errors import CeasefireError, Problem
from ceasefire.query import Explanation
from ceasefire.render.calendar_dates import period_label
from ceasefire.render.formatting import format_number
from ceasefire.web import worker_tasks
from ceasefire.web.edited_case import EditedCase, what_fits, with_chosen_options
from ceasefire.web.server_state import PendingTask, ServerState, relativise_problem
from ceasefire.web.task_manager import TaskManager
from ceasefire.web.worker_pool import WorkerPool
from ceasefire.web.worker_results import (
    BestEstimateClaim,
    BestEstimateTaskResult,
    CheckTaskResult,
    ClaimTurningPoints,
    PartialShares,
    TaskProgress,
    UpdateTaskResult,
)

SLIDER_REST_SECONDS = 0.25  # seconds a slider must rest
MOST_HISTORY = 50  # moves that are remembered
QUICK_CASE_SECONDS = 1.0  # solved within as many, events are read before anybody's worlds
READINGS_ALONG_AN_UNKNOWN = 6
WORLD_COST_FACTOR = 1.5  # of a reading in a world, in those at the best estimates
CHECK_READINGS = 14  # with more precision and longer tails, other orders, endings and equilibria
MOST_UNASKED_SECONDS = 120.0  # that the shares may take to be computed unasked


@dataclass(frozen=True)
class HistoryEntry:
    """One move on a page.

    label        what was moved, in a few words
    edited_case  the case after it
    what         what was moved: the next move of the same takes the place of this one
    """

    label: str
    edited_case: EditedCase
    what: str = ""


class PageSession(TaskManager):
    """A case on a page.

    written_case     what the text says, None while that is not known or it has problems
    case             the same with the options that the page shows
    best_result      the claims where the unknowns were when all were last answered
    claim_results    the claims that are known so far of the newest answer
    unedited_result  the claims as the case is written, nothing moved
    answered_case    the edited case that `claim_results` are of
    active_tab       the name of the tab that is open
    kept_in_browser  whether the text is kept in the browser that shows it, and not in the folder
    share_result     what the last run over worlds gave, None if it is of another case than this
    former_shares    by claim, the share before something was moved
    partial_shares   the shares so far of a run that goes on
    timeline         what is likely when, at the best estimates; None while that is not known
    band             the same over worlds
    written_timeline the same with nothing moved
    history          every move, the first being the case as it is written
    history_place    which of them the page shows
    last_move_replaced  whether the last move took the place of the one before in the history
    draft_text       the text in the editor
    saved_text       the text as it was last opened or saved
    """

    def __init__(self, server_state: ServerState, edited_case: EditedCase, name: str) -> None:
        super().__init__()
        self.server_state, self.edited_case, self.name = server_state, edited_case, name
        self.written_case: Case | None = None
        self.case: Case | None = None
        self.problems: tuple[Problem, ...] = ()
        self.claim_results: dict[str, BestEstimateClaim] = {}
        self.best_result: BestEstimateTaskResult | None = None
        self.unedited_result: BestEstimateTaskResult | None = None
        self.share_result: CheckTaskResult | None = None
        self.explanation: Explanation | None = None
        self.update_result: UpdateTaskResult | None = None
        self.answered_case: EditedCase | None = None
        self.former_shares: Mapping[str, float | None] = {}
        self.partial_shares: PartialShares | None = None
        self.timeline: TimelineQuantiles | None = None
        self.band: TimelineQuantiles | None = None
        self.written_timeline: TimelineQuantiles | None = None
        self.history = [HistoryEntry("as written", edited_case)]
        self.history_place = 0
        self.last_move_replaced = False
        self._turning_asked: EditedCase | None = None
        self._points_found: tuple[EditedCase, ClaimTurningPoints] | None = None
        self.draft_text = self.saved_text = edited_case.text
        self.worlds = server_state.default_worlds
        self.active_tab = "Argument"
        self.kept_in_browser = False

    @property
    def is_stale(self) -> bool:
        """Whether the answers shown are of the case before something was moved or rewritten."""
        return self.answered_case is None or not self.shows_same_case(self.answered_case)

    def shows_same_case(self, edited_case: EditedCase) -> bool:
        """Whether an edited case is what the page shows now, events and today aside."""
        return edited_case.without_evidence == self.edited_case.without_evidence

    @property
    def estimated_seconds(self) -> float:
        """About how many seconds the shares take as things are."""
        return self._sweep_seconds / self.server_state.processes_for(self._sweep_seconds)

    @property
    def _sweep_seconds(self) -> float:
        """Seconds of one process for the shares and what is asked with them."""
        each = self.last_seconds.get("shares")
        if each is None:
            each = WORLD_COST_FACTOR * self.last_seconds.get("best", 0.0)
        return each * self._sweep_readings

    @property
    def _sweep_readings(self) -> float:
        """How many readings of all claims the shares take.

        Worlds and half as many fresh ones, as many tilted ones where a claim has premises, each
        coding, and checks of the numbers and the rules.
        """
        argued = self.case is not None and any(c.because for c in self.case.claims.values())
        codings = 0 if self.case is None else len(self.case.codings)
        return (2.5 if argued else 1.5) * self.worlds + codings + CHECK_READINGS

    @property
    def seconds_per_reading(self) -> float:
        """Seconds that all claims take in one world, as far as it was measured on this page."""
        return self.last_seconds.get("shares", self.last_seconds.get("best", 0.0))

    @property
    def seconds_per_solve(self) -> float | None:
        """Seconds that it takes to solve the case once, measured on this page; None before that."""
        return self.last_seconds.get("chart reading", self.last_seconds.get("timeline"))

    @property
    def fixed_unknowns(self) -> dict[str, float]:
        """Unknowns that are held away from their best estimates."""
        return dict(self.edited_case.fixed_unknowns)

    def fix_unknown(self, name: str, value: float) -> None:
        """Hold an unknown at a value; at its best estimate it is let go.

        name   the unknown
        value  the value
        """
        if self.case is None or name not in self.case.unknowns:
            return
        unknown, moved = self.case.unknowns[name], {**self.fixed_unknowns, name: value}
        if value == unknown.best:
            del moved[name]
        self._apply_edit(
            replace(self.edited_case, fixed_unknowns=tuple(moved.items())),
            SLIDER_REST_SECONDS,
            label=f"{self.case.label_of(name)} = {format_number(value)}",
            what=name,
        )

    def set_table_enabled(self, table: str, enabled: bool) -> None:
        """Take a table away, or bring it back.

        table    the name of the table
        enabled  whether it exists
        """
        off = (
            {*self.edited_case.disabled_tables} - {table}
            if enabled
            else {*self.edited_case.disabled_tables, table}
        )
        called = readable_name(table) if self.case is None else self.case.label_of(table)
        self._apply_edit(
            replace(self.edited_case, disabled_tables=tuple(sorted(off))),
            0.0,
            label=f"{called} {'on' if enabled else 'off'}",
        )

    def apply_preset(
        self,
        label: str,
        fixed: tuple[tuple[str, float], ...],
        disabled: tuple[str, ...],
        options: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Hold unknowns, switch tables off and choose options at one stroke, on top of the rest.

        label     what is changed, in words
        fixed     (unknown, value) held
        disabled  tables that are switched off
        options   (alternative, option) that the case is written with
        """
        case, written = self.case, self.written_case
        if case is None or written is None:
            return
        chosen = written.options_otherwise(
            {**dict(self.edited_case.chosen_options), **dict(options)}
        )
        moved = {**self.fixed_unknowns, **dict(fixed)}
        kept = tuple((name, at) for name, at in moved.items() if at != case.unknowns[name].best)
        off = tuple(sorted({*self.edited_case.disabled_tables, *disabled}))
        self._apply_edit(
            replace(
                self.edited_case,
                fixed_unknowns=kept,
                disabled_tables=off,
                chosen_options=tuple(chosen.items()),
            ),
            0.0,
            label=label,
        )
        self.notify("restored")

    def reset(self) -> None:
        """Back to the case as it is written."""
        self._apply_edit(
            replace(
                self.edited_case,
                fixed_unknowns=(),
                disabled_tables=(),
                chosen_options=(),
                today=None,
            ),
            0.0,
            label="as written",
        )
        self.notify("restored")

    def go_to(self, place: int) -> None:
        """Show the case as it was after another move.

        place  the place of the move in the history
        """
        if 0 <= place < len(self.history) and place != self.history_place:
            self.history_place = place
            self.restore(self.history[place].edited_case)

    def restore(self, edited_case: EditedCase) -> None:
        """Show the case with other things moved, as a link or the history has them.

        edited_case  the same text with what was moved, switched off and logged
        """
        before = self.edited_case
        known = [n for n, one in enumerate(self.history) if one.edited_case == edited_case]
        if known and self.history[self.history_place].edited_case != edited_case:
            self.history_place = known[-1]
        self._apply_edit(edited_case, 0.0, label="from a link")
        if before.added_events != edited_case.added_events or before.today != edited_case.today:
            self.update(False)
        self.notify("restored")

    def add_event(self, event: Event) -> None:
        """Add what has happened."""
        self._apply_edit(
            replace(self.edited_case, added_events=(*self.edited_case.added_events, event)),
            0.0,
            solve=False,
            label="an event",
        )
        self.update(False)

    def remove_event(self, index: int) -> None:
        """Take back what was added at this place."""
        logged = [event for n, event in enumerate(self.edited_case.added_events) if n != index]
        self._apply_edit(
            replace(self.edited_case, added_events=tuple(logged)),
            0.0,
            solve=False,
            label="an event less",
        )
        self.update(False)

    @property
    def today(self) -> int:
        """The period that begins now; 0 while claims are asked from the start."""
        if self.edited_case.today is not None:
            return self.edited_case.today
        return 0 if self.update_result is None else self.update_result.update_result.today

    def set_today(self, period: int) -> None:
        """Ask from another day: what is recorded of it or later is not known yet.

        period  the period that begins then; 0 asks from the start
        """
        if self.case is None or not 0 <= period <= self.case.horizon:
            return
        plain = period == 0 and not self.edited_case.added_events
        edited_case = replace(self.edited_case, today=None if plain else period)
        if edited_case == self.edited_case:
            return
        self.update_result = None
        when = period_label(self.case, period)
        self._apply_edit(edited_case, 0.0, solve=False, label=f"today is {when}", what="today")
        self.update(False, SLIDER_REST_SECONDS)
        self.notify("update")

    def replace_text(self, text: str) -> None:
        """Begin anew with another text; what was moved and still exists stays."""
        self.edited_case = replace(self.edited_case, text=text)
        self.draft_text = text
        self.unedited_result, self.share_result, self.update_result = None, None, None
        self.timeline = self.band = self.written_timeline = None
        self.former_shares, self.partial_shares = {}, None
        self.history, self.history_place = [HistoryEntry("this text", self.edited_case)], 0
        self.load()

    def mark_saved(self, text: str) -> None:
        """A text has been kept elsewhere: it would not be lost.

        text  what was kept
        """
        self.saved_text = text
        self.notify("saved")

    @property
    def has_unsaved_text(self) -> bool:
        """Whether a text has been written that nobody has kept yet."""
        return self.draft_text != self.saved_text

    def begin_with(self, edited_case: EditedCase) -> None:
        """Show the case with what a link says, before anything is solved.

        edited_case  the same text with what was moved, switched off and logged
        """
        if edited_case != self.edited_case:
            self._remember(edited_case, "from a link", "")
            self._show_case(edited_case)
            self.notify("draft")
            self.notify("restored")
            if edited_case.added_events or edited_case.today:
                self.update(False)

    def open_tab(self, name: str) -> None:
        """Bring a tab to the front.

        name  the name of the tab
        """
        if name != self.active_tab:
            self.active_tab = name
            self.notify("open_tab")

    def _remember(self, edited_case: EditedCase, label: str, what: str) -> None:
        """Put a move into the history, in the place of the last where that was of the same."""
        last = self.history[self.history_place]
        self.last_move_replaced = bool(what) and last.what == what
        if last.edited_case == edited_case:
            return
        entry = HistoryEntry(label, edited_case, what)
        kept = self.history[: self.history_place + (0 if self.last_move_replaced else 1)]
        self.history = [*kept, entry][-MOST_HISTORY:]
        self.history_place = len(self.history) - 1

    def _apply_edit(
        self,
        edited_case: EditedCase,
        pause: float,
        *,
        solve: bool = True,
        label: str = "",
        what: str = "",
    ) -> None:
        if edited_case == self.edited_case:
            return
        self._remember(edited_case, label, what)
        solve = solve or not self.shows_same_case(edited_case)
        self._show_case(edited_case)
        if solve:
            if self.share_result is not None:
                self.former_shares = {
                    claim.id: None if claim.share is None else claim.share.share
                    for claim in self.share_result.check_result.claim_checks
                }
            self.share_result = self.update_result = self.partial_shares = None
            self.band = None
            self.cancel("shares")
            self.cancel("update")
            self.notify("update")
            self.solve(pause)
        self.notify("draft")

    def _show_case(self, edited_case: EditedCase) -> None:
        """Go over to an edited case; what is on the page is drawn anew if it has other options."""
        before, self.edited_case = self.edited_case, edited_case
        if before.chosen_options != edited_case.chosen_options and self.written_case is not None:
            self.case = with_chosen_options(self.written_case, edited_case)
            self.timeline, self.explanation = None, None
            self.notify("case")

    def start(self) -> None:
        """Read the text when a browser has connected, and not again when it comes back."""
        if not self._tasks and self.case is None:
            self.load()

    def load(self) -> None:
        """Read the text, then answer its claims."""
        self._start("open", self._load)

    async def _load(self) -> None:
        def receive(read: tuple[Case, str]) -> None:
            case, digest = read
            self.written_case, self.problems = case, ()
            self.edited_case = what_fits(case, self.edited_case)
            self.case = with_chosen_options(case, self.edited_case)
            if not (self.edited_case.is_moved or self.edited_case.added_events):
                self.unedited_result = self.server_state.cached_results.get(digest)
            self.notify("case")
            self.solve(0.0)

        try:
            if (read := self.server_state.validated_cases.get(self.edited_case)) is not None:
                receive(read)
            else:
                await self._run_interactive(
                    "open",
                    worker_tasks.read_case_task,
                    edited_case=replace(self.edited_case, chosen_options=(), disabled_tables=()),
                    on_message=receive,
                )
        except CeasefireError as error:
            self.problems = error.problems
            if self.case is None:
                self.cancel("best")
            self.notify("problems")

    def check_text(self, text: str) -> None:
        """Look for the problems of a text that is being written, without using it."""
        self.draft_text = text
        self.notify("draft_text")
        self._start("text", lambda: self._check_text(text))

    async def _check_text(self, text: str) -> None:
        await asyncio.sleep(0.6)
        draft = EditedCase(text, self.edited_case.file, self.edited_case.folder)
        problems: tuple[Problem, ...] = ()
        try:
            case = await self._run_interactive(
                "text", worker_tasks.read_case_task, edited_case=draft
            )
            warnings = case.warnings
        except CeasefireError as error:
            problems, warnings = error.problems, ()
        self.problems_by_kind["text"], self.problems_by_kind["warnings"] = problems, warnings
        self.notify("text")

    def solve(self, pause: float) -> None:
        """Answer the claims where everything is now.

        pause  seconds to wait for further changes
        """
        self._start("best", lambda: self._solve(pause))

    async def _solve(self, pause: float) -> None:
        await asyncio.sleep(pause)
        if self.case is None or not self.case.claims:
            return
        draft = self.edited_case
        plain = not draft.is_moved
        found = self.unedited_result if plain else None
        if found is None:
            found = await self._compute_best_result()
        self.claim_results, self.best_result, self.answered_case = dict(found.claims), found, draft
        if plain:
            self.unedited_result = found
        self.last_seconds["best"] = found.seconds
        self.notify("best")
        self.follow_time()
        known = self.server_state.known_shares.get(self._shares_key)
        if known is not None:
            self.share_result = known
            self.notify("shares")
        elif self._sweep_seconds <= MOST_UNASKED_SECONDS:
            self.compute_shares()
        self.find_turning_points()
        evidence = draft.added_events or draft.today
        if evidence and self.update_result is None and "update" not in self.pending:
            self.update(False)

    @property
    def _shares_key(self) -> tuple[EditedCase, int]:
        return self.edited_case.without_evidence, self.worlds

    def follow_time(self) -> None:
        """Ask what is likely when, where everything is now."""
        self._start("timeline", self._follow_time)

    async def _follow_time(self) -> None:
        draft = self.edited_case
        found: TimelineQuantiles = await self._run_interactive(
            "timeline", worker_tasks.timeline_task, 0
        )
        self.timeline = found
        self.last_seconds["timeline"] = self.pending["timeline"].elapsed_seconds
        if not draft.is_moved:
            self.written_timeline = found
        self.notify("timeline")

    def draw_band(self) -> None:
        """Ask what is likely when in all worlds."""
        self._start("band", self._draw_band)

    async def _draw_band(self) -> None:
        self._register("band")
        found: TimelineQuantiles = await self._run_batch(
            "band", worker_tasks.timeline_task, self.worlds
        )
        self.band = found if found.answered_worlds else None
        self.notify("timeline")

    @property
    def _turning_key(self) -> EditedCase:
        return replace(self.edited_case.without_evidence, fixed_unknowns=())

    @property
    def turning_points(self) -> ClaimTurningPoints | None:
        """What turns each claim of the case with these tables, as far as it has been read."""
        found = self._points_found
        return found[1] if found is not None and found[0] == self._turning_key else None

    def find_turning_points(self) -> None:
        """Look for what turns each claim, the tables as they are and no unknown moved."""
        key = self._turning_key
        known = self.server_state.known_turning_points.get(key)
        if known is not None:
            self.cancel("turning")
            self._points_found = key, known
            self.notify("turning")
        elif self._turning_asked != key or "turning" not in self.pending:
            self._turning_asked = key
            self._start("turning", lambda: self._find_turning_points(key))

    async def _find_turning_points(self, key: EditedCase) -> None:
        limits, asking = self.server_state.limits, self._register("turning")
        unknowns = 0 if self.case is None else len(self.case.unknowns)
        seconds = self.last_seconds.get("best", 0.0) * READINGS_ALONG_AN_UNKNOWN * unknowns
        workers = self.server_state.processes_for(seconds, unasked=True)

        def receive(points: ClaimTurningPoints) -> None:
            self._points_found = key, points
            asking.receive(TaskProgress(points.read, points.wanted, unit="unknowns"))
            self.notify("turning")

        found = await self.server_state.background_pool.run(
            worker_tasks.turning_points_task, key, limits.solve_settings, workers,
            timeout_seconds=limits.batch_seconds, on_message=receive,
        )  # fmt: skip
        self.server_state.keep(self.server_state.known_turning_points, key, found)
        receive(found)

    async def _compute_best_result(self) -> BestEstimateTaskResult:
        def receive(message: dict[str, BestEstimateClaim] | TaskProgress) -> None:
            if isinstance(message, TaskProgress):
                self.pending["best"].receive(message)
                self.notify("progress")
            else:
                fresh.update(message)
                self.claim_results, self.answered_case = fresh, draft
                self.notify("some")

        draft, fresh = self.edited_case, dict[str, BestEstimateClaim]()
        best: BestEstimateTaskResult = await self._run_interactive(
            "best", worker_tasks.best_estimates_task, on_message=receive
        )
        return best

    def compute_shares(self) -> None:
        """Compute the shares over worlds."""
        self._start("shares", self._compute_shares)

    async def _compute_shares(self) -> None:
        asking, key = self._register("shares", PendingTask(keeps=True)), self._shares_key
        readings = self._sweep_readings
        workers = self.server_state.processes_for(self._sweep_seconds)
        result: CheckTaskResult = await self._run_batch(
            "shares", worker_tasks.check_task, self.worlds, workers
        )
        self.share_result, self.partial_shares = result, None
        if (
            result.check_result.run_stats is not None
            and not result.check_result.run_stats.interrupted
        ):
            self.server_state.keep(self.server_state.known_shares, key, result)
            self.last_seconds["shares"] = workers * asking.elapsed_seconds / readings
        self.notify("shares")

    def run(
        self,
        kind: str,
        job: Callable[..., Any],
        *arguments: Any,
        on_result: Callable[[EditedCase, Any], None],
        pause: float = 0.0,
        interactive: bool = False,
    ) -> None:
        """Ask something long of the case as it stands; `on_result` gets that case and the answer.

        kind         what the task is called; a new task of a kind ends the one before
        job          runs in a worker process
        arguments    given to `job` after the case and the settings
        on_result    called with the case that was asked about and the answer
        pause        seconds to wait for further changes
        interactive  whether to go before runs over worlds
        """
        pool = self.server_state.interactive_pool if interactive else self.server_state.batch_pool

        async def ask() -> None:
            await asyncio.sleep(pause)
            draft = self.edited_case
            self._register(kind)
            on_result(draft, await self._run_batch(kind, job, *arguments, pool=pool))
            self.notify(kind)

        self._start(kind, ask)

    def explain(self, party: str, at: str) -> None:
        """Ask why a party would do what it does in a state.

        party  the name of the party
        at     the state, as `name=value, name=value`
        """
        self._start("reasons", lambda: self._explain(party, at))

    async def _explain(self, party: str, at: str) -> None:
        self.explanation = await self._run_interactive(
            "reasons", worker_tasks.explain_task, party, at
        )
        self.notify("reasons")

    def update(self, reweight_worlds: bool, pause: float = 0.0) -> None:
        """Ask what the events change: at the best estimates, or with the worlds weighted by them.

        reweight_worlds  whether worlds are computed and weighted
        pause            seconds to wait for further changes
        """
        edited_case = self.edited_case
        events = self.case is not None and (self.case.events or edited_case.added_events)
        if edited_case.today or (events and edited_case.today is None):
            worlds = self.worlds if reweight_worlds else 0
            self._start("update", lambda: self._update(worlds, pause))
        else:
            self.cancel("update")
            self.update_result = None
            self.notify("update")

    async def _update(self, worlds: int, pause: float) -> None:
        await asyncio.sleep(pause)
        once, each = self.last_seconds.get("update"), self.last_seconds.get("update reading")
        sweep = worlds * (self.seconds_per_reading if each is None else each)
        workers = self.server_state.processes_for(sweep)
        expected = None if once is None or each is None else once + sweep / workers
        asking = self._register("update", PendingTask(expected, keeps=True) if worlds else None)
        quick = (
            not worlds and self.last_seconds.get("best", QUICK_CASE_SECONDS) < QUICK_CASE_SECONDS
        )
        pool = self.server_state.interactive_pool if quick else None
        self.update_result = await self._run_batch(
            "update", worker_tasks.update_task, worlds, workers, pool=pool
        )
        if not worlds:
            self.last_seconds["update"] = asking.elapsed_seconds
            if asking.progress is not None:
                readings = max(1, asking.progress.total)
                self.last_seconds["update reading"] = asking.elapsed_seconds / readings
        self.notify("update")

    async def _run_batch(
        self, kind: str, job: Callable[..., Any], *arguments: Any, pool: WorkerPool | None = None
    ) -> Any:
        """Ask something long, its progress being shown."""
        limits, asking = self.server_state.limits, self.pending[kind]

        def receive(progress: TaskProgress | PartialShares | UpdateTaskResult) -> None:
            if isinstance(progress, PartialShares):
                self.partial_shares = progress
                self.notify("partial")
            elif isinstance(progress, UpdateTaskResult):
                self.update_result = progress
                self.notify("update")
            else:
                asking.receive(progress)
                self.notify("progress")

        self.notify("progress")
        return await (pool or self.server_state.batch_pool).run(
            job, self.edited_case, limits.solve_settings, *arguments,
            timeout_seconds=limits.batch_seconds, on_message=receive, stop=asking.stop_requested,
        )  # fmt: skip

    async def _run_interactive(
        self,
        kind: str,
        job: Callable[..., Any],
        *arguments: Any,
        edited_case: EditedCase | None = None,
        on_message: Callable[[Any], None] | None = None,
    ) -> Any:
        self._register(kind)
        self.notify("progress")
        limits = self.server_state.limits
        return await self.server_state.interactive_pool.run(
            job,
            edited_case or self.edited_case,
            limits.solve_settings,
            *arguments,
            timeout_seconds=limits.interactive_seconds,
            on_message=on_message,
        )

    def problems_of(self, *kinds: str) -> list[Problem]:
        """The problems with which questions of these kinds last ended, as the page names them."""
        return [
            self.with_relative_path(p)
            for kind in kinds
            for p in self.problems_by_kind.get(kind, ())
        ]

    def with_relative_path(self, problem: Problem) -> Problem:
        """A problem whose file is named as the page names it."""
        return relativise_problem(problem, self.server_state.case_folder.folder)

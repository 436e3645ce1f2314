"""Questions under way on a page: one of a kind at a time, a newer in the place of an older."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from nicegui import background_tasks

from ceasefire.errors import CeasefireError, Problem
from ceasefire.web.server_state import PendingTask

TaskFunction = Callable[[], Coroutine[Any, Any, None]]


class TaskManager:
    """What is asked, what went wrong, and who is told when something is new.

    pending           by kind, the question under way
    problems_by_kind  by kind, the problems with which the last one ended
    last_seconds      by kind, seconds that the last one took
    listeners         called with what is new
    """

    def __init__(self) -> None:
        self.pending: dict[str, PendingTask] = {}
        self.problems_by_kind: dict[str, tuple[Problem, ...]] = {}
        self.last_seconds: dict[str, float] = {}
        self.listeners: list[Callable[[str], None]] = []
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    def close(self) -> None:
        """Give everything up."""
        self.listeners.clear()
        for task in self._tasks.values():
            task.cancel()

    def notify(self, topic: str) -> None:
        """Let the page show what is new."""
        for listener in list(self.listeners):
            listener(topic)

    def stop_or_cancel(self, kind: str) -> None:
        """Ask a run over worlds for what it has; anything else is given up."""
        asking = self.pending.get(kind)
        if asking is not None and asking.keeps and not asking.stop_requested.is_set():
            asking.stop_requested.set()
        else:
            self.cancel(kind)

    def cancel(self, kind: str) -> None:
        """End a question without an answer."""
        task = self._tasks.pop(kind, None)
        if task is not None:
            task.cancel()
        if self.pending.pop(kind, None) is not None:
            self.notify("progress")

    def _register(self, kind: str, task: PendingTask | None = None) -> PendingTask:
        """A question that begins; without `task` it takes as long as the last of its kind."""
        self.pending[kind] = task or PendingTask(self.last_seconds.get(kind))
        return self.pending[kind]

    def _start(self, kind: str, task_function: TaskFunction) -> None:
        before = self._tasks.pop(kind, None)
        if before is not None:
            before.cancel()
        self._tasks[kind] = background_tasks.create(self._run_task(kind, task_function))

    async def _run_task(self, kind: str, task_function: TaskFunction) -> None:
        """Do one question; what goes wrong is shown on the page."""
        task = asyncio.current_task()
        self.problems_by_kind.pop(kind, None)
        try:
            with suppress(asyncio.CancelledError):
                await task_function()
        except CeasefireError as error:
            self.problems_by_kind[kind] = error.problems
        finally:
            if self._tasks.get(kind) is task:
                self.pending.pop(kind, None)
                self.notify("progress")

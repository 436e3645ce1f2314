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

    asking   by kind, the question under way
    trouble  by kind, the problems with which the last one ended
    pace     by kind, seconds that the last one took
    changed  called with what is new
    """

    def __init__(self) -> None:
        self.asking: dict[str, PendingTask] = {}
        self.trouble: dict[str, tuple[Problem, ...]] = {}
        self.pace: dict[str, float] = {}
        self.changed: list[Callable[[str], None]] = []
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    def close(self) -> None:
        """Give everything up."""
        self.changed.clear()
        for task in self._tasks.values():
            task.cancel()

    def tell(self, what: str) -> None:
        """Let the page show what is new."""
        for listener in list(self.changed):
            listener(what)

    def stop(self, kind: str) -> None:
        """Ask a run over worlds for what it has; anything else is given up."""
        asking = self.asking.get(kind)
        if kind == "shares" and asking is not None and not asking.stop.is_set():
            asking.stop.set()
        else:
            self.give_up(kind)

    def give_up(self, kind: str) -> None:
        """End a question without an answer."""
        task = self._tasks.pop(kind, None)
        if task is not None:
            task.cancel()
        if self.asking.pop(kind, None) is not None:
            self.tell("progress")

    def _asking(self, kind: str) -> PendingTask:
        self.asking[kind] = PendingTask(about=self.pace.get(kind) if kind != "shares" else None)
        return self.asking[kind]

    def _start(self, kind: str, question: TaskFunction) -> None:
        before = self._tasks.pop(kind, None)
        if before is not None:
            before.cancel()
        self._tasks[kind] = background_tasks.create(self._watch(kind, question))

    async def _watch(self, kind: str, question: TaskFunction) -> None:
        """Do one question; what goes wrong is shown on the page."""
        task = asyncio.current_task()
        self.trouble.pop(kind, None)
        try:
            with suppress(asyncio.CancelledError):
                await question()
        except CeasefireError as error:
            self.trouble[kind] = error.problems
        finally:
            if self._tasks.get(kind) is task:
                self.asking.pop(kind, None)
                self.tell("progress")

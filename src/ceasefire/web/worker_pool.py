"""Processes that solve, so that pages stay alive while they do.

A question is asked of a free process; questions that find none wait in line. A question that is
given up ends with its process, which a new one replaces; one that takes too long ends the same way.
Processes are forked from a small server that has the solver loaded, so a new one costs little.
"""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import Any

from ceasefire.errors import CeasefireError, Problem, WebError

MessageCallback = Callable[[Any], None]

MORE_MEMORY_ADVICE = "who serves the pages can allow more: ceasefire serve --memory GIGABYTES"


class WorkerPool:
    """A few worker processes of one niceness.

    size             processes at work at the same time
    nice             by how much others go first, as of Unix `nice`
    max_waiting      questions that may wait for one
    memory_headroom  bytes that a process may take on top of what it begins with
    """

    def __init__(
        self, size: int, *, nice: int = 0, max_waiting: int = 100, memory_headroom: float = 3e9
    ) -> None:
        self.size, self.nice, self.max_waiting, self.memory_headroom = (
            size,
            nice,
            max_waiting,
            memory_headroom,
        )
        self._free_workers: list[WorkerProcess] = []
        self._queue: deque[asyncio.Future[None]] = deque()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="ceasefire-work")
        self._busy_count = 0
        self._closed = False

    @property
    def is_busy(self) -> bool:
        """Whether a process is at work."""
        return self._busy_count > 0

    async def run(
        self,
        job: Callable[..., Any],
        *arguments: Any,
        timeout_seconds: float,
        on_message: MessageCallback | None = None,
        stop: asyncio.Event | None = None,
    ) -> Any:
        """Do `job(send_message, *arguments)` in a process and give what it gives.

        timeout_seconds  how long it may take once it has begun
        on_message       called with every message that the job sends on the way
        stop             when set, the job is asked to give what is done so far

        Raises WebError if too many wait, if it takes too long or needs too much memory, and
        what the job raises; cancel the task that waits here to give the question up.
        """
        await self._wait_for_slot()
        try:
            return await self._run(job, arguments, timeout_seconds, on_message, stop)
        finally:
            self._release_slot()

    async def _run(
        self,
        job: Callable[..., Any],
        arguments: tuple[Any, ...],
        timeout_seconds: float,
        on_message: MessageCallback | None,
        stop: asyncio.Event | None,
    ) -> Any:
        worker = await self._take_worker(arguments)
        whole = False
        watch = asyncio.ensure_future(_interrupt_when_set(worker, stop))
        try:
            answer = await asyncio.wait_for(
                self._exchange(worker, job, arguments, on_message), timeout_seconds
            )
            whole = True
        except TimeoutError:
            help = "ask for less: fewer worlds, a shorter horizon, fewer states"
            message = f"took more than {timeout_seconds:g} seconds and was ended"
            raise WebError([Problem(message, help=help)]) from None
        finally:
            watch.cancel()
            if whole and worker.usable and not self._closed:
                self._free_workers.append(worker)
            else:
                worker.kill()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """End every process."""
        self._closed = True
        for worker in self._free_workers:
            worker.kill()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _wait_for_slot(self) -> None:
        """Wait in line for a free process."""
        if self._busy_count < self.size:
            self._busy_count += 1
            return
        if len(self._queue) >= self.max_waiting:
            help = "try again in a minute"
            raise WebError([Problem("too many questions are waiting", help=help)])
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._release_slot()
            raise

    def _release_slot(self) -> None:
        """Give the place of a question that has ended to the next in line."""
        self._busy_count -= 1
        while self._queue and self._busy_count < self.size:
            turn = self._queue.popleft()
            if not turn.done():
                self._busy_count += 1
                turn.set_result(None)

    async def _take_worker(self, arguments: tuple[Any, ...]) -> "WorkerProcess":
        """A free process, best one that was asked about the same case; else a new one."""
        case_key = getattr(arguments[0], "without_fixed_unknowns", None) if arguments else None
        for worker in sorted(self._free_workers, key=lambda worker: worker.case_key != case_key):
            self._free_workers.remove(worker)
            if worker.process.is_alive():
                worker.case_key = case_key
                return worker
            worker.kill()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, WorkerProcess, self.nice, self.memory_headroom, case_key
        )

    async def _exchange(
        self,
        worker: "WorkerProcess",
        job: Callable[..., Any],
        arguments: tuple[Any, ...],
        on_message: MessageCallback | None,
    ) -> Any:
        loop = asyncio.get_running_loop()
        stopped = threading.Event()

        def say(message: Any) -> None:
            if on_message is not None and not stopped.is_set():
                loop.call_soon_threadsafe(_call_unless_stopped, stopped, on_message, message)

        running = loop.run_in_executor(self._threads, worker.run, job, arguments, say)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stopped.set()
            worker.kill()
            await asyncio.wait([running])
            raise
        finally:
            stopped.set()


async def _interrupt_when_set(worker: "WorkerProcess", stop: asyncio.Event | None) -> None:
    if stop is not None:
        await stop.wait()
        worker.interrupt()


def _call_unless_stopped(
    stopped: threading.Event, on_message: MessageCallback, message: Any
) -> None:
    if not stopped.is_set():
        on_message(message)


class WorkerProcess:
    """One process and the pipe to it; `usable` until it ends by itself."""

    def __init__(self, nice: int, memory_headroom: float, case_key: Any) -> None:
        context = _process_context()
        self.case_key, self.usable = case_key, True
        self.pipe, theirs = context.Pipe()
        arguments = (theirs, nice, memory_headroom)
        # no daemon: these may have no processes of their own, as a run over worlds has
        self.process = context.Process(target=_worker_main, args=arguments, daemon=False)
        self.process.start()
        self._end_with_server = Finalize(self, self.process.kill, exitpriority=100)
        theirs.close()

    def run(
        self, job: Callable[..., Any], arguments: tuple[Any, ...], on_message: MessageCallback
    ) -> Any:
        """Send a job and give what comes of it; an error is given too, not raised."""
        try:
            self.pipe.send((job, arguments))
            while True:
                last, message = self.pipe.recv()
                if last:
                    return message
                on_message(message)
        except (EOFError, OSError):
            self.usable = False
            help = f"ask again; if memory ran out, {MORE_MEMORY_ADVICE}"
            return WebError([Problem("the process that solved was ended", help=help)])

    def interrupt(self) -> None:
        """Ask for what is done so far."""
        if self.process.is_alive() and self.process.pid is not None:
            os.kill(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._end_with_server()
        self.process.join(5)
        self.pipe.close()


def start_fork_server() -> None:
    """Begin to load the solver where processes are forked from; come back at once."""
    if _process_context().get_start_method() == "forkserver":
        forkserver.ensure_running()


def _process_context() -> Any:
    """How processes are made: forked from a server that has loaded the solver, where that is."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ceasefire.web.worker_preload"])
    return context


def _worker_main(pipe: Connection, nice: int, memory_headroom: float) -> None:
    """The life of a process: jobs in, answers out, until the pipe or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_resources(nice, memory_headroom)
    while True:
        try:
            job, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send((True, _run_job(job, arguments, lambda message: pipe.send((False, message)))))
        del job, arguments
        _release_free_memory()


def _run_job(
    job: Callable[..., Any], arguments: tuple[Any, ...], send_message: MessageCallback
) -> Any:
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return job(send_message, *arguments)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except CeasefireError as error:
        return error
    except MemoryError:
        return WebError([Problem("needs more memory than a page may use", help=MORE_MEMORY_ADVICE)])
    except KeyboardInterrupt:
        return WebError([Problem("was stopped before anything was known")])


def _release_free_memory() -> None:
    """Give memory that is not in use back to the system; only the C library glibc can be asked."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _limit_resources(nice: int, memory_headroom: float) -> None:
    """Let others go first, and end a process that wants too much memory."""
    if sys.platform == "win32":
        return
    import resource

    os.nice(nice)
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            pages = int(file.read().split()[5])
        # data, not addresses: what draws charts reserves far more of these than it ever fills
        most = pages * resource.getpagesize() + int(memory_headroom)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))

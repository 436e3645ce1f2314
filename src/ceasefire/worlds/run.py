"""The same question asked in every world, on all cores.

Each world is computed by itself from nothing but its own numbers, so its answer depends neither
on how many workers there are nor on how worlds are dealt out to them. A world whose draw makes a
number impossible is `failed`, with the reason; nothing is clipped to save it. Ctrl-C ends the run
and keeps the worlds that are done.
"""

import pickle
import signal
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar, cast

import cloudpickle
import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from ceasefire.errors import CeasefireError, Problem, WorldError
from ceasefire.worlds.draws import World, Worlds

Key = TypeVar("Key")
Job = TypeVar("Job")
Answer = TypeVar("Answer")
Task = Callable[[Job], Answer]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Run(Generic[Key, Answer]):
    """The answers of the jobs that are done, in the order in which the jobs were given.

    failed       the jobs that are impossible, and why
    interrupted  whether Ctrl-C left jobs undone
    """

    answers: Mapping[Key, Answer]
    failed: Mapping[Key, str]
    interrupted: bool

    def __len__(self) -> int:
        """How many jobs are done, failed ones included."""
        return len(self.answers) + len(self.failed)


def run(
    task: Task[World, Answer],
    worlds: Worlds,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Run[int, Answer]:
    """Do `task` in worlds 1 to N and keep what it gives, by number of the world.

    task      called with the unknowns of one world; sent to other processes once
    workers   processes at work, all cores if None; 1 stays in this process
    progress  called with the number of worlds done and of all, each time one is

    Raises WorldError for fewer than one worker; what `task` raises counts as a failed world if
    it is a CeasefireError and ends the run otherwise.
    """
    return each(task, dict(enumerate(worlds, start=1)), workers, progress)


def each(
    task: Task[Job, Answer],
    jobs: Mapping[Key, Job],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Run[Key, Answer]:
    """Do `task` for every job, as `run` does for worlds."""
    if workers is not None and workers < 1:
        raise WorldError(f"the number of workers must be 1 or more, found {workers}")
    count = joblib.cpu_count() if workers is None else workers
    found: dict[Key, Answer] = {}
    failed: dict[Key, str] = {}
    interrupted = False
    source = _here(task, jobs) if min(count, len(jobs)) <= 1 else _spread(task, jobs, count)
    with closing(source):
        try:
            for key, answer, reason in source:
                if reason is None:
                    found[key] = cast(Answer, answer)
                else:
                    failed[key] = reason
                if progress is not None:
                    progress(len(found) + len(failed), len(jobs))
        except KeyboardInterrupt:
            interrupted = True
        except TerminatedWorkerError:
            raise WorldError([_LOST]) from None
    return Run(_ordered(found, jobs), _ordered(failed, jobs), interrupted)


Value = TypeVar("Value")


def _ordered(found: Mapping[Key, Value], jobs: Mapping[Key, Any]) -> dict[Key, Value]:
    return {key: found[key] for key in jobs if key in found}


_LOST = Problem(
    "a process that computed worlds was ended from outside, most likely for want of memory",
    help="close other programs, or ask for a smaller case",
)

Done = tuple[Any, Any, str | None]


def _attempt(task: Task[Any, Any], key: Any, job: Any) -> Done:
    try:
        return key, task(job), None
    except CeasefireError as error:
        return key, None, str(error)


Source = Generator[Done, None, None]


def _here(task: Task[Any, Any], jobs: Mapping[Any, Any]) -> Source:
    for key, job in jobs.items():
        yield _attempt(task, key, job)


def _spread(task: Task[Any, Any], jobs: Mapping[Any, Any], workers: int) -> Source:
    """Deal the jobs out to processes; the task travels once, through a file."""
    with TemporaryDirectory(prefix="ceasefire-") as folder:
        path = Path(folder) / "task"
        path.write_bytes(cloudpickle.dumps(task))
        settings = {"inner_max_num_threads": 1, "initializer": _leave_interrupts_to_the_parent}
        with joblib.parallel_config(backend="loky", **settings):
            parallel = joblib.Parallel(n_jobs=workers, return_as="generator_unordered")
            yield from parallel(joblib.delayed(_remote)(path, *job) for job in jobs.items())


def _remote(path: Path, key: Any, job: Any) -> Done:
    return _attempt(_fetch(path), key, job)


@lru_cache(maxsize=1)
def _fetch(path: Path) -> Task[Any, Any]:
    return cast("Task[Any, Any]", pickle.loads(path.read_bytes()))  # noqa: S301  our own file, just written


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

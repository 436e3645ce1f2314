"""The same question asked in every world, on all cores.

Each world is computed by itself from nothing but its own numbers, so its answer depends neither
on how many workers there are nor on how worlds are dealt out to them. A world whose draw makes a
number impossible is `failed`, with the reason; nothing is clipped to save it. So is one for which
there is not enough memory. Ctrl-C ends the run and keeps the worlds that are done.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar, cast

from ceasefire.errors import CeasefireError
from ceasefire.worlds.draws import World, Worlds
from ceasefire.worlds.engines import Engine, deal

Key = TypeVar("Key")
Job = TypeVar("Job")
Answer = TypeVar("Answer")
Task = Callable[[Job], Answer]
Progress = Callable[[int, int], None]

NO_ROOM = "needs more memory than there is"
MOMENT = 1.0  # seconds; starting other processes and loading the kernels there takes longer


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

    task      called with the unknowns of one world; sent to other processes
    workers   processes at work; if None this one, and all cores if that takes more than a moment; 1
              stays in this process
    progress  called with the number of worlds done and of all, each time one is

    Raises WorldError for fewer than one worker; what `task` raises counts as a failed world if
    it is a CeasefireError or a MemoryError and ends the run otherwise.
    """
    return each(task, dict(zip(worlds.numbers, worlds, strict=True)), workers, progress)


def each(
    task: Task[Job, Answer],
    jobs: Mapping[Key, Job],
    workers: int | None = None,
    progress: Progress | None = None,
) -> Run[Key, Answer]:
    """Do `task` for every job, as `run` does for worlds."""
    found: dict[Key, Answer] = {}
    failed: dict[Key, str] = {}
    interrupted = False
    with closing(_dealt(Attempt(task), jobs, workers)) as answers:
        try:
            for key, (answer, reason) in answers:
                if reason is None:
                    found[key] = cast(Answer, answer)
                else:
                    failed[key] = reason
                if progress is not None:
                    progress(len(found) + len(failed), len(jobs))
        except KeyboardInterrupt:
            interrupted = True
    return Run(_ordered(found, jobs), _ordered(failed, jobs), interrupted)


@dataclass(frozen=True)
class Attempt:
    """A task whose jobs may be impossible or too large: gives the answer, or why there is none."""

    task: Task[Any, Any]

    def __call__(self, job: Any) -> tuple[Any, str | None]:
        """Try one job."""
        try:
            return self.task(job), None
        except CeasefireError as error:
            return None, str(error)
        except MemoryError:
            return None, NO_ROOM


def _dealt(
    attempt: Attempt, jobs: Mapping[Key, Any], workers: int | None
) -> Generator[tuple[Key, tuple[Any, str | None]], None, None]:
    """Begin here; other processes take over what is not done in a moment, for they start slowly."""
    left = deque(jobs.items())
    began = monotonic()
    while left and workers is None and monotonic() - began < MOMENT:
        key, job = left.popleft()
        yield key, attempt(job)
    if left:
        yield from deal(attempt, left, Engine(workers=1 if len(left) == 1 else workers))


Value = TypeVar("Value")


def _ordered(found: Mapping[Key, Value], jobs: Mapping[Key, Any]) -> dict[Key, Value]:
    return {key: found[key] for key in jobs if key in found}

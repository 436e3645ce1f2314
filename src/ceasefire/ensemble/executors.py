"""Where worlds are computed: on the cores of this machine, on a Dask or on a Ray cluster.

All go one way, through joblib: jobs are handed out as workers become free and answers come back
as they are done. What is computed does not depend on where. A worker that dies takes its job with
it, which is handed out again; a job that kills three workers in a row ends the run. Workers must
have the same versions as this machine of everything that numbers depend on.
"""

import os
import pickle
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import version
from multiprocessing.util import Finalize
from typing import Any, TypeVar, cast

from ceasefire import __version__
from ceasefire.errors import Problem, WorldError

KeyT = TypeVar("KeyT")
JobT = TypeVar("JobT")
AnswerT = TypeVar("AnswerT")
WorkerLossErrors = tuple[type[BaseException], ...]

ADDRESS_OPTIONS = {"dask": "--scheduler", "ray": "--address"}
MAX_LOSSES_IN_A_ROW = 3


@dataclass(frozen=True)
class Engine:
    """Where to compute.

    name     local, dask or ray
    address  of the Dask scheduler or of the Ray cluster, `tcp://10.0.0.1:8786`, `10.0.0.1:6379`
    workers  processes at work on this machine, all cores if None; 1 stays in this process

    Raises WorldError for an engine that does not exist, one without the address it needs or with
    one it does not, and fewer than one worker.

    >>> Engine("dask")
    Traceback (most recent call last):
    ceasefire.errors.WorldError: --scheduler: --engine dask needs an address; ...
    """

    name: str = "local"
    address: str | None = None
    workers: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be used."""
        if self.name not in ("local", *ADDRESS_OPTIONS):
            names = ", ".join(("local", *ADDRESS_OPTIONS))
            problem = Problem("no such engine", path="--engine", found=self.name, allowed=names)
            raise WorldError([problem])
        if self.workers is not None and self.workers < 1:
            raise WorldError(f"the number of workers must be 1 or more, found {self.workers}")
        if self.name in ADDRESS_OPTIONS and not self.address:
            message = f"--engine {self.name} needs an address"
            help = f"give that of a cluster that runs: {ADDRESS_OPTIONS[self.name]} ADDRESS"
            raise WorldError([Problem(message, path=ADDRESS_OPTIONS[self.name], help=help)])
        if self.name == "local" and self.address:
            help = "say which cluster: --engine dask or --engine ray"
            raise WorldError([Problem("--engine local has no address", path="--engine", help=help)])

    def as_json(self) -> dict[str, str | int | None]:
        """The three settings."""
        return {"name": self.name, "address": self.address, "workers": self.workers}

    @property
    def runs_in_process(self) -> bool:
        """Whether everything is computed in this process."""
        return self.name == "local" and (self.workers or usable_cores()) == 1


def usable_cores() -> int:
    """How many cores of this machine this process may use."""
    import joblib

    return int(joblib.cpu_count())


def engine_from_options(
    name: str, *, scheduler: str | None = None, address: str | None = None
) -> Engine:
    """The engine of a command line: Dask has a scheduler, Ray an address.

    Raises WorldError as `Engine` does, and for the address of another engine.
    """
    given = {"dask": scheduler, "ray": address}
    for other, place in given.items():
        if place is not None and other != name:
            help = f"leave it out, or say --engine {other}"
            message = f"--engine {name} has no use for it"
            raise WorldError(
                [Problem(message, path=ADDRESS_OPTIONS[other], found=place, help=help)]
            )
    return Engine(name, given.get(name))


def stream_answers(
    task: Callable[[JobT], AnswerT], jobs: Iterable[tuple[KeyT, JobT]], engine: Engine
) -> Generator[tuple[KeyT, AnswerT], None, None]:
    """Do `task` for every job and give the answers as they are done, each with its key.

    task  sent to each worker with its job; a worker keeps the last it was sent
    jobs  taken one by one as workers become free

    Raises WorldError if a job kills its worker three times, if no cluster answers at the address,
    if the engine is not installed, or for workers whose versions are not those of this machine.

    >>> sorted(stream_answers(abs, [("a", -1), ("b", 2)], Engine(workers=1)))
    [('a', 1), ('b', 2)]
    """
    if engine.runs_in_process:
        for key, job in jobs:
            yield key, task(job)
        return
    import cloudpickle  # with joblib slow to import
    import joblib

    sent, here, hand, losses = cloudpickle.dumps(task), package_versions(), JobQueue(iter(jobs)), 0
    with _connect_joblib(engine) as lost:
        while hand.has_unfinished():
            calls = (joblib.delayed(_run_on_worker)(sent, here, *job) for job in hand.iter_jobs())
            parallel = joblib.Parallel(
                n_jobs=engine.workers or -1, batch_size=1, return_as="generator_unordered"
            )
            try:
                with _closing_without_warnings(parallel(calls)) as answers:
                    for key, answer in answers:
                        hand.mark_done(key)
                        losses = 0
                        yield key, answer
            except KeyboardInterrupt:
                if engine.name == "local":
                    end_local_workers()
                raise
            except lost:
                losses += 1
                if losses == MAX_LOSSES_IN_A_ROW:
                    raise WorldError([_WORKERS_KILLED]) from None
            except ModuleNotFoundError as error:
                if engine.name == "local":
                    raise
                raise WorldError([_missing_module_problem(error)]) from None


def end_local_workers() -> None:
    """End the processes that computed here, at once, and what they hold; none may be left behind.

    >>> end_local_workers()
    """
    loky = sys.modules.get("joblib.externals.loky.reusable_executor")
    executor = None if loky is None else loky._executor
    if executor is not None:
        executor.shutdown(wait=True, kill_workers=True)


@contextmanager
def _closing_without_warnings(answers: Generator[Any, None, None]) -> Generator[Any, None, None]:
    """Close what joblib gives; that jobs under way are then given up is meant."""
    try:
        yield answers
    finally:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*(still being processed|not used).*", UserWarning)
            answers.close()


class JobQueue:
    """The jobs that are given out and not done, and those not given out yet."""

    def __init__(self, jobs: Iterator[tuple[Any, Any]]) -> None:
        self._jobs, self._lock, self._exhausted = jobs, threading.Lock(), False
        self._in_progress: dict[Any, Any] = {}

    def has_unfinished(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._in_progress) or not self._exhausted

    def iter_jobs(self) -> Iterator[tuple[Any, Any]]:
        """Jobs that were lost, then new ones; joblib takes them from several threads."""
        yield from list(self._in_progress.items())
        while True:
            with self._lock:
                item = next(self._jobs, None)
                if item is None:
                    self._exhausted = True
                    return
                self._in_progress[item[0]] = item[1]
            yield item

    def mark_done(self, key: Any) -> None:
        """Note that a job is done."""
        del self._in_progress[key]


@cache
def package_versions() -> dict[str, str]:
    """Versions of everything that numbers depend on, by name of the package."""
    return {"ceasefire": __version__} | {
        name: version(name) for name in ("llvmlite", "numba", "numpy", "scipy")
    }


def _run_on_worker(sent: bytes, expected: dict[str, str], key: Any, job: Any) -> tuple[Any, Any]:
    if package_versions() != expected:
        raise WorldError([_version_mismatch_problem(expected)])
    return key, _load_task(sent)(job)


@lru_cache(maxsize=1)
def _load_task(sent: bytes) -> Callable[[Any], Any]:
    return cast("Callable[[Any], Any]", pickle.loads(sent))  # noqa: S301  pickled by the run itself


@contextmanager
def _connect_joblib(engine: Engine) -> Generator[WorkerLossErrors, None, None]:
    """Make joblib use an engine; gives the errors that mean a lost worker."""
    import joblib

    opened = {"local": _local_backend, "dask": _dask_backend, "ray": _ray_backend}[engine.name]
    with opened(engine.address or "") as (settings, lost), joblib.parallel_config(**settings):
        yield lost


BackendContext = Generator[tuple[dict[str, Any], WorkerLossErrors], None, None]


@contextmanager
def _local_backend(_: str) -> BackendContext:
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    # loky replaces workers that have grown; their jobs are not lost
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    settings = {"backend": "loky", "inner_max_num_threads": 1}
    _end_workers_with_process(os.getpid())
    begin = {"initializer": _initialise_worker, "initargs": (os.getpid(),)}
    yield settings | begin, (TerminatedWorkerError,)


@cache
def _end_workers_with_process(_process: int) -> None:
    """A process of somebody's pool waits at its end for workers of its own, idle for minutes.

    They end before the semaphores that a worker needs to start, whose priority is 0.
    """
    Finalize(None, end_local_workers, exitpriority=100)


def _initialise_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, args=(parent,), daemon=True).start()


def _exit_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


@contextmanager
def _dask_backend(address: str) -> BackendContext:
    distributed = _import_cluster_library("distributed", "dask")
    from ceasefire.ensemble.cluster_backends import DaskBackend

    try:
        client = distributed.Client(address, set_as_default=False, timeout=10)
    except (OSError, ValueError) as error:
        raise WorldError(
            [_unreachable_cluster_problem("Dask scheduler", "--scheduler", address, error)]
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=10)
        except TimeoutError:
            raise WorldError([_no_dask_worker_problem(address)]) from None
        lost = distributed.client.FutureCancelledError
        yield {"backend": DaskBackend(client)}, (distributed.KilledWorker, lost)


@contextmanager
def _ray_backend(address: str) -> BackendContext:
    ray = _import_cluster_library("ray", "ray")
    from ceasefire.ensemble.cluster_backends import RayBackend

    ours = not ray.is_initialized()
    if ours:
        try:
            _probe_port(address)
            ray.init(address=address, log_to_driver=False, logging_level="error")
        except (OSError, ValueError, RuntimeError) as error:
            raise WorldError(
                [_unreachable_cluster_problem("Ray cluster", "--address", address, error)]
            ) from None
    try:
        lost = ray.exceptions
        yield {"backend": RayBackend()}, (lost.WorkerCrashedError, lost.NodeDiedError)
    finally:
        if ours:
            ray.shutdown()


def _probe_port(address: str) -> None:
    """OSError unless somebody listens; Ray itself would go on trying for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def _import_cluster_library(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        help = f"install it: pip install 'ceasefire[{extra}]'"
        problem = Problem(f"--engine {extra} needs {name}", path="--engine", help=help)
        raise WorldError([problem]) from None


_WORKERS_KILLED = Problem(
    "processes that computed worlds were ended from outside, most likely for want of memory",
    help="close other programs, or ask for a smaller case",
)


def _unreachable_cluster_problem(what: str, option: str, address: str, error: Exception) -> Problem:
    return Problem(
        f"no {what} answers",
        path=option,
        found=address,
        allowed=f"the address of a {what} that runs",
        help=f"start one, or look whether it can be reached: {error}",
    )


def _no_dask_worker_problem(address: str) -> Problem:
    return Problem(
        "the Dask scheduler has no worker",
        path="--scheduler",
        found=address,
        allowed="a cluster of one worker or more",
        help=f"start one: dask worker {address}",
    )


def _version_mismatch_problem(expected: dict[str, str]) -> Problem:
    mine = package_versions()
    differ = [name for name in expected if expected[name] != mine[name]]
    return Problem(
        "the workers have other versions than this machine",
        path="--engine",
        found=", ".join(f"{name} {mine[name]}" for name in differ),
        allowed=", ".join(f"{name} {expected[name]}" for name in differ),
        help="install the same versions on the cluster: numbers would differ in the last digits",
    )


def _missing_module_problem(error: ModuleNotFoundError) -> Problem:
    return Problem(
        f"the workers have no module {error.name}",
        path="--engine",
        help=f"install ceasefire {__version__} on the cluster",
    )

"""More than one machine: two workers of a cluster against one, and what a hundred would do.

Measured are two cores; beyond, arithmetic: N cores do N times what one does, until the process that
hands out the jobs is busy all the time, or the network is with what each job sends and brings back.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import cloudpickle

from benchmarks.clusters import dask_cluster, ray_cluster
from benchmarks.table import Effort, Row, limited, seconds
from benchmarks.typed import OPED, ROOT, TRUST
from benchmarks.worlds import TEST
from ceasefire.case import load
from ceasefire.ensemble import Engine, sweep
from ceasefire.ensemble.store import StoreColumns, compute_rows
from ceasefire.ensemble.sweep_worlds import CHUNK_SECONDS
from ceasefire.query import plan_questions, read_claims, read_questions

CLUSTERED = ROOT / "cases/settlement.yaml"
SPEED_UP = 1.8
MACHINES, CORES_EACH, CORES = 100, 2, 2
NETWORK = 125e6  # bytes/s, of the machine that hands out the jobs
Cluster = Callable[..., AbstractContextManager[Engine]]


def dask(effort: Effort) -> Iterator[Row]:
    """Two Dask workers against one."""
    yield _two_against_one("Dask", dask_cluster, effort)


def ray(effort: Effort) -> Iterator[Row]:
    """Two Ray workers against one."""
    yield _two_against_one("Ray", ray_cluster, effort)


def hundred_of_trust(effort: Effort) -> Iterator[Row]:
    """A hundred machines, worlds of a small case."""
    yield _hundred("trust", TRUST, [TEST], effort.pick(12_000, 40_000))


def hundred_of_oped(effort: Effort) -> Iterator[Row]:
    """A hundred machines, worlds of the op-ed."""
    yield _hundred("the op-ed", OPED, [], effort.pick(3, 16))


def _two_against_one(name: str, cluster: Cluster, effort: Effort) -> Row:
    """The same sweep by one worker and by two, after a short one that loads the kernels."""
    worlds, times = effort.pick(4, 32), {}
    for workers in (1, 2):
        with TemporaryDirectory() as folder, cluster(Path(folder), workers) as engine:
            _swept(Path(folder) / "warm", 2 * workers, engine)
            times[workers] = _swept(Path(folder) / "timed", worlds, engine)
    ratio = times[1] / times[2]
    return limited(
        f"two {name} workers against one, {worlds} worlds of {CLUSTERED.stem}",
        f"{ratio:.3g} times as fast, {seconds(times[2])} for {seconds(times[1])}",
        f"at least {SPEED_UP} times as fast",
        ratio / SPEED_UP,
    )


def _swept(folder: Path, worlds: int, engine: Engine) -> float:
    return sweep(load(str(CLUSTERED)), str(folder), worlds, engine=engine).seconds


def _hundred(name: str, case: Path, questions: list[str], worlds: int) -> Row:
    """What a hundred machines would do, by what a world takes here and in the first process."""
    marks = list[tuple[int, float, float]]()

    def mark(done: int, _: int) -> None:
        marks.append((done, process_time(), perf_counter()))

    with TemporaryDirectory() as folder:
        engine = Engine(workers=CORES)
        sweep(load(str(case)), folder, worlds, *questions, engine=engine, progress=mark)
    (first, busy_from, began), (last, busy_to, ended) = marks[0], marks[-1]
    serial, on_two = (busy_to - busy_from) / (last - first), (last - first) / (ended - began)
    each, sent, back = job_size(case, questions)
    cores = MACHINES * CORES_EACH
    ends = {
        "its cores": cores / each,
        "the first process, busy all the time": 1 / serial,
        "the network of the first machine": NETWORK / (sent + back),
    }
    stop = min(ends, key=lambda end: ends[end])
    full = {end: rate * each / CORES_EACH for end, rate in ends.items() if end != "its cores"}
    return Row(
        what=f"{MACHINES} machines of {CORES_EACH} cores, worlds of {name}, by arithmetic",
        ours=f"{ends[stop]:,.3g} worlds/s, limited by {stop}",
        other=f"{ends['its cores']:,.3g} worlds/s, if nothing stopped them",
        ratio=ends[stop] / ends["its cores"],
        low=ends[stop] / ends["its cores"],
        high=ends[stop] / ends["its cores"],
        kind="share",
        note=f"A world takes {seconds(each)} of a core, {seconds(serial)} of the first process, "
        f"{sent / 1e3:.3g} kB to a worker and {back / 1e3:.3g} kB back. Two cores here: "
        f"{on_two:.3g} worlds/s, {on_two * each / CORES:.0%} of twice one. "
        + "; ".join(f"{end} at {machines:,.0f} machines" for end, machines in full.items())
        + f". A million worlds take {seconds(1e6 / ends[stop])}.",
    )


def job_size(case: Path, questions: list[str]) -> tuple[float, float, float]:
    """Of a world: the median seconds of a core, the bytes sent to a worker, and those that return.

    A job is as many worlds as take a second, and is sent with all that it needs.

    case       a case file
    questions  what is asked besides its claims
    """
    read = load(str(case))
    claims = read_claims(read)
    asked = [*claims.values(), *read_questions(read, questions)]
    plan = plan_questions(read, asked)
    columns = StoreColumns.from_questions(read, tuple(claims), asked)
    task = partial(compute_rows, plan, columns, 0)
    sent = len(cloudpickle.dumps(task))
    task((1, 1))
    times = []
    for world in range(1, 6):
        began = perf_counter()
        task((world, world))
        times.append(perf_counter() - began)
    worlds = max(1, int(CHUNK_SECONDS / median(times)))
    began = process_time()
    frame = task((1, worlds))
    each = (process_time() - began) / worlds
    back = len(pickle.dumps(frame))
    return max(each, 1e-9), sent / worlds, back / worlds


MEASUREMENTS = (dask, ray, hundred_of_trust, hundred_of_oped)

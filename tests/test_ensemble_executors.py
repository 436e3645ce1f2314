"""Wherever worlds are computed the numbers are the same, even if a worker is killed half-way."""

import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import cloudpickle
import numpy as np
import pytest

from benchmarks.clusters import LONG, dask_cluster, free_port, ray_cluster
from ceasefire.case import loads
from ceasefire.ensemble import Engine, engine_from_options, sweep
from ceasefire.ensemble.cluster_backends import ClusterBackend
from ceasefire.ensemble.executors import package_versions, stream_answers
from ceasefire.ensemble.store import compute_rows
from ceasefire.errors import WorldError

CASE = """
ceasefire: 1
title: Two coins
horizon: 3
unknowns:
  odds: {best: 0.3, range: [0.2, 0.4]}
  stake: {best: 1, lognormal: [1, 1.5]}
together: [[odds, stake, 0.5]]
parties:
  north: {types: {calm: 0.5, rash: 0.5}, precision: 2}
state: {war: {start: true}}
payoffs: {north: {war: "-stake * war if type == calm else -0.2 * war"}}
moves:
  shout: {by: north, cost: "0.2 if type == calm else 0"}
chance:
  end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}
claims:
  likely: {test: "P(at_end(not war)) > 0.5"}
  loud: {test: "P(eventually(happens(north.shout)), types={north: rash}) > 0.7"}
"""


@pytest.fixture(scope="module", params=["local", "dask", "ray"])
def engine(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "local":
        yield Engine(workers=2)
    else:
        with {"dask": dask_cluster, "ray": ray_cluster}[request.param](folder) as found:
            yield found


cloudpickle.register_pickle_by_value(sys.modules[__name__])


def logged_rows(folder):
    """Computes rows and leaves a note when a job begins and when it ends."""

    def note(span, what):
        (folder / f"{span[0]}.{os.getpid()}.{time.monotonic_ns()}.{what}").touch()

    def run(plan, columns, seed, span):
        note(span, "begun")
        time.sleep(0.1)
        found = compute_rows(plan, columns, seed, span)
        note(span, "done")
        return found

    return run


def notes(folder, what):
    return [tuple(map(int, path.name.split(".")[:2])) for path in folder.glob(f"*.{what}")]


def test_killed_worker_loses_only_its_batch_and_results_are_equal(engine, tmp_path, monkeypatch):
    case, questions, seen = loads(CASE), ["E(war)", "value(north)"], tmp_path / "seen"
    seen.mkdir()
    begun, done = (lambda: notes(seen, "begun")), (lambda: notes(seen, "done"))
    killed = []

    def kill(count, _):
        if count < 16 or killed:
            return
        running = wait_for(lambda: set(begun()) - set(done()))
        killed.append(next(iter(running))[1])
        os.kill(killed[0], signal.SIGKILL)

    ours = sweep(case, str(tmp_path / "ours"), 48, *questions, engine=Engine(workers=1), batch=16)
    sweeping = import_module("ceasefire.ensemble.sweep_worlds")
    monkeypatch.setattr(sweeping, "CHUNK_SECONDS", 0.0)  # pieces of one world
    monkeypatch.setattr(sweeping, "compute_rows", logged_rows(seen))
    far = str(tmp_path / "far")
    theirs = sweep(case, far, 48, *questions, engine=engine, batch=16, progress=kill)

    assert killed
    assert ours.summary == theirs.summary
    assert (ours.computed, theirs.computed) == (48, 48)
    one, two = batches(tmp_path / "ours"), batches(tmp_path / "far")
    assert list(one) == [f"batch-00000{n}.parquet" for n in (1, 2, 3)]
    assert one == two
    worlds = [first for first, _ in begun()]
    assert set(worlds) == set(range(1, 49))
    twice = {first for first in worlds if worlds.count(first) > 1}
    if engine.name == "local":  # loky ends its other worker too: all that is handed out is lost
        assert len(twice) <= len(worlds) - 48 <= 4
    else:  # what it was at, and what it had done and not yet handed over
        assert twice <= {first for first, pid in begun() if pid == killed[0]}
        assert len(worlds) - 48 <= len(twice) <= 3


def batches(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*/*.parquet"))}


def deadly(span):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_job_that_kills_every_worker_ends_the_run():
    with pytest.raises(WorldError, match="ended from outside"):
        list(stream_answers(deadly, [(n, n) for n in range(4)], Engine(workers=2)))


def test_a_job_that_kills_every_dask_worker_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with (
        dask_cluster(tmp_path, workers=4) as engine,
        pytest.raises(WorldError, match="ended from outside"),
    ):
        list(stream_answers(deadly, [(1, 1)], engine))


def where(job):
    return os.getpid()


def test_a_cluster_of_one_worker_computes_there(tmp_path):
    with dask_cluster(tmp_path, workers=1) as engine:
        found = dict(stream_answers(where, [(n, n) for n in range(5)], engine))
    assert set(found) == set(range(5))
    assert len({*found.values(), os.getpid()}) == 2


def test_a_cluster_without_workers_says_so(tmp_path):
    with dask_cluster(tmp_path, workers=0) as engine, pytest.raises(WorldError, match="no worker"):
        list(stream_answers(where, [(1, 1)], engine))


class Lonely(ClusterBackend):
    def cores(self):
        return 1


def test_a_cluster_is_never_asked_for_one_job_at_a_time():
    assert Lonely().configure(n_jobs=1) == 2


def test_workers_of_another_version_are_refused(monkeypatch):
    other = package_versions() | {"numpy": "1.0"}
    executors = import_module("ceasefire.ensemble.executors")
    monkeypatch.setattr(executors, "package_versions", lambda: other)
    with pytest.raises(WorldError) as caught:
        list(stream_answers(len, [(n, "") for n in range(4)], Engine(workers=2)))
    (problem,) = caught.value.problems
    assert problem.allowed == "numpy 1.0"
    assert problem.found == f"numpy {np.__version__}"


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_unreachable_scheduler_is_reported(name):
    with pytest.raises(WorldError) as caught:
        list(stream_answers(len, [(1, ""), (2, "")], Engine(name, f"127.0.0.1:{free_port()}")))
    (problem,) = caught.value.problems
    assert problem.path == {"dask": "--scheduler", "ray": "--address"}[name]
    assert "answers" in problem.message


@pytest.mark.parametrize(("name", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_an_engine_that_is_not_installed_says_how_to(name, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(WorldError, match=rf"pip install 'ceasefire\[{name}\]'"):
        list(stream_answers(len, [(1, ""), (2, "")], Engine(name, "127.0.0.1:1")))


def test_engine_and_address_must_match():
    assert engine_from_options("dask", scheduler="tcp://a:1") == Engine("dask", "tcp://a:1")
    assert engine_from_options("ray", address="a:1").address == "a:1"
    for wrong in (
        {"name": "spark"},
        {"name": "dask"},
        {"name": "dask", "address": "a:1"},
        {"name": "ray", "scheduler": "a:1"},
        {"name": "local", "address": "a:1"},
    ):
        with pytest.raises(WorldError) as caught:
            engine_from_options(**wrong)
        assert caught.value.problems[0].path in ("--engine", "--scheduler", "--address")


def test_a_process_of_a_pool_ends_at_once_with_workers_of_its_own(tmp_path):
    """An idle worker would last 300 s; one that starts meanwhile would print what it misses."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\nif 'LokyProcess-1:2' in sys.orig_argv:\n    time.sleep(1)\n",
        encoding="utf-8",
    )
    program = (
        "import time\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from ceasefire.ensemble.executors import Engine, stream_answers\n"
        "from joblib.externals.loky import process_executor\n"
        "kill = process_executor.kill_process_tree\n"
        "def count():\n"
        "    process_executor.kill_process_tree = lambda process: (time.sleep(3), kill(process))\n"
        "    return len(list(stream_answers(len, [(1, 'a'), (2, 'b')], Engine(workers=2))))\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(1) as pool:\n"
        "        print(pool.submit(count).result())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert ran.stdout.strip() == "2"


def test_workers_do_not_outlive_a_parent_that_is_killed(tmp_path):
    script = (
        "import os, sys, time; from ceasefire.ensemble import Engine;"
        "from ceasefire.ensemble.executors import stream_answers; from pathlib import Path;"
        "place = Path(sys.argv[1]);"
        "nap = lambda n: ((place / str(os.getpid())).touch(), time.sleep(3600));"
        "list(stream_answers(nap, [(1, 1), (2, 2)], Engine(workers=2)))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(alive(pid) for pid in workers))


def wait_for(happens):
    until = time.monotonic() + LONG
    while not (found := happens()):
        assert time.monotonic() < until, "hangs"
        time.sleep(0.01)
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

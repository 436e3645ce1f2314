"""Processes that solve: what is given up ends, what takes too long ends, others go on."""

import asyncio
import os
import platform
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ceasefire.ensemble.executors import Engine, stream_answers
from ceasefire.errors import CaseError, Problem, WebError
from ceasefire.web.worker_pool import WorkerPool

LONG = 300.0  # seconds after which what is waited for has hung; nothing takes as long


def process(say):
    return os.getpid()


def count(say, upto):
    for number in range(upto):
        say(number)
    return "done"


def hold(say, gate):
    """Say the number of the process, then work until a file is there."""
    try:
        say(os.getpid())
        while not Path(gate).exists():
            time.sleep(0.01)
    except KeyboardInterrupt:
        return "stopped"
    return "done"


def fail(say):
    raise CaseError([Problem("is no case", "war.yaml", 3)])


def die(say):
    os._exit(1)


def fill(say):
    return int(np.ones(10**9, dtype=np.float64)[0])


def scatter(say):
    """Take 200 MB in small pieces and free all but the last, which holds the heap open."""
    pieces = [bytes(50_000) for _ in range(4000)]
    SCATTERED.append(pieces[-1])


def spread(say, gate):
    """Have two processes of its own, as a run over worlds has; give their numbers."""
    answers = stream_answers(partial(meet, gate), [(0, 0), (1, 1)], Engine(workers=2))
    return {number for _, number in answers}


def meet(gate, number):
    """Wait until the other process is there as well."""
    Path(f"{gate}-{number}").touch()
    while not Path(f"{gate}-{1 - number}").exists():
        time.sleep(0.01)
    return os.getpid()


def resident_bytes(say):
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


SCATTERED = []


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def gate(tmp_path):
    return tmp_path / "gate"


@pytest.fixture
def pool():
    made = WorkerPool(1, max_waiting=1, memory_headroom=5e8)
    yield made
    made.close()


async def happens(condition):
    """Wait until something is so; it is a fault of the program if it never is."""
    async with asyncio.timeout(LONG):
        while not condition():
            await asyncio.sleep(0.01)


def test_pool_returns_answers_errors_and_progress(pool):
    said = []

    async def asked():
        first = await pool.run(process, timeout_seconds=LONG)
        assert await pool.run(process, timeout_seconds=LONG) == first != os.getpid()
        assert await pool.run(count, 3, timeout_seconds=LONG, on_message=said.append) == "done"
        with pytest.raises(CaseError) as caught:
            await pool.run(fail, timeout_seconds=LONG)
        assert caught.value.problems[0].line == 3
        assert await pool.run(process, timeout_seconds=LONG) == first

    asyncio.run(asked())
    assert said == [0, 1, 2]


def test_cancelled_task_ends_its_process(pool, gate):
    async def asked():
        said = []
        first = await pool.run(process, timeout_seconds=LONG)
        slow = asyncio.create_task(
            pool.run(hold, gate, timeout_seconds=LONG, on_message=said.append)
        )
        await happens(lambda: said == [first])
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        await happens(lambda: not alive(first))
        assert await pool.run(process, timeout_seconds=LONG) != first

    asyncio.run(asked())


def test_task_over_its_time_limit_is_ended(pool, gate):
    """It would never end by itself."""

    async def asked():
        first = await pool.run(process, timeout_seconds=LONG)
        with pytest.raises(WebError, match=r"took more than 0\.3 seconds"):
            await pool.run(hold, gate, timeout_seconds=0.3)
        await happens(lambda: not alive(first))

    asyncio.run(asked())


def test_stopped_task_returns_partial_result(pool, gate):
    async def asked():
        stop = asyncio.Event()
        found = await pool.run(
            hold, gate, timeout_seconds=LONG, on_message=lambda _: stop.set(), stop=stop
        )
        assert found == "stopped"
        assert await pool.run(count, 1, timeout_seconds=LONG) == "done"

    asyncio.run(asked())


def test_a_process_that_dies_or_wants_too_much_memory_is_a_problem_not_the_end(pool):
    async def asked():
        with pytest.raises(WebError, match="was ended"):
            await pool.run(die, timeout_seconds=LONG)
        with pytest.raises(WebError, match="more memory than a page may use") as caught:
            await pool.run(fill, timeout_seconds=LONG)
        assert "serve --memory" in (caught.value.problems[0].help or "")
        assert await pool.run(count, 1, timeout_seconds=LONG) == "done"

    asyncio.run(asked())


def test_waiting_queue_is_bounded(pool, gate):
    async def asked():
        running = [
            asyncio.create_task(pool.run(hold, gate, timeout_seconds=LONG)) for _ in range(2)
        ]
        await happens(lambda: (pool._busy_count, len(pool._queue)) == (1, 1))
        refused = asyncio.create_task(pool.run(process, timeout_seconds=LONG))
        await happens(lambda: refused.done() or len(pool._queue) > 1)
        gate.touch()
        with pytest.raises(WebError, match="too many questions are waiting"):
            await refused
        assert await asyncio.gather(*running) == ["done", "done"]

    asyncio.run(asked())


def test_cancelled_waiter_leaves_the_queue(pool, gate):
    async def asked():
        running = asyncio.create_task(pool.run(hold, gate, timeout_seconds=LONG))
        await happens(lambda: pool._busy_count == 1)
        waiting = asyncio.create_task(pool.run(process, timeout_seconds=LONG))
        await happens(lambda: len(pool._queue) == 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert pool._busy_count == 1
        gate.touch()
        assert await running == "done"
        assert await pool.run(count, 1, timeout_seconds=LONG) == "done"

    asyncio.run(asked())


def test_waiter_cancelled_at_its_turn_passes_the_slot_on(pool, gate, monkeypatch):
    async def asked():
        running = asyncio.create_task(pool.run(hold, gate, timeout_seconds=LONG))
        await happens(lambda: pool._busy_count == 1)
        waiting = asyncio.create_task(pool.run(hold, gate, timeout_seconds=LONG))
        await happens(lambda: len(pool._queue) == 1)
        pass_on = pool._release_slot

        def passing():
            pass_on()
            waiting.cancel()

        monkeypatch.setattr(pool, "_release_slot", passing)
        gate.touch()
        assert await running == "done"
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert pool._busy_count == 0

    asyncio.run(asked())


def test_processes_of_a_task_end_with_the_one_that_began_them(pool, gate):
    async def asked():
        theirs = await pool.run(spread, gate, timeout_seconds=LONG)
        assert len(theirs) == 2
        assert await pool.run(process, timeout_seconds=LONG) not in theirs
        assert all(map(alive, theirs))
        pool.close()
        await happens(lambda: not any(map(alive, theirs)))

    asyncio.run(asked())


ENDS = """
import asyncio
from ceasefire.web.worker_pool import WorkerPool

async def ask():
    pool = WorkerPool(1)
    await pool.run(print, timeout_seconds=300)
    return pool

if __name__ == "__main__":
    pool = asyncio.run(ask())
    print("done", flush=True)
"""


def test_a_server_that_ends_does_not_wait_for_its_processes(tmp_path):
    script = tmp_path / "ends.py"
    script.write_text(ENDS)
    ended = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=LONG, check=True
    )
    assert ended.stdout.endswith("done\n")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep free memory")
def test_an_idle_process_gives_its_memory_back(pool):
    async def asked():
        before = await pool.run(resident_bytes, timeout_seconds=LONG)
        await pool.run(scatter, timeout_seconds=LONG)
        return before, await pool.run(resident_bytes, timeout_seconds=LONG)

    before, after = asyncio.run(asked())
    assert after - before < 50e6

"""Processes that solve: what is given up ends, what takes too long ends, others go on."""

import asyncio
import os
import time

import numpy as np
import pytest

from ceasefire.errors import CaseError, Problem, WebError
from ceasefire.web.work import Pool


def process(say):
    return os.getpid()


def count(say, upto, pause):
    try:
        for number in range(upto):
            say(number)
            time.sleep(pause)
    except KeyboardInterrupt:
        return "stopped"
    return "done"


def fail(say):
    raise CaseError([Problem("is no case", "war.yaml", 3)])


def die(say):
    os._exit(1)


def fill(say):
    return int(np.ones(10**9, dtype=np.float64)[0])


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def pool():
    made = Pool(1, waiting=1, spare=5e8)
    yield made
    made.close()


def test_answers_errors_and_what_is_said_come_back(pool):
    said = []

    async def asked():
        first = await pool.ask(process, seconds=60)
        assert await pool.ask(process, seconds=60) == first != os.getpid()
        assert await pool.ask(count, 3, 0.0, seconds=60, said=said.append) == "done"
        with pytest.raises(CaseError) as caught:
            await pool.ask(fail, seconds=60)
        assert caught.value.problems[0].line == 3
        assert await pool.ask(process, seconds=60) == first

    asyncio.run(asked())
    assert said == [0, 1, 2]


def test_what_is_given_up_ends_with_its_process_and_the_next_one_begins(pool):
    async def asked():
        first = await pool.ask(process, seconds=60)
        slow = asyncio.create_task(pool.ask(count, 1000, 0.1, seconds=60))
        await asyncio.sleep(0.3)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert not alive(first)
        assert await pool.ask(process, seconds=60) != first

    asyncio.run(asked())


def test_what_takes_too_long_is_ended(pool):
    async def asked():
        await pool.ask(process, seconds=60)
        began = time.monotonic()
        with pytest.raises(WebError, match=r"took more than 0\.3 seconds"):
            await pool.ask(count, 1000, 0.1, seconds=0.3)
        assert time.monotonic() - began < 5

    asyncio.run(asked())


def test_a_run_that_is_stopped_gives_what_it_has(pool):
    async def asked():
        stop = asyncio.Event()

        def said(number):
            if number == 2:
                stop.set()

        found = await pool.ask(count, 1000, 0.05, seconds=60, said=said, stop=stop)
        assert found == "stopped"
        assert await pool.ask(count, 1, 0.0, seconds=60) == "done"

    asyncio.run(asked())


def test_a_process_that_dies_or_wants_too_much_memory_is_a_problem_not_the_end(pool):
    async def asked():
        with pytest.raises(WebError, match="was ended"):
            await pool.ask(die, seconds=60)
        with pytest.raises(WebError, match="more memory than a page may use") as caught:
            await pool.ask(fill, seconds=60)
        assert "serve --memory" in (caught.value.problems[0].help or "")
        assert await pool.ask(count, 1, 0.0, seconds=60) == "done"

    asyncio.run(asked())


def test_only_so_many_may_wait(pool):
    async def asked():
        running = [asyncio.create_task(pool.ask(count, 5, 0.1, seconds=60)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(WebError, match="too many questions are waiting"):
            await pool.ask(process, seconds=60)
        assert await asyncio.gather(*running) == ["done", "done"]

    asyncio.run(asked())


def test_one_that_gives_up_waiting_leaves_the_line(pool):
    async def asked():
        running = asyncio.create_task(pool.ask(count, 5, 0.1, seconds=60))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(pool.ask(process, seconds=60))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert pool._busy == 1
        assert await running == "done"
        assert await pool.ask(count, 1, 0.0, seconds=60) == "done"

    asyncio.run(asked())


def test_one_that_gives_up_as_its_turn_comes_passes_it_on(pool, monkeypatch):
    async def asked():
        running = asyncio.create_task(pool.ask(count, 5, 0.05, seconds=60))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(pool.ask(count, 5, 0.05, seconds=60))
        pass_on = pool._pass_on

        def passing():
            pass_on()
            waiting.cancel()

        monkeypatch.setattr(pool, "_pass_on", passing)
        assert await running == "done"
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert pool._busy == 0

    asyncio.run(asked())

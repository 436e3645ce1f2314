"""What a page knows: no answer to one question is shown as the answer to another."""

import asyncio
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from markupsafe import Markup
from nicegui import core

from ceasefire.settings import SolveSettings
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.session import PageSession
from ceasefire.web.worker_results import ClaimTurningPoints, UpdateTaskResult
from support.case_server import CASES


def test_what_turns_a_claim_is_of_the_tables_that_the_page_shows(monkeypatch):
    file = CASES / "truce.yaml"
    edited = EditedCase(file.read_text(), str(file), str(CASES))
    written, without = ClaimTurningPoints({}, 5, 5), ClaimTurningPoints({}, 1, 5)

    async def visit() -> None:
        monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
        released = asyncio.Event()

        async def run(*_, **__):
            await released.wait()
            return without

        session = PageSession(
            SimpleNamespace(
                known_turning_points={edited: written},
                keep=dict.__setitem__,
                batch_pool=SimpleNamespace(run=run),
                limits=SimpleNamespace(solve_settings=SolveSettings(), batch_seconds=60.0),
                default_worlds=1,
            ),
            edited,
            file.name,
        )
        session.find_turning_points()
        assert session.turning_points is written
        session.edited_case = EditedCase(
            edited.text, edited.file, edited.folder, disabled_tables=("talks",)
        )
        assert session.turning_points is None
        session.find_turning_points()
        await asyncio.sleep(0)
        session.edited_case = edited
        session.find_turning_points()
        released.set()
        for _ in range(10):
            await asyncio.sleep(0)
        assert session.turning_points is written

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("seconds", "worlds", "pool"),
    [(0.2, False, "now"), (0.2, True, "later"), (9.0, False, "later")],
)
def test_events_of_a_quick_case_do_not_wait_for_worlds(seconds, worlds, pool, monkeypatch):
    file = CASES / "truce.yaml"
    edited = EditedCase(file.read_text(), str(file), str(CASES), today=1)

    async def visit() -> None:
        monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
        pools = {
            name: SimpleNamespace(run=AsyncMock(return_value=name)) for name in ("now", "later")
        }
        limits = SimpleNamespace(solve_settings=SolveSettings(), batch_seconds=60.0)
        session = PageSession(
            SimpleNamespace(
                interactive_pool=pools["now"],
                batch_pool=pools["later"],
                limits=limits,
                default_worlds=1,
            ),
            edited,
            file.name,
        )
        session.last_seconds["best"] = seconds
        session.update(worlds)
        for _ in range(20):
            await asyncio.sleep(0)
        assert session.update_result == pool

    asyncio.run(visit())


def test_what_events_say_is_shown_before_its_numbers_are_checked(monkeypatch):
    file = CASES / "truce.yaml"
    edited = EditedCase(file.read_text(), str(file), str(CASES), today=1)
    early, late = (UpdateTaskResult(SimpleNamespace(), Markup("")) for _ in range(2))

    async def visit() -> None:
        monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
        checked = asyncio.Event()

        async def run(*_, on_message, **__):
            on_message(early)
            await checked.wait()
            return late

        session = PageSession(
            SimpleNamespace(
                batch_pool=SimpleNamespace(run=run),
                limits=SimpleNamespace(solve_settings=SolveSettings(), batch_seconds=60.0),
                default_worlds=1,
            ),
            edited,
            file.name,
        )
        heard = list[str]()
        session.listeners.append(heard.append)
        session.update(False)
        for _ in range(20):
            await asyncio.sleep(0)
        assert session.update_result is early
        assert heard[-1] == "update"
        checked.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert session.update_result is late

    asyncio.run(visit())

"""What a page knows: no answer to one question is shown as the answer to another."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from markupsafe import Markup
from nicegui import core

from ceasefire.settings import SolveSettings
from ceasefire.web import server_state
from ceasefire.web.edited_case import EditedCase
from ceasefire.web.server_state import ServerState
from ceasefire.web.session import PageSession
from ceasefire.web.worker_results import ClaimTurningPoints, UpdateTaskResult
from support.case_server import CASES

FILE = CASES / "truce.yaml"
WRITTEN = EditedCase(FILE.read_text(), str(FILE), str(CASES))
LATER = EditedCase(FILE.read_text(), str(FILE), str(CASES), today=1)


def visit(
    monkeypatch: pytest.MonkeyPatch,
    edited: EditedCase,
    act: Callable[[PageSession], Awaitable[None]],
    **server: Any,
) -> None:
    """Do something on a page of a server that is nothing but what is given."""
    limits = SimpleNamespace(solve_settings=SolveSettings(), batch_seconds=60.0)

    async def run() -> None:
        monkeypatch.setattr(core, "loop", asyncio.get_running_loop())
        desk = SimpleNamespace(
            **{"limits": limits, "default_worlds": 64, "processes_for": lambda *_, **__: 1} | server
        )
        await act(PageSession(desk, edited, FILE.name))

    asyncio.run(run())


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def pool(run: Callable[..., Awaitable[Any]]) -> SimpleNamespace:
    return SimpleNamespace(run=run)


def test_what_turns_a_claim_is_of_the_tables_that_the_page_shows(monkeypatch):
    written, without = ClaimTurningPoints({}, 5, 5), ClaimTurningPoints({}, 1, 5)
    released = list[asyncio.Event]()

    async def run(*_, **__):
        released.append(asyncio.Event())
        await released[-1].wait()
        return without

    async def act(session: PageSession) -> None:
        session.find_turning_points()
        assert session.turning_points is written
        session.edited_case = EditedCase(
            WRITTEN.text, WRITTEN.file, WRITTEN.folder, disabled_tables=("talks",)
        )
        assert session.turning_points is None
        session.find_turning_points()
        await asyncio.sleep(0)
        session.edited_case = WRITTEN
        session.find_turning_points()
        for event in released:
            event.set()
        await settle()
        assert session.turning_points is written

    visit(
        monkeypatch, WRITTEN, act,
        background_pool=pool(run), known_turning_points={WRITTEN: written}, keep=dict.__setitem__,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "worlds", "by"), [(0.2, False, "now"), (0.2, True, "later"), (9.0, False, "later")]
)
def test_events_of_a_quick_case_do_not_wait_for_worlds(seconds, worlds, by, monkeypatch):
    async def act(session: PageSession) -> None:
        session.last_seconds["best"] = seconds
        session.update(worlds)
        await settle()
        assert session.update_result == by

    now, later = (pool(AsyncMock(return_value=name)) for name in ("now", "later"))
    visit(monkeypatch, LATER, act, interactive_pool=now, batch_pool=later)


def test_what_events_say_is_shown_before_its_numbers_are_checked(monkeypatch):
    early, late = (UpdateTaskResult(SimpleNamespace(), Markup("")) for _ in range(2))
    checked = list[asyncio.Event]()

    async def run(*_, on_message, **__):
        checked.append(asyncio.Event())
        on_message(early)
        await checked[0].wait()
        return late

    async def act(session: PageSession) -> None:
        heard = list[str]()
        session.listeners.append(heard.append)
        session.update(False)
        await settle()
        assert session.update_result is early
        assert heard[-1] == "update"
        checked[0].set()
        await settle()
        assert session.update_result is late

    visit(monkeypatch, LATER, act, batch_pool=pool(run))


@pytest.mark.parametrize(
    ("seconds", "busy", "processes"), [(29.0, False, 1), (31.0, False, 2), (31.0, True, 1)]
)
def test_a_long_run_has_every_core_unless_another_is_under_way(
    seconds, busy, processes, monkeypatch
):
    monkeypatch.setattr(server_state, "usable_cores", lambda: 2)
    desk = SimpleNamespace(batch_pool=SimpleNamespace(is_busy=busy))
    assert ServerState.processes_for(desk, seconds) == processes
    assert ServerState.processes_for(desk, seconds, unasked=True) == (2 if seconds > 30 else 1)


def test_worlds_on_two_cores_are_foreseen_in_half_the_time(monkeypatch):
    asked = list[tuple[Any, ...]]()

    async def run(*given, stop, **__):
        asked.append(given)
        await stop.wait()

    async def act(session: PageSession) -> None:
        session.last_seconds |= {"best": 2.0, "update": 30.0, "update reading": 5.0}
        assert session.estimated_seconds == 1.5 * 2.0 * (1.5 * 64 + 14) / 2
        session.update(True)
        await settle()
        assert session.pending["update"].expected_seconds == 30 + 64 * 5 / 2
        assert asked[0][-2:] == (64, 2)

    visit(monkeypatch, LATER, act, batch_pool=pool(run), processes_for=lambda _: 2)


def test_worlds_that_are_weighed_are_foreseen_and_kept_when_they_are_stopped(monkeypatch):
    async def run(*_, stop, **__):
        await stop.wait()
        return "what was done"

    async def act(session: PageSession) -> None:
        session.last_seconds |= {"update": 30.0, "update reading": 5.0}
        session.update(True)
        await settle()
        assert session.pending["update"].expected_seconds == 30 + 64 * 5
        session.stop_or_cancel("update")
        await settle()
        assert session.update_result == "what was done"

    visit(monkeypatch, LATER, act, batch_pool=pool(run))

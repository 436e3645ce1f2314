"""How long something takes is said from what was measured, and honestly once it takes longer."""

import time
from types import SimpleNamespace

import pytest

from ceasefire.web.panel_downloads import DownloadsPanel
from ceasefire.web.progress_line import describe_wait
from ceasefire.web.server_state import PendingTask
from ceasefire.web.session import PageSession
from ceasefire.web.worker_results import TaskProgress


@pytest.mark.parametrize(
    ("elapsed", "expected", "said"),
    [
        (2, 6, "2 s of about 6 s"),
        (60, 6, "60 s; it was expected to take about 6 s"),
        (30, 1423, "30 s of about 24 minutes"),
    ],
)
def test_what_takes_longer_than_expected_says_so(elapsed, expected, said):
    task = PendingTask(expected_seconds=expected, started_at=time.monotonic() - elapsed)
    assert describe_wait(task) == said


@pytest.mark.parametrize(
    ("measured", "seconds"),
    [
        ({}, None),
        ({"best": 9.0}, None),
        ({"best": 9.0, "timeline": 2.0}, 2.0),
        ({"timeline": 2.0, "chart reading": 7.0}, 7.0),
    ],
)
def test_one_solution_is_expected_to_take_what_the_last_one_took(measured, seconds):
    page = SimpleNamespace(last_seconds=measured)
    assert PageSession.seconds_per_solve.fget(page) == seconds


def test_readings_of_worlds_count_more_than_the_best_estimates():
    page = SimpleNamespace(last_seconds={"best": 1.0, "shares": 4.0})
    assert PageSession.seconds_per_reading.fget(page) == 4.0


def test_a_report_weighs_worlds_as_single_readings_of_an_update():
    """An update at the best estimates asks as much as seven worlds: its checks are among it."""
    case = SimpleNamespace(tables={}, events=("one",), unknowns={})
    page = SimpleNamespace(
        case=case, seconds_per_reading=0.0, seconds_per_solve=0.0, last_seconds={"update": 70.0}
    )
    panel = SimpleNamespace(
        session=page,
        _asks_after_events=lambda _: True,
        worlds_select=SimpleNamespace(worlds=14),
        turning_points_switch=SimpleNamespace(value=False),
        _process_seconds=lambda: DownloadsPanel._process_seconds(panel),
        _processes=1,
    )
    assert DownloadsPanel.estimated_seconds.fget(panel) == pytest.approx(3 * 70.0)
    panel._processes = 2
    assert DownloadsPanel.estimated_seconds.fget(panel) == pytest.approx(2 * 70.0)


def test_each_part_of_a_task_is_foreseen_at_its_own_pace(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    task = PendingTask(started_at=0.0, part_started_at=0.0)

    def left(seconds: float, done: int, total: int, part: str = "") -> float | None:
        clock[0] = seconds
        task.receive(TaskProgress(done, total, part))
        return task.seconds_left

    assert left(10.0, 2, 100) is None
    assert left(40.0, 4, 100) == 960.0
    assert left(1000.0, 100, 100) is None
    assert left(1000.0, 0, 50, "codings") is None
    assert left(1030.0, 30, 50, "codings") == 20.0
    assert left(1030.0, 0, 8, "codings") is None  # counts anew
    assert left(1040.0, 5, 8, "codings") == 6.0

"""How long something takes is said from what was measured, and honestly once it takes longer."""

import time
from types import SimpleNamespace

import pytest

from ceasefire.web.panel_downloads import DownloadsPanel
from ceasefire.web.progress_line import describe_wait
from ceasefire.web.server_state import PendingTask
from ceasefire.web.session import PageSession


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
    )
    assert DownloadsPanel.estimated_seconds.fget(panel) == pytest.approx(3 * 70.0)

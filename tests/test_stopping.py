"""Whatever ends work early keeps what was done; how long it takes is told from measurements."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ceasefire import stopping
from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.cli.runner import read_seconds
from ceasefire.ensemble import check, check_claims, turning_points
from ceasefire.ensemble.run import run_jobs
from ceasefire.errors import QuestionError
from ceasefire.render.console import ProgressBar
from ceasefire.render.pace import Pace
from ceasefire.render.tables_check import describe_search_left
from ceasefire.settings import QUICK_SECONDS
from ceasefire.stopping import (
    TimeLimit,
    giving_up_allowed,
    interruptible,
    keep_results,
    limited_to,
    stop_if_asked,
    stop_signal,
    stops_taken,
)

CASE = """
ceasefire: 1
title: A coin
horizon: 2
unknowns: {odds: {best: 0.3, range: [0.2, 0.4]}, cost: {best: 0.1, range: [0, 1]}}
parties: {north: {precision: 2}}
state: {war: {start: true}, quiet: {start: false}}
payoffs: {north: {war: -war}}
moves: {hush: {by: north, cost: cost, set: {quiet: true}}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
claims:
  likely: {test: "P(at_end(not war)) > 0.5"}
  still: {test: "P(at_end(quiet)) > 0.5"}
"""


@pytest.fixture(autouse=True)
def _heard():
    """Ctrl-C is heard here, even where the tests run in the background and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_is_over_when_its_time_is_up_and_not_before():
    clock = Clock()
    limit = TimeLimit(10.0, clock)
    clock.now = 9.0
    assert (limit.left, limit.over) == (1.0, False)
    clock.now = 10.0
    assert limit.over


def test_jobs_end_when_time_is_up_and_what_is_done_is_kept():
    clock = Clock()

    def job(number):
        clock.now += 1.0
        return number

    with limited_to(3.0, clock) as limit:
        done = run_jobs(job, {n: n for n in range(10)}, workers=1)
    assert (dict(done.answers), done.interrupted, limit.over) == ({0: 0, 1: 1, 2: 2}, True, True)
    assert not run_jobs(job, {1: 1}, workers=1).interrupted


def test_jobs_that_are_all_done_when_time_is_up_were_not_interrupted():
    clock = Clock()

    def job(number):
        clock.now += 1.0
        return number

    with limited_to(2.0, clock):
        assert not run_jobs(job, {n: n for n in range(2)}, workers=1).interrupted


def test_a_signal_is_taken_at_once_as_long_as_nothing_is_known():
    with stops_taken(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_signal_waits_until_work_may_be_given_up_once_something_is_known():
    with stops_taken():
        keep_results()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop_signal() == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            stop_if_asked()
        with pytest.raises(KeyboardInterrupt), giving_up_allowed():
            raise AssertionError("nothing new is begun")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert stop_signal() is None


HANDED_OVER = """
import os, subprocess, sys, time
from typing import NamedTuple
import numba
import numpy as np
from ceasefire.stopping import interruptible, stops_taken

class Pair(NamedTuple):
    first: np.ndarray
    second: np.ndarray

@numba.njit
def named(n):
    total = 0.0
    for i in range(n):
        total += np.sin(total + i)
    return Pair(np.full(3, total), np.full(3, total)), n

@numba.njit
def plain(n):
    pair, _ = named(n)
    return (pair.first, pair.second), n

def work():
    pair, _ = {"named": named, "plain": plain}[sys.argv[1]](2 * HALF)
    pair[0].sum()
    time.sleep(20)

def as_a_command():
    with stops_taken():
        work()

plain(1), named(1)
HALF = 1000
while True:  # so many rounds that a half takes a tenth of a second
    began = time.perf_counter()
    plain(HALF)
    if time.perf_counter() - began > 0.1:
        break
    HALF *= 2
for _ in range(5):
    subprocess.Popen(["sh", "-c", f"sleep 0.05; kill -INT {os.getpid()}"])
    try:
        {"command": as_a_command, "library": interruptible(work)}[sys.argv[2]]()
    except KeyboardInterrupt:
        print("ended", end=" ")
"""


@pytest.mark.parametrize("result", ["named", "plain"])
@pytest.mark.parametrize("way", ["command", "library"])
def test_a_signal_that_comes_while_compiled_code_runs_does_not_crash_it(result, way):
    """What Numba makes of a result it makes by calling Python, and does not look for exceptions."""
    ran = subprocess.run(
        [sys.executable, "-c", HANDED_OVER, result, way],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout.split()) == (0, ["ended"] * 5), ran.stderr


def test_what_calls_compiled_code_leaves_ctrl_c_as_it_was():
    assert interruptible(signal.getsignal)(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with stops_taken():
        taken = signal.getsignal(signal.SIGINT)
        assert interruptible(signal.getsignal)(signal.SIGINT) is taken


def two_minutes():
    """Work that goes on, in small pieces, until it is ended."""
    for _ in range(1200):
        time.sleep(0.1)


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_what_is_under_way_ends_when_time_is_up_also_in_the_background(handler):
    """A job in the background ignores Ctrl-C, which has nothing to do with its time."""
    signal.signal(signal.SIGINT, handler)
    with stops_taken(), limited_to(0.5):
        keep_results()
        with pytest.raises(KeyboardInterrupt), giving_up_allowed():
            two_minutes()
        assert stop_signal() is None
    assert signal.getsignal(signal.SIGINT) is handler


def test_after_a_signal_no_job_is_begun_and_those_done_are_kept():
    begun = []

    def job(number):
        begun.append(number)
        if number == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return number

    with stops_taken():
        done = run_jobs(job, {n: n for n in range(5)}, workers=1)
        again = run_jobs(job, {n: n for n in range(5)}, workers=1)
    assert (list(done.answers), done.interrupted) == ([0, 1], True)
    assert (len(again), again.interrupted) == (0, True)
    assert begun == [0, 1, 2]


@pytest.fixture
def whole():
    """A check that nothing ends."""
    return check(loads(CASE), 64, workers=1)


STAGES = (
    "worlds", "what decides", "order", "drawn worlds asked again", "what turns", "the shares",
)  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_a_check_that_is_stopped_at_any_stage_has_what_was_done(stage, whole):
    def stop(*_):
        os.kill(os.getpid(), signal.SIGINT)

    def on_stage(title):
        if stage in title:
            stop()

    def on_world(so_far):
        if stage == "worlds" and so_far.worlds == 20:
            stop()

    with stops_taken():
        found = check(
            loads(CASE), 64, workers=1, on_stage=on_stage, on_world=on_world,
            on_shares=lambda _: stop() if stage == "the shares" else None,
            on_plan=lambda *_: stop() if stage == "what turns" else None,
        )  # fmt: skip
        assert stop_signal() == signal.SIGINT
    if stage == "worlds":
        assert (found.run_stats.computed, found.run_stats.interrupted) == (20, True)
        return
    shares = [claim.share for claim in found.claim_checks]
    assert shares == [claim.share for claim in whole.claim_checks]
    assert found.interrupted or found.turning_points.interrupted
    assert (found.claim_checks[0].drivers is None) == (stage == "what decides")


def test_a_search_with_a_budget_says_what_it_left_and_begins_with_what_decides(monkeypatch):
    clock, read = Clock(), []
    scan = turning_points.scan_range

    def slow(*args, **named):
        clock.now += 30.0
        read.append(args[1].name)
        return scan(*args, **named)

    monkeypatch.setattr(turning_points, "scan_range", slow)
    monkeypatch.setattr(turning_points, "limited_to", lambda seconds: limited_to(seconds, clock))
    found = check(loads(CASE), 64, workers=1, budget=60.0).turning_points
    assert sorted(read) == ["cost", "odds"]
    assert (found.interrupted, found.out_of_time, len(found.left)) == (True, True, 1)
    assert set(found.left) | set(found.scanned) == {"odds", "cost"}
    said = describe_search_left(found)
    assert said.startswith("1 of 2 unknowns were searched for what turns a claim; left are ")
    assert said.endswith(": allow more with --budget")
    assert found.as_json()["left"] == list(found.left)
    enough = check(loads(CASE), 64, workers=1, budget=1000.0).turning_points
    assert (enough.interrupted, enough.left, enough.out_of_time) == (False, (), False)


def test_a_search_begins_with_the_unknowns_it_is_told_if_it_may_end_early(whole, monkeypatch):
    read = []
    scan = turning_points.scan_range

    def noted(*args, **named):
        read.append(args[1].name)
        return scan(*args, **named)

    monkeypatch.setattr(turning_points, "scan_range", noted)
    plan = check_claims.plan_questions(
        loads(CASE), [claim.question for claim in whole.claim_checks]
    )
    best = plan.evaluate_world()
    for first in (("cost", "odds"), ("odds", "cost")):
        turning_points.find_turning_points(plan, best, budget=1e6, first=first, workers=1)
    assert read == ["cost", "odds", "odds", "cost"]


def test_a_quick_check_is_marked_and_tries_no_other_grid():
    found = check(loads(CASE), 8, workers=1, quick=True)
    assert found.marked
    assert any("quick" in reason for reason in found.mark_reasons)
    assert found.claim_checks[0].sharper == ()
    assert found.claim_checks[0].share.worlds == 8
    assert not check(loads(CASE), 8, workers=1).marked


def test_a_quick_check_gives_what_there_is_when_time_is_up(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(check_claims, "TimeLimit", lambda seconds: TimeLimit(seconds, clock))

    def tick(*_):
        clock.now += 1.0

    found = check(loads(CASE), 64, workers=1, quick=True, on_world=tick)
    assert found.run_stats.computed == 10
    assert found.run_stats.interrupted
    assert found.claim_checks[0].share.worlds == 10
    assert clock.now < QUICK_SECONDS


def test_a_quick_question_is_marked(tmp_path):
    path = tmp_path / "coin.yaml"
    path.write_text(CASE, encoding="utf-8")
    asked = CliRunner().invoke(app, ["ask", str(path), "P(at_end(not war))", "--quick"])
    assert asked.exit_code == 1
    assert "not checked on other grids" in " ".join(asked.output.split())
    plain = CliRunner().invoke(app, ["ask", str(path), "P(at_end(not war))"])
    assert plain.exit_code == 0


def test_a_length_of_time_that_is_none_is_a_problem():
    for wrong in ("", "soon", "0", "-3s", "2d"):
        with pytest.raises(QuestionError, match="length of time"):
            read_seconds(wrong, "--budget")


def test_how_long_it_takes_is_told_from_two_pieces_of_work():
    clock = Clock()
    pace = Pace(clock)
    for done, now in ((1, 3.0), (2, 5.0), (3, 6.0), (4, 7.0)):
        clock.now = now
        before = pace.seconds_left()
        pace.note(done, 10)
        assert (before is None) == (done < 3)
    assert pace.seconds_each() == 1.0
    assert pace.seconds_left() == 6.0
    clock.now = 9.0
    assert pace.seconds_left() == 4.0


def test_a_pace_remembers_little_of_many_pieces():
    clock = Clock()
    pace = Pace(clock)
    for done in range(1, 5001):
        clock.now += 0.5
        pace.note(done, 10_000)
    assert len(pace._counts) <= 257
    assert abs(pace.seconds_each() - 0.5) < 1e-9


def lines_of(capsys, clock, steps, total):
    """What is said of work of which so many pieces are done at these times."""
    bar = ProgressBar("worlds", clock=clock)
    for done, now in steps:
        clock.now = now
        bar(done, total) if done else bar.say()
    return capsys.readouterr().err.splitlines()


def test_what_takes_long_says_so_first_and_then_every_ten_seconds(capsys):
    clock = Clock()
    steps = [(1, 1.0), (2, 2.0), (3, 3.0), *((0, 3.0 + n) for n in range(1, 11))]
    first, *later = lines_of(capsys, clock, steps, 100)
    assert first == "worlds: about 2 min in all, by the 2 of 100 measured so far"
    assert len(later) == 1
    assert re.fullmatch(r"worlds: 3 of 100, about .* left", later[0])


def test_what_is_over_soon_says_nothing(capsys):
    clock = Clock()
    assert lines_of(capsys, clock, [(n, 0.4 * n) for n in range(1, 11)], 10) == []


def test_what_takes_longer_than_was_said_says_so(capsys):
    clock = Clock()
    steps = [(1, 1.0), (2, 2.0), (3, 10.0), (4, 20.0)]
    said = lines_of(capsys, clock, steps, 20)
    assert said[0].startswith("worlds: about 20 s in all")
    assert any("longer than said" in line for line in said[1:])


def test_work_that_cannot_be_counted_says_every_ten_seconds_that_it_goes_on(capsys):
    clock = Clock()
    said = lines_of(capsys, clock, [(0, 9.0), (0, 10.0), (0, 15.0), (0, 21.0)], 0)
    assert said == ["worlds: 10 s so far", "worlds: 20 s so far"]


def test_work_of_which_more_turns_up_does_not_seem_to_be_done(capsys):
    clock = Clock()
    said = lines_of(capsys, clock, [(1, 1.0), (2, 2.0), (0, 12.0)], 2)
    assert said == ["worlds: 10 s so far"]


PROGRAM = """
import os, signal, sys
from ceasefire.ensemble import check_claims, rule_changes, run
stage, number = sys.argv[1], int(sys.argv[2])
run.SECONDS_BEFORE_WORKERS = 0.0
plain = rule_changes.ask_under_changed_rules if stage == "rules" else None
def stop(*_, **__):
    os.kill(os.getpid(), number)
def at_rules(plan, **named):
    stop()
    return plain(plan, **named)
if stage == "rules":
    rule_changes.ask_under_changed_rules = at_rules
from ceasefire.cli import commands_check
if stage == "worlds":
    seen = commands_check._CheckStages.show_world
    def show_world(self, so_far):
        seen(self, so_far)
        if so_far.worlds == 5:
            stop()
    commands_check._CheckStages.show_world = show_world
if stage == "best":
    check_claims.choose_grid = stop
sys.argv = ["ceasefire", "check", sys.argv[3], "--worlds", "400"]
from ceasefire.cli.main import run_cli
run_cli()
"""


@pytest.mark.parametrize(
    ("stage", "number"),
    [("worlds", signal.SIGINT), ("worlds", signal.SIGTERM), ("rules", signal.SIGINT)],
)
def test_a_command_that_is_stopped_prints_what_is_done_and_leaves_nothing(stage, number, tmp_path):
    path = tmp_path / "coin.yaml"
    path.write_text(CASE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, stage, str(int(number)), str(path)],
        capture_output=True, text=True, check=False, start_new_session=True,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "ended early" in done.stdout
    for word in ("Traceback", "leaked", "resource_tracker", "KeyboardInterrupt"):
        assert word not in done.stderr
    assert left_by(path) == []


def test_a_command_that_is_stopped_before_it_has_a_result_says_so(tmp_path):
    path = tmp_path / "coin.yaml"
    path.write_text(CASE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "best", str(int(signal.SIGTERM)), str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 128 + signal.SIGTERM
    assert done.stderr.splitlines()[-1] == "stopped before there was a result"
    assert "Traceback" not in done.stderr


def left_by(path: Path) -> list[str]:
    """The processes that know of a file."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = one.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(path) in words and int(one.parent.name) != os.getpid():
            found.append(words)
    return found


def test_a_limit_that_ends_leaves_none_behind():
    with limited_to(0.0), pytest.raises(KeyboardInterrupt):
        stop_if_asked()
    assert stopping._requests.limits == []
    stop_if_asked()

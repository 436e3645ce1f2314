"""Benchmarks measure what they say, and refuse to time a wrong answer."""

import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import (
    against,
    growth,
    lint,
    machines,
    made,
    many,
    nodes,
    profiles,
    runs,
    stability,
    startup,
    worlds,
)
from benchmarks.clock import Duel, in_kernels, seconds
from benchmarks.fit import exponent
from benchmarks.roofline import Roofline
from benchmarks.table import Effort, Row, report
from benchmarks.typed import TRUST, typed
from ceasefire.case import loads
from ceasefire.equilibrium import solve
from ceasefire.game import build

QUICK = Effort(quick=True)


@pytest.mark.parametrize(
    "measurement",
    [
        nodes.without_types, nodes.with_types, stability.rows, growth.rows, worlds.trust,
        worlds.shipped, many.million, many.workers_of_a_small_case, lint.large_conflict,
        lint.large_game, startup.help_page, startup.small_case,
    ],
    ids=lambda one: f"{one.__module__}.{one.__name__}",
)  # fmt: skip
def test_benchmarks_without_a_rival_run(measurement):
    rows = list(measurement(QUICK))
    assert rows
    for row in rows:
        assert row.low <= row.ratio <= row.high < math.inf, row
        assert row.low > 0 or row.kind == "growth", row


def test_generated_game_has_the_same_solution_in_numpy():
    ring = made.Ring(places=12, parties=3, options=3, horizon=5)
    play, expected = solve(build(ring.case())), ring.by_numpy()[:, 0]
    assert [play.value(f"p{i}") for i in range(3)] == pytest.approx(expected, abs=1e-13)
    assert len(set(np.round(expected, 6))) == 3


def test_a_wrong_answer_is_not_timed(monkeypatch):
    right = made.Ring.by_numpy
    monkeypatch.setattr(made.Ring, "by_numpy", lambda ring: right(ring) + 1e-6)
    for measurement in (nodes.without_types, growth.rows):
        with pytest.raises(AssertionError, match="NumPy"):
            list(measurement(QUICK))


def test_a_wrong_verdict_is_not_timed(monkeypatch):
    right = stability.by_matrices

    def wrong(graph):
        verdicts = right(graph)
        verdicts["b"]["SEQ"][3] ^= True
        return verdicts

    monkeypatch.setattr(stability, "by_matrices", wrong)
    with pytest.raises(AssertionError, match="SEQ of b"):
        list(stability.rows(QUICK))


@pytest.mark.parametrize(
    ("kind", "ratio", "met"),
    [
        ("rival", 5.0, True),
        ("rival", 4.9, False),
        ("rival", math.nan, False),
        ("growth", 5.1, False),
        ("growth", 5.0, True),
        ("growth", math.nan, False),
    ],
)
def test_target_rule(kind, ratio, met):
    assert Row("it", "1 s", "5 s", ratio, 1.0, 9.0, target=5.0, kind=kind).met is met


def test_what_was_not_measured_meets_and_misses_nothing():
    assert Row("it", "", "", 0.0, 0.0, 0.0, target=5.0, kind="none").met is None


def test_the_table_says_what_was_missed_and_why(capsys):
    rows = [
        Row("slow", "2 s", "limit 1 s", 0.5, 0.4, 0.6, target=1.0, note="sweep 90%"),
        Row("fast", "1 s", "rival 9 s", 9.0, 8.0, 9.5, target=5.0),
        Row("plain", "1 s", "rival 9 s", 9.0, 8.0, 9.5),
    ]
    report(rows)
    title, _, slow, fast, plain, note = capsys.readouterr().out.splitlines()
    assert title.split() == ["3", "measured,", "1", "of", "2", "targets"]
    assert "NO" in slow
    assert "yes" in fast
    assert "NO" not in plain
    assert "yes" not in plain
    assert note == "slow: sweep 90%"


def test_roofline_names_its_bottleneck():
    top = Roofline(bytes=10.0, exponentials=2.0, additions=8.0)
    assert top.least(bytes=10, exponentials=3, additions=8) == (1.5, "exponentials")
    assert top.least(bytes=20, exponentials=3, additions=8) == (2.0, "memory bandwidth")


def test_ratios_are_taken_per_round():
    met = Duel(2.0, 6.0, (2.0, 3.0, 10.0))
    assert (met.ratio, met.spread) == (3.0, (2.0, 10.0))


def test_a_call_too_short_to_time_is_repeated():
    calls = []
    each = seconds(lambda: calls.append(None), 0.01)
    assert len(calls) > 100
    assert each * len(calls) >= 0.01


def test_time_in_kernels_is_found_and_the_kernels_are_put_back():
    from ceasefire.equilibrium import backward_induction

    game = build(made.Ring(60, 2, 3, 4).case())
    kernel = backward_induction.solve_period_untyped
    with in_kernels() as spent:
        solve(game)
        assert backward_induction.solve_period_untyped is not kernel
    assert backward_induction.solve_period_untyped is kernel
    assert spent["solve_period_untyped"] > 0


def test_power_law_exponent_is_estimated():
    assert exponent([1, 2, 4], [5, 20, 80]) == pytest.approx(2.0)


def test_what_takes_longer_than_recorded_is_warned_about(tmp_path):
    def row(what, ratio, kind):
        return Row(what, "", "", ratio, ratio, ratio, kind=kind)

    file = tmp_path / "recorded.json"
    against.record([row("peer", 10.0, "rival"), row("limit", 2.0, "limit")], file, 1.0)
    now = [row("peer", 7.0, "rival"), row("limit", 1.0, "limit"), row("new", 1.0, "rival")]
    peer, limit = against.compare(now, file, 1.0)
    assert (peer.slower, limit.slower) == (pytest.approx(10 / 7), 2.0)
    assert peer.warned
    assert limit.warned
    _, limit = against.compare(now, file, 2.0)
    assert (limit.slower, limit.warned) == (1.0, False)
    said = list(against.lines([peer, limit]))
    assert [line.startswith("warning: ") for line in said] == [True, False]
    (broken,) = against.compare([row("peer", float("nan"), "rival")], file, 1.0)
    assert broken.warned


@pytest.fixture
def part(monkeypatch):
    """A part of three measurements: one that gives a row, one that fails, one without its rival."""

    def good(_):
        """What can be measured."""
        yield Row("good", "1 s", "rival 2 s", 2.0, 1.9, 2.1, target=1.5, before="3 s")

    def wrong(_):
        """What gives a wrong answer."""
        yield Row("begun", "1 s", "rival 2 s", 2.0, 2.0, 2.0)
        raise AssertionError("1 is not 2")

    def alone(_):
        """What has no rival here."""
        raise ModuleNotFoundError("No module named 'peer'", name="peer")

    made_up = SimpleNamespace(MEASUREMENTS=(wrong, alone, good))
    monkeypatch.setitem(sys.modules, "benchmarks.startup", made_up)
    return runs.measure("startup", QUICK)


def test_a_measurement_that_fails_costs_no_other_row(part):
    assert [(row.what, row.kind, row.note) for row in part.rows] == [
        ("begun", "rival", ""),
        ("startup: What gives a wrong answer", "none", "AssertionError: 1 is not 2"),
        ("startup: What has no rival here", "none", "peer is not installed"),
        ("good", "rival", ""),
    ]
    assert part.wrong == 1


def test_a_part_whose_rival_is_not_installed_is_one_row(monkeypatch):
    monkeypatch.setitem(sys.modules, "benchmarks.backward", None)
    (row,) = runs.measure("backward", QUICK).rows
    assert row.ours == "not measured"
    assert "not installed" in row.note


def test_a_part_takes_the_place_of_its_last_run(part, tmp_path):
    file = tmp_path / "measured.json"
    other = runs.Part("growth", (Row("grows", "1 s", "2 s", 1.0, 1.0, 1.0, kind="growth"),), 0, {})
    for one in (other, part, part):
        runs.keep(one, file)
    (_, first), (_, second) = runs.read(file)
    assert (first, second) == (list(part.rows), list(other.rows))


def test_the_page_has_the_table_of_the_figures(part, tmp_path):
    file, page = tmp_path / "measured.json", tmp_path / "page.md"
    runs.keep(part, file)
    page.write_text(f"above\n\n{runs.BEGIN}\nold\n{runs.END}\n\nbelow\n")
    runs.write_page(file, page)
    runs.write_page(file, page)
    text = page.read_text()
    assert text.startswith("above\n\n" + runs.BEGIN)
    assert text.endswith(runs.END + "\n\nbelow\n")
    assert "2 measured, 2 not, 1 of 1 targets. Measured at" in text
    assert (
        "| good | 1.5 times as fast as rival 2 s | 3 s | 1 s; 2 times as fast (1.9 – 2.1) |" in text
    )
    assert "- **startup: What has no rival here.** peer is not installed" in text
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no place for the table"):
        runs.write_page(file, page)


def test_the_table_in_the_documentation_is_that_of_the_figures():
    if not runs.FILE.exists():
        pytest.skip("nothing was measured yet")
    text = runs.PAGE.read_text()
    assert runs.BEGIN + text.partition(runs.BEGIN)[2].partition(runs.END)[0] + runs.END == (
        "\n".join(runs.page_table())
    )


def test_made_up_cases_have_as_many_states_as_is_said():
    assert len(build(loads(lint.conflict([2, 2, 3], 6))).states) == 12
    assert len(build(loads(lint.track(5, 6))).states) == 125


def test_a_command_that_fails_is_not_timed():
    with pytest.raises(RuntimeError, match="file cannot be read"):
        typed("lint", "nowhere.yaml")


def test_a_job_is_as_large_as_what_is_sent():
    each, sent, back = machines.job_size(TRUST, [worlds.TEST])
    assert 1e-5 < each < 1
    assert 0 < sent < 1e6
    assert 8 < back < 1e5


def test_a_profile_tells_kernels_from_modules():
    game = build(made.Ring(60, 2, 3, 4).case())
    solve(game)
    first, *lines = profiles.parts(lambda: [solve(game) for _ in range(20)])
    assert first.endswith("in kernels; 20 solutions")
    names = {line.split("%  ")[1] for line in lines}
    assert {"kernel solve_period_untyped", "equilibrium.backward_induction"} <= names

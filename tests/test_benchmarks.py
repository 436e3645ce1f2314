"""Benchmarks measure what they say, and refuse to time a wrong answer."""

import math
from importlib import import_module

import numpy as np
import pytest

from benchmarks import against, growth, made, nodes, stability
from benchmarks.clock import Duel, in_kernels, seconds
from benchmarks.fit import exponent
from benchmarks.roofline import Roofline
from benchmarks.table import Effort, Row, report
from ceasefire.equilibrium import solve
from ceasefire.game import build

QUICK = Effort(quick=True)


@pytest.mark.parametrize("name", ["nodes", "stability", "growth", "worlds", "many"])
def test_benchmarks_without_a_rival_run(name):
    rows = list(import_module(f"benchmarks.{name}").rows(QUICK))
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
    for module in (nodes, growth):
        with pytest.raises(AssertionError, match="NumPy"):
            list(module.rows(QUICK))


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

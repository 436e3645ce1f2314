"""Every public result has a document, a table, and says why it is marked."""

from dataclasses import replace

import pytest

import ceasefire as cf
from ceasefire.ensemble import Engine
from ceasefire.query.power_question import power

CASE = cf.loads("""
ceasefire: 1
horizon: 2
unknowns: {odds: {range: [0.2, 0.4]}}
parties: {north: {}, south: {}}
state: {war: {start: true}}
tables: {talks: {seats: [north, south], deals: {truce: {when: war, set: {war: false}}}}}
chance: {end: {when: war, outcomes: [{name: peace, chance: odds, set: {war: false}}]}}
claims: {ends: {test: "P(at_end(not war)) > 0.1", happened: true}}
events: [{period: 0, chance: end.peace}]
""")


def results():
    here = Engine(workers=1)
    yield cf.ask(CASE, "P(at_end(war))", worlds=2, workers=1), 1
    yield cf.check(CASE, 2, flips=False, workers=1), 1
    yield cf.sweep(CASE, "memory://results", 2, "P(at_end(war))", engine=here), 3
    yield cf.compare(CASE, CASE, worlds=2, workers=1), 2
    yield cf.score(CASE, worlds=0, workers=1), 1
    yield cf.backtest(CASE, worlds=0, workers=1), 1
    yield cf.review(CASE, worlds=0, workers=1), 1
    yield power(CASE, "at_end(not war)"), 4


def test_results_have_a_table_with_their_rows():
    for result, rows in results():
        assert result.frame().height == rows, type(result).__name__
        assert isinstance(result.as_json(), dict)
        assert result.mark_reasons == (), type(result).__name__
        assert not result.marked


def test_a_result_says_why_it_is_marked():
    result = cf.check(CASE, 2, flips=False, workers=1)
    failed = replace(result.run_stats, failed={2: "too hot"}, with_branch_points=2)
    marked = replace(result, run_stats=failed, failed_checks=("with a finer grid: no memory",))
    assert marked.mark_reasons == (
        "1 world failed",
        "2 worlds with branch points",
        "with a finer grid: no memory",
    )
    assert marked.marked


def test_a_table_of_rivals_names_their_cases():
    table = cf.compare(CASE, CASE, worlds=0, workers=1).frame()
    readings = ("before", "as_written", "after")
    best = [f"best_{reading}" for reading in readings]
    assert table.columns == ["case", "id", *best, *readings]
    assert table["best_before"].to_list() == [True, True]


def test_a_table_of_a_sweep_has_shares_and_means():
    here = Engine(workers=1)
    table = cf.sweep(CASE, "memory://shares", 2, "P(at_end(war))", engine=here).frame()
    assert table["mean"].to_list()[0] == pytest.approx(1.0)
    assert table["column"].to_list() == ["claim_ends", "P(at_end(war))", "margin_ends_1"]
    assert table["worlds"].to_list() == [2, 2, 2]

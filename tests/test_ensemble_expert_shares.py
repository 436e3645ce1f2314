"""What follows from each expert's numbers alone, and who disagrees about what, and why."""

from io import StringIO

import pytest
from rich.console import Console

from ceasefire.case import loads
from ceasefire.ensemble import check, draw_worlds, sweep
from ceasefire.ensemble.executors import Engine
from ceasefire.render.check_summary import check_summary
from ceasefire.render.console import rich_table
from ceasefire.render.tables_check import sweep_tables
from ceasefire.render.tables_experts import expert_table

CASE = loads("""
ceasefire: 1
title: Two desks
horizon: 1
experts: {desk_a: {name: Desk A}, desk_b: {name: Desk B}, desk_c: {name: Desk C}}
unknowns:
  build_rate: {is: range, experts: {desk_a: [0, 0.3, 0.6], desk_b: [0.5, 0.8, 1]}}
  cost: {is: range, experts: {desk_a: [0, 1, 2], desk_b: [0, 1.1, 2], desk_c: [0, 1, 2]}}
  luck: {range: [0, 1]}
parties: {a: {}}
state: {war: {start: true}}
claims:
  built: {says: The force is built., test: build_rate + 0.3 * cost + 0.1 * luck > 0.85}
  lucky: {says: They are lucky., test: luck > 0.5}
""")


@pytest.fixture(scope="module")
def checked():
    return check(CASE, 256, workers=1)


def shown(thing) -> str:
    console = Console(file=StringIO(), width=100)
    console.print(thing)
    return " ".join(console.file.getvalue().split())


def test_the_share_of_an_expert_is_that_of_the_worlds_drawn_from_this_one(checked):
    worlds = draw_worlds(CASE, 256)
    built, _ = checked.claim_checks
    for expert in CASE.experts:
        own = [worlds[number] for number in worlds.numbers if worlds.expert_of(number) == expert]
        true = [w["build_rate"] + 0.3 * w["cost"] + 0.1 * w["luck"] > 0.85 for w in own]
        assert (built.experts[expert].true, built.experts[expert].worlds) == (sum(true), len(own))
    assert sum(share.true for share in built.experts.values()) == built.share.true


def test_two_experts_disagree_because_of_the_driver_they_differ_about(checked):
    built, lucky = checked.claim_checks
    assert {driver.unknown for driver in built.drivers.drivers} >= {"build_rate", "cost"}
    assert built.disagreement is not None
    assert built.disagreement.experts == ("desk_a", "desk_b")
    assert built.disagreement.unknown == "build_rate"
    assert lucky.disagreement is None
    document = checked.as_json()["claims"][0]
    assert document["experts"] == {k: v.share for k, v in built.experts.items()}
    assert document["disagreement"] == {"experts": ["desk_a", "desk_b"], "unknown": "build_rate"}
    frame = checked.expert_frame()
    assert frame.shape == (6, 6)
    assert frame.row(1, named=True)["share"] == built.experts["desk_b"].share


def test_the_text_says_who_disagrees_and_lists_every_expert(checked):
    said = shown(check_summary(CASE, checked))
    assert "built Desk A and Desk B disagree about this claim (" in said
    assert ", because of build_rate" in said
    assert said.count("disagree about") == 1
    table = shown(rich_table(expert_table(CASE, checked)))
    assert "Desk C" in table
    assert "lucky" in table


def test_a_sweep_keeps_the_expert_of_each_world(checked, tmp_path):
    stored = sweep(CASE, str(tmp_path), 256, engine=Engine(workers=1))
    assert stored.summary.experts["claim_built"] == checked.claim_checks[0].experts
    assert stored.as_json()["tests"][0]["experts"] == checked.as_json()["claims"][0]["experts"]
    assert "Desk B" in shown(sweep_tables(CASE, stored))


def test_a_case_without_experts_says_nothing_of_them():
    plain = loads("""
ceasefire: 1
horizon: 1
unknowns: {u: {range: [0, 1]}}
parties: {a: {}}
state: {war: {start: true}}
claims: {low: {test: u < 0.5}}
""")
    found = check(plain, 8, flips=False, workers=1)
    assert found.as_json()["claims"][0]["experts"] is None
    assert found.expert_frame().is_empty()

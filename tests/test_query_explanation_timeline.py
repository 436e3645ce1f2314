"""Explanations and timelines: parts that add up, and numbers that questions give too."""

import math

import pytest

from ceasefire.case import loads
from ceasefire.query import ask_at_best, explain, timeline
from support.truce_case import CASE, GRID, best_answers


@pytest.mark.parametrize("at", ["", "war=false", "war=false, force=2, oath=true"])
@pytest.mark.parametrize("party", ["north", "south"])
def test_explained_parts_add_up_to_the_value_and_give_the_odds(party, at):
    explained = explain(CASE, party, at, grid=GRID)
    assert explained.decisions
    for decision in explained.decisions:
        assert sum(choice.probability for choice in decision.choices) == pytest.approx(1.0)
        for choice in decision.choices:
            assert sum(choice.parts.values()) == pytest.approx(choice.value, abs=1e-12)
        first, last = decision.choices[0], decision.choices[-1]
        odds = math.log(first.probability) - math.log(last.probability)
        assert odds == pytest.approx(3.0 * (first.value - last.value), abs=5e-3)


def test_explained_values_average_to_the_game_value():
    alone = loads("""
ceasefire: 1
horizon: 3
parties: {a: {precision: 2, patience: 0.8}, b: {}}
state: {n: {values: 0..2, start: 0}}
payoffs: {a: {size: 0.3 * n, fee: -0.1}}
moves: {up: {by: a, when: n < 2, set: {n: n + 1}, cost: 0.2}}
order: [a]
""")
    (decision,) = explain(alone, "a").decisions
    mean = sum(choice.probability * choice.value for choice in decision.choices)
    assert mean == pytest.approx(ask_at_best(alone, "value(a)", certify=False).answers[0].best)


def test_timeline_series_equal_the_answers_to_questions():
    found = {(s.kind, s.name, s.observer): s.values for s in timeline(CASE, grid=GRID).series}
    for n in range(5):
        strong, war, belief = best_answers(
            f"P(at_end(strong), within={n})",
            f"E(war, at={n})",
            f"belief(south.dove, by=east, at={n})",
        )
        assert found["condition", "strong", None][n] == pytest.approx(strong)
        assert found["state", "war", None][n] == pytest.approx(war)
        assert found["belief", "south.dove", "east"][n] == pytest.approx(belief)
    truce, build = best_answers(
        "P(eventually(happens(talks.truce)), within=1)",
        "P(eventually(happens(north.build)), within=1)",
    )
    assert found["event", "talks.truce", None][0] == pytest.approx(truce)
    assert found["event", "north.build", None][0] == pytest.approx(build)


def test_timeline_keeps_observers_beliefs_apart():
    case = loads("""
ceasefire: 1
horizon: 1
parties:
  h: {types: {firm: 0.3, soft: 0.7}, believed_by: {b: {firm: 0.8, soft: 0.2}}}
  b: {}
  c: {}
state: {x: {}}
moves: {act: {by: h, cost: "0.1 if type == firm else 0"}}
""")
    found = {(s.name, s.observer): s.values for s in timeline(case, grid=9).series}
    for observer, first in (("analyst", 0.3), ("b", 0.8), ("c", 0.3)):
        assert found["h.firm", observer][0] == pytest.approx(first)
        assert found["h.soft", observer][0] == pytest.approx(1 - first)
        (asked,) = ask_at_best(case, f"belief(h.firm, at=1, by={observer})", grid=9).answers
        assert found["h.firm", observer][1] == pytest.approx(asked.best)


def test_timeline_offers_split_into_signed_and_refused():
    found = {(s.kind, s.name, s.observer): s.values for s in timeline(CASE, grid=GRID).series}
    for n in range(4):
        made = sum(found["offer", "talks.truce", by][n] for by in ("north", "south"))
        refused = sum(found["refusal", "talks.truce", by][n] for by in ("north", "south"))
        assert made == pytest.approx(found["event", "talks.truce", None][n] + refused)


def test_series_stand_in_one_order_in_every_process():
    deals = ", ".join(f"d{n}: {{when: war, set: {{war: false}}}}" for n in range(6))
    case = loads(f"""
ceasefire: 1
horizon: 1
parties: {{north: {{}}, south: {{}}}}
state: {{war: {{start: true}}}}
tables: {{talks: {{seats: [north, south], deals: {{{deals}}}}}}}
""")
    for kind in ("offer", "refusal"):
        names = [(s.name, s.observer) for s in timeline(case).series if s.kind == kind]
        assert len(names) == 6
        assert names == sorted(names), kind

"""The picture of who sits where, and the goal that is proposed for power."""

import pytest

from ceasefire.case import loads
from ceasefire.web.panel_map import map_options
from ceasefire.web.panel_power import proposed_goal

CASE = loads("""
ceasefire: 1
horizon: 2
parties: {host: {name: "Turkey, as host of the talks"}, guest: {}}
state: {fighting: {start: true}, line: {values: 0..2, start: 0}}
conditions:
  war: fighting
  won: line > 0
tables: {talks: {seats: [host, guest], deals: {truce: {set: {fighting: false}}}}}
""")


def test_lines_of_a_long_label_stand_clear_of_each_other():
    (series,) = map_options(CASE, ())["series"]
    for node in series["nodes"]:
        assert node["label"]["lineHeight"] > node["label"]["fontSize"]


def test_the_goal_proposed_is_not_true_at_once():
    assert proposed_goal(CASE) == "eventually(not war)"


@pytest.mark.parametrize(
    ("claims", "goal"),
    [
        ("", "eventually(calm)"),
        ("{a: {test: P(at_end(ready)) > 0.5}, b: {test: value(north) > 0, because: [a]}}",
         "eventually(calm)"),
        ("{a: {test: value(north) > 0}, b: {test: P(at_end(ready)) > 0.5, because: [a]}}",
         "eventually(not ready)"),
    ],
)  # fmt: skip
def test_a_goal_to_begin_with_is_the_one_of_the_thesis_and_no_number(claims, goal):
    text = """
ceasefire: 1
horizon: 2
parties: {north: {}}
state: {war: {start: true}, force: {values: 0..3, start: 2}}
conditions: {strength: force * 10, calm: not war, ready: force > 1}
payoffs: {north: {war: -war}}
moves: {rest: {by: north, set: {war: false}}}
"""
    assert proposed_goal(loads(text + (f"claims: {claims}" if claims else ""))) == goal

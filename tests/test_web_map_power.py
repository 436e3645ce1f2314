"""The picture of who sits where, and the goal that is proposed for power."""

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

"""What an outcome of chance tells of a type, wherever it is counted."""

import math

import numpy as np
import pytest

from ceasefire.case import loads
from ceasefire.equilibrium import solve
from ceasefire.equilibrium.kernels.structures import SURE_SHIFT, log_odds_of_types
from ceasefire.errors import CaseError
from ceasefire.formats.coalition_goals import read_coalition_goals
from ceasefire.formats.game_tree import ChanceNode, unroll_game_tree
from ceasefire.formats.prism import to_prism
from ceasefire.formats.tables import to_tables
from ceasefire.game import build, game_parameters
from ceasefire.query import plan_questions, read_question, read_questions
from ceasefire.query.unknown_dependence import UnknownDependence
from support.event_cases import answers_after
from support.twin_comparison import compare
from twin.equilibrium import Equilibrium
from twin.events import Events
from twin.rules import Rules

LEAK = """
ceasefire: 1
horizon: 2
ending: nothing
unknowns: {strong_shows: {best: 0.9, range: [0.6, 0.95]}, doubt: {best: 0.6, range: [0.5, 0.7]}}
parties:
  watcher: {precision: 3, patience: 0.5}
  owner:
    precision: 3
    patience: 0.5
    types: {strong: 1 - doubt, weak: doubt}
    believed_by: {watcher: {strong: 0.2, weak: 0.8}}
state: {war: {start: true}, seen: {values: 0..2, start: 0}}
payoffs:
  watcher: {war: -1 * war}
  owner: {war: "0.4 * war if type == strong else -0.4 * war"}
moves:
  yield_ground: {by: watcher, when: war, cost: 1.2, set: {war: false}}
  strike:
    by: owner
    when: war
    cost: 0.1
    outcomes: [{name: wins, chance: "0.6 if type(owner) == strong else 0.1", set: {war: false}}]
chance:
  drill:
    outcomes:
      - {name: fine, chance: "strong_shows if type(owner) == strong else 0.3", set: {seen: 1}}
      - {name: farce, chance: 0.5 * (type(owner) == weak), set: {seen: 2}}
order: [drill, watcher, owner]
"""


def answers(text: str, *asked: str) -> list[float]:
    """What is answered at the best estimates."""
    case = loads(text)
    plan = plan_questions(case, read_questions(case, list(asked)))
    return [float(value) for value in plan.evaluate_world(dict(case.best_estimates)).values]


def test_an_outcome_moves_every_belief_by_its_odds() -> None:
    seen = ("drill.fine", "drill.fine, by=watcher", "drill.farce", "drill.farce, by=watcher")
    found = answers(LEAK, *(f"belief(owner.strong, after={each})" for each in seen))
    expected = [0.4 * 0.9 / (0.4 * 0.9 + 0.6 * 0.3), 0.2 * 0.9 / (0.2 * 0.9 + 0.8 * 0.3), 0.0, 0.0]
    assert found == pytest.approx(expected, abs=1e-12)


def test_an_outcome_that_one_type_rules_out_leaves_no_doubt() -> None:
    """The belief is 0 and not nearly so, and the analyst's chance of the other type's deeds is."""
    first, second = answers(
        LEAK,
        "belief(owner.strong, after=drill.farce)",
        "P(eventually(happens(drill.farce)), types={owner: strong})",
    )
    assert first == 0.0
    assert second == 0.0


def test_outcomes_count_by_the_prior_of_whoever_asks() -> None:
    """The analyst's in P and in can; a type's own where it is given."""
    found = answers(
        LEAK,
        "P(eventually(happens(drill.fine)), within=1)",
        "P(eventually(happens(drill.fine)), within=1, types={owner: weak})",
        "can([watcher], eventually(seen == 2), within=1)",
        "belief(owner.strong, at=1)",
    )
    assert found[:3] == pytest.approx([0.4 * 0.9 + 0.6 * 0.3, 0.3, 0.6 * 0.5], abs=1e-12)
    assert found[3] == pytest.approx(0.4, abs=1e-6)


def test_news_is_the_log_ratio_of_its_chances() -> None:
    assert log_odds_of_types(0.6, 0.2) == pytest.approx(math.log(3.0))
    assert log_odds_of_types(0.4, 0.4) == log_odds_of_types(0.0, 0.0) == 0.0
    assert log_odds_of_types(0.1, 0.0) == SURE_SHIFT == -log_odds_of_types(0.0, 0.1)


def test_the_grid_reaches_further_where_a_type_may_be_ruled_out() -> None:
    """What its end may give back is a millionth then, and a ten-thousandth else."""
    reach = {}
    for name, text in {"sure": LEAK, "open": LEAK.replace("0.5 *", "0.05 + 0.3 *")}.items():
        grid = solve(build(loads(text)), grid=33).belief_grid
        reach[name] = float(np.abs(grid.belief[0, :, [0, -1]] - [[0.0], [1.0]]).max())
    assert reach["sure"] <= 1.001e-6
    assert 1e-5 < reach["open"] <= 1e-4


ASKED = [
    "P(eventually(not war))",
    "P(always(war), types={owner: weak})",
    "value(watcher)",
    "value(watcher, by=analyst)",
    "value(owner, type=strong)",
    "plays(watcher.yield_ground, after=drill.fine)",
    "plays(watcher.yield_ground, after=drill.farce)",
    "belief(owner.strong, by=watcher, after=[drill.fine, owner.strike])",
    "belief(owner.strong, at=1, provided=eventually(seen == 1))",
    "time(believes(watcher, owner.strong) > 0.37)",
    "can([owner], eventually(not war))",
]


def test_everything_agrees_with_the_twin() -> None:
    rows = compare(LEAK, ASKED)
    assert [row.question for row in rows] == ASKED
    assert [row for row in rows if not row.agree] == []
    assert max(row.allowed for row in rows) < 1e-2


STORIES = {
    "it went well": ["{period: 0, chance: drill.fine}"],
    "it was a farce": ["{period: 0, chance: drill.farce}"],
    "nothing, and no strike": ["{period: 0, move: owner.pass}", "{period: 0, observed: {seen: 0}}"],
    "a strike that won": ["{period: 0, move: owner.strike}", "{period: 0, observed: {war: false}}"],
}


@pytest.mark.parametrize("story", STORIES)
def test_events_weigh_types_by_what_chance_told(story: str) -> None:
    events = STORIES[story]
    case = loads(LEAK + "events:\n" + "".join(f"  - {e}\n" for e in events))
    slow = Events(case, 1, equilibrium=Equilibrium(Rules(case), quick=True))
    found, _ = answers_after(LEAK, events, ["P(at_end(war))"], 1, grid=129)
    assert math.exp(found.log_likelihoods[0]) == pytest.approx(slow.likelihood, rel=2e-4)
    believed = found.beliefs_by_version[0]
    assert believed["analyst", "owner", "strong"] == pytest.approx(slow.is_type("owner"), abs=2e-4)
    assert believed["watcher", "owner", "strong"] == pytest.approx(
        slow.believes("watcher", "owner"), abs=2e-4
    )
    assert found.results_by_version[0].values == pytest.approx(
        [slow.probability("at_end(war)")], abs=2e-4
    )


def test_what_is_believed_beforehand_can_matter_to_what_chance_tells() -> None:
    case = loads(LEAK)
    dependence = UnknownDependence(build(case))
    for text in ("P(eventually(seen == 1))", "can([owner], eventually(seen == 1))"):
        found = dependence.unknowns_of(*read_question(case, text).quantities)
        assert found == {"strong_shows", "doubt"}


def test_the_tree_draws_outcomes_by_the_type_that_was_drawn() -> None:
    game = build(loads(LEAK))
    nodes = unroll_game_tree(game, game_parameters(game), 10**6)
    draws = [node for node in nodes if isinstance(node, ChanceNode)]
    assert draws[0].probabilities == pytest.approx((0.4, 0.6))
    first = [node for node in draws if "fine" in node.labels]
    assert [node.labels for node in (first[0], first[-1])] == [
        ("fine", "nothing more"),
        ("fine", "farce", "nothing more"),
    ]
    assert first[0].probabilities == pytest.approx((0.9, 0.1))
    assert first[-1].probabilities == pytest.approx((0.3, 0.5, 0.2))


def test_tables_and_models_say_both_chances() -> None:
    case = loads(LEAK)
    game = build(case)
    tables, notes = to_tables(game)
    rows = tables["branches"].filter(option="fine")
    assert rows["chance_first"].unique().to_list() == [0.9]
    assert rows["chance_second"].unique().to_list() == [0.3]
    assert rows["chance"].to_list() == pytest.approx([0.54] * len(rows))
    assert any("chance_first" in note for note in notes)
    asked = 'claims: {farce: {test: "can([owner], eventually(seen == 2)) > 0.5"}}'
    game, goals, _ = read_coalition_goals(loads(LEAK + asked))
    model, _ = to_prism(game, goals)
    assert "0.4 * ((0 = 0) ? strong_shows : 0.3)" in model.text.replace("(1 = 0)", "")
    assert any("prior" in note for note in model.notes)


def test_outcomes_of_one_draw_tell_of_one_party() -> None:
    """One that told of two would tie what is believed of one to what is believed of the other."""
    text = LEAK.replace("watcher: {prec", "watcher: {types: {keen: 0.5, tired: 0.5}, prec")
    with pytest.raises(CaseError, match="outcomes tell of more than one party"):
        loads(text.replace("0.5 * (type(owner) == weak)", "0.5 * (type(watcher) == keen)"))

"""Types that are drawn anew: a coup, an election, a successor."""

import math

import pytest

from ceasefire.case import dump, loads
from ceasefire.errors import CaseError, GameError, SolveError
from ceasefire.formats.game_tree import unroll_game_tree
from ceasefire.formats.prism import to_prism
from ceasefire.formats.tables import to_tables
from ceasefire.game import build, game_parameters
from ceasefire.query import explain, plan_questions, read_question, read_questions
from ceasefire.query.unknown_dependence import UnknownDependence
from support.event_cases import answers_after
from support.twin_comparison import compare
from twin.equilibrium import Equilibrium
from twin.events import Events
from twin.rules import Rules

COUP = """
ceasefire: 1
horizon: 2
ending: nothing
unknowns: {falls: {best: 0.25, range: [0.1, 0.4]}, hawks: {best: 0.3, range: [0.2, 0.4]}}
parties:
  junta:
    precision: 3
    patience: 0.5
    types: {hawk: 0.6, dove: 0.4}
    believed_by: {watcher: {hawk: 0.2, dove: 0.8}}
  watcher: {precision: 3, patience: 0.5}
state: {war: {start: true}, shown: {}}
payoffs:
  junta: {war: "0.4 * war if type == hawk else -0.4 * war", show: 0.1 * shown}
  watcher: {war: -0.5 * war}
moves:
  parade: {by: junta, when: not shown, cost: "0.1 if type == hawk else 0.6", set: {shown: true}}
  yield_ground: {by: watcher, when: war, cost: 0.6, set: {war: false}}
chance:
  coup: {outcomes: [{name: comes, chance: falls, renews: {junta: {hawk: hawks, dove: 1 - hawks}}}]}
order: [junta, watcher, coup]
"""


def answers(text: str, *asked: str) -> list[float]:
    """What is answered at the best estimates."""
    case = loads(text)
    plan = plan_questions(case, read_questions(case, list(asked)))
    return [float(value) for value in plan.evaluate_world(dict(case.best_estimates)).values]


def by_odds(prior: float, to: float, own: float) -> float:
    """What an observer believes whose prior is `own` where one of `prior` comes to believe `to`."""
    odds = [math.log(p / (1.0 - p)) for p in (own, to, prior)]
    return 1.0 / (1.0 + math.exp(-(odds[0] + odds[1] - odds[2])))


def test_all_that_was_shown_is_of_another_government() -> None:
    seen = ("[junta.parade, coup.comes]", "coup.comes", "coup.comes, by=watcher")
    found = answers(COUP, *(f"belief(junta.hawk, after={each})" for each in seen))
    assert found == pytest.approx([0.3, 0.3, by_odds(0.6, 0.3, 0.2)], abs=1e-12)


def test_a_list_takes_beliefs_back_to_where_they_began() -> None:
    text = COUP.replace("renews: {junta: {hawk: hawks, dove: 1 - hawks}}", "renews: [junta]")
    asked = "belief(junta.hawk, after=[junta.parade, coup.comes]", "belief(junta.hawk"
    found = answers(text, *(f"{each}{by})" for each in asked for by in ("", ", by=watcher")))
    assert found == pytest.approx([0.6, 0.2, 0.6, 0.2], abs=1e-12)


LUCK = """
ceasefire: 1
horizon: 3
ending: nothing
parties: {a: {patience: 0.5, types: {able: 0.5, unable: 0.5}}}
state: {won: {}}
payoffs: {a: {gain: "1 if type == able else 0"}}
chance:
  coup: {outcomes: [{chance: 0.4, renews: {a: {able: 0.25, unable: 0.75}}}]}
  battle: {when: not won, outcomes: [{chance: 0.5 * (type(a) == able), set: {won: true}}]}
order: [battle, coup]
"""


def test_plays_of_a_type_go_on_with_whichever_comes_after_it() -> None:
    """Worked out by hand: able wins a battle with .5, and after a coup with .25 is able."""

    def never(able: float, battles: int) -> tuple[float, float]:
        """How likely nothing is won where it is able so surely, by whether it is able at last."""
        lost, unable = able, 1.0 - able
        for _ in range(battles):
            lost *= 0.5
            lost, unable = 0.6 * lost + 0.1 * (lost + unable), 0.6 * unable + 0.3 * (lost + unable)
        return lost, unable

    found = answers(
        LUCK,
        "P(eventually(won), types={a: able})",
        "P(eventually(won), types={a: unable})",
        "P(eventually(won))",
    )
    expected = [1.0 - sum(never(able, 3)) for able in (1.0, 0.0, 0.5)]
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_party_values_what_comes_after_as_whichever_type_it_then_is() -> None:
    able = {}
    for first in (1.0, 0.0):
        now, total = first, 0.0
        for period in range(3):
            now = 0.6 * now + 0.4 * 0.25
            total += 0.5**period * now
        able[first] = total
    found = answers(LUCK, "value(a, type=able)", "value(a, type=unable)", "value(a, by=analyst)")
    assert found == pytest.approx([able[1.0], able[0.0], (able[1.0] + able[0.0]) / 2], abs=1e-9)


ASKED = [
    "P(eventually(not war))",
    "P(always(war), types={junta: dove})",
    "P(always(war), types={junta: hawk}, after=coup.comes)",
    "value(watcher)",
    "value(watcher, by=analyst)",
    "value(junta)",
    "value(junta, by=analyst)",
    "value(junta, by=analyst, after=junta.parade)",
    "value(junta, type=dove)",
    "plays(watcher.yield_ground, after=[junta.parade, coup.comes])",
    "plays(junta.parade, after=coup.comes)",
    "plays(junta.parade, after=coup.comes, types={junta: dove})",
    "belief(junta.hawk, at=2, provided=eventually(shown))",
    "time(believes(watcher, junta.hawk) > 0.3, types={junta: hawk})",
    "E(war, at=1, types={junta: hawk})",
    "can([watcher], eventually(not war))",
    "P(eventually(not war), provided=eventually(happens(coup.comes)))",
]


def test_everything_agrees_with_the_twin() -> None:
    rows = compare(COUP, ASKED)
    assert [row.question for row in rows] == ASKED
    assert [row for row in rows if not row.agree] == []
    assert max(row.allowed for row in rows) < 1e-2


STORIES = {
    "it came": ["{period: 0, chance: coup.comes}"],
    "a parade, then it came": [
        "{period: 0, move: junta.parade}",
        "{period: 0, chance: coup.comes}",
    ],
    "only a parade": ["{period: 0, move: junta.parade}"],
}


@pytest.mark.parametrize("story", STORIES)
def test_events_draw_types_anew(story: str) -> None:
    events = STORIES[story]
    case = loads(COUP + "events:\n" + "".join(f"  - {e}\n" for e in events))
    slow = Events(case, 1, equilibrium=Equilibrium(Rules(case), quick=True))
    found, _ = answers_after(COUP, events, ["P(at_end(war))"], 1, grid=129)
    assert math.exp(found.log_likelihoods[0]) == pytest.approx(slow.likelihood, rel=2e-4)
    believed = found.beliefs_by_version[0]
    assert believed["analyst", "junta", "hawk"] == pytest.approx(slow.is_type("junta"), abs=2e-4)
    assert found.results_by_version[0].values == pytest.approx(
        [slow.probability("at_end(war)")], abs=2e-4
    )


def test_the_parts_of_a_choice_sum_to_its_value_over_a_renewal() -> None:
    decisions = explain(loads(COUP), "junta").decisions
    assert len(decisions) == 2
    for option in (each for decision in decisions for each in decision.choices):
        assert option.value == pytest.approx(sum(option.parts.values()), abs=1e-9)


def test_how_likely_a_type_then_is_can_matter() -> None:
    case = loads(COUP)
    asked = read_question(case, "P(eventually(not war))").quantities
    assert UnknownDependence(build(case)).unknowns_of(*asked) == {"falls", "hawks"}


def test_the_resolved_form_says_it_again() -> None:
    for text in (COUP, COUP.replace("{junta: {hawk: hawks, dove: 1 - hawks}}", "[junta]")):
        again = dump(loads(text))
        assert "renews:" in again
        assert loads(again).chance == loads(text).chance


def test_tables_say_how_likely_each_type_then_is() -> None:
    rows = to_tables(build(loads(COUP)))[0]["branches"].filter(role="renewal")
    assert rows["party"].unique().to_list() == ["junta"]
    assert rows["chance_first"].to_list() == pytest.approx([0.3] * len(rows))


def test_what_draws_types_once_refuses_to_leave_a_renewal_out() -> None:
    game = build(loads(COUP))
    with pytest.raises(GameError, match="draws every type once"):
        next(unroll_game_tree(game, game_parameters(game), 10**6))
    with pytest.raises(GameError, match="as it was beforehand"):
        to_prism(game)
    with pytest.raises(SolveError, match="drawn anew"):
        answers(COUP, "P(eventually(not war), selection=whole)")


FAULTS = {
    "[watcher]": "no such party with types",
    "{junta: {hawk: 1}}": "must say how likely each type is then",
    "{junta: {hawk: 1.5, dove: -0.5}}": "is out of range",
    "{watcher: {}}": "no such party with types",
    "junta": "must list parties with types",
}


@pytest.mark.parametrize("written", FAULTS)
def test_faults_are_reported(written: str) -> None:
    with pytest.raises(CaseError, match=FAULTS[written]):
        loads(COUP.replace("{junta: {hawk: hawks, dove: 1 - hawks}}", written))

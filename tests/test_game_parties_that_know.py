"""A party without types that knows those of another: what it does shows them, too."""

import io
import math

import pytest
from rich.console import Console

from ceasefire.case import dump, loads
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError, QuestionError
from ceasefire.formats.dot import to_dot
from ceasefire.formats.game_tree import DecisionNode, unroll_game_tree
from ceasefire.game import build, game_parameters
from ceasefire.query import explain, plan_questions, read_question, read_questions, timeline
from ceasefire.query.unknown_dependence import UnknownDependence
from ceasefire.render.case_overview import case_summary_table
from support.event_cases import answers_after
from support.twin_comparison import compare
from twin.equilibrium import Equilibrium
from twin.events import Events
from twin.rules import Rules

MEDIATOR = """
ceasefire: 1
horizon: 1
ending: nothing
unknowns: {doubt: {best: 0.6, range: [0.5, 0.7]}}
parties:
  rival:
    precision: 4
    types: {strong: 1 - doubt, weak: doubt}
    believed_by: {power: {strong: 0.2, weak: 0.8}}
  mediator: {precision: 5, knows: [rival]}
  power: {precision: 4}
state: {war: {start: true}, warned: {}}
payoffs:
  rival: {war: "0.3 * war if type == strong else -0.8 * war"}
  mediator: {war: -0.5 * war, truth: "0.4 * warned if type(rival) == strong else -0.3 * warned"}
  power: {war: "-1 * war if type(rival) == strong else 0.2 * war"}
moves:
  warn: {by: mediator, cost: 0.05, set: {warned: true}}
  yield_ground: {by: power, cost: 0.5, set: {war: false}}
order: [{mediator: [warn, pass]}, power]
"""


def answers(text: str, *asked: str) -> list[float]:
    """What is answered at the best estimates."""
    case = loads(text)
    plan = plan_questions(case, read_questions(case, list(asked)))
    return [float(value) for value in plan.evaluate_world(dict(case.best_estimates)).values]


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def test_a_knower_plays_by_the_type_and_shows_it() -> None:
    """With nobody to read it, it warns with s(5 x (.4 - .05)) of the strong, s(5 x -.35) else."""
    alone = MEDIATOR.replace("}, power]", "}]").replace("war: -0.5 * war, ", "")
    strong, weak = logistic(5 * 0.35), logistic(5 * -0.35)
    found = answers(
        alone,
        "plays(mediator.warn, types={rival: strong})",
        "plays(mediator.warn)",
        "belief(rival.strong, after=mediator.warn)",
        "belief(rival.strong, by=power, after=mediator.pass)",
        "value(mediator, type=weak)",
        "value(mediator)",
    )
    shown = 0.4 * strong / (0.4 * strong + 0.6 * weak)
    silent = 0.2 * (1 - strong) / (0.2 * (1 - strong) + 0.8 * (1 - weak))
    worth = 0.4 * strong * 0.35 - 0.6 * weak * 0.35
    expected = [strong, 0.4 * strong + 0.6 * weak, shown, silent, -0.35 * weak, worth]
    assert found == pytest.approx(expected, abs=1e-9)


ASKED = [
    "P(eventually(not war))",
    "P(eventually(not war), types={rival: strong})",
    "value(mediator)",
    "value(mediator, type=strong)",
    "value(mediator, by=analyst)",
    "value(mediator, by=analyst, types={rival: weak})",
    "value(mediator, after=mediator.warn)",
    "value(rival)",
    "value(power)",
    "plays(mediator.warn, types={rival: weak})",
    "plays(power.yield_ground, after=mediator.warn)",
    "belief(rival.strong, by=power, after=mediator.warn)",
    "belief(rival.strong, at=1, provided=eventually(warned))",
    "time(believes(power, rival.strong) > 0.31)",
]


def test_everything_agrees_with_the_twin() -> None:
    rows = compare(MEDIATOR, ASKED)
    assert [row.question for row in rows] == ASKED
    assert [row for row in rows if not row.agree] == []
    assert max(row.allowed for row in rows) < 0.05


def test_others_do_not_pay_what_a_knower_pays() -> None:
    """The rival, whose type it is, is worth nothing less when the mediator pays for a warning."""
    text = MEDIATOR.replace("cost: 0.05", "cost: 0.2").replace("}, power]", "}]")
    assert answers(text, "value(rival, type=strong)") == pytest.approx([0.3], abs=1e-9)


WORDS = """
ceasefire: 1
horizon: 1
ending: nothing
parties:
  rival: {types: {strong: 0.5, weak: 0.5}}
  envoy: {precision: 6, knows: [rival]}
  power: {precision: 6}
state: {war: {start: true}}
payoffs:
  envoy: {right: "not war if type(rival) == strong else war"}
  power: {right: "not war if type(rival) == strong else war"}
moves:
  speak: {by: envoy}
  leave: {by: power, set: {war: false}}
order: [{envoy: [speak, pass]}, power]
"""


def test_words_of_a_knower_may_mean_something_or_nothing() -> None:
    """Both want the same: all equilibria are found, and the twin finds those that are asked for."""
    asked = [
        f"belief(rival.strong, after=envoy.speak, selection={selection})"
        for selection in ("silent", "telling")
    ]
    silent, telling = answers(WORDS, *asked)
    assert silent == pytest.approx(0.5, abs=1e-6)
    assert max(telling, 1 - telling) > 0.9
    play = solve(build(loads(WORDS)), count_fixed_points=True)
    assert play.flagged
    rows = compare(WORDS, asked)
    assert [row for row in rows if not row.agree] == []


def test_events_weigh_types_by_what_a_knower_did() -> None:
    events = ["{period: 0, move: mediator.warn}"]
    text = MEDIATOR.replace("horizon: 1", "horizon: 2")
    case = loads(text + "events:\n" + "".join(f"  - {e}\n" for e in events))
    slow = Events(case, 1, equilibrium=Equilibrium(Rules(case), quick=True))
    found, _ = answers_after(text, events, ["P(at_end(war))"], 1, grid=129)
    assert math.exp(found.log_likelihoods[0]) == pytest.approx(slow.likelihood, rel=2e-3)
    believed = found.beliefs_by_version[0]
    assert believed["analyst", "rival", "strong"] == pytest.approx(slow.is_type("rival"), abs=2e-3)
    assert ("mediator", "rival", "strong") not in believed


def test_explanations_and_timelines_know_who_knows() -> None:
    case = loads(MEDIATOR)
    explained = explain(case, "mediator")
    assert [decision.type for decision in explained.decisions] == ["strong", "weak"]
    for decision in explained.decisions:
        assert decision.why.startswith(f"If rival is {decision.type}, mediator would")
        assert decision.beliefs == ()
        for choice in decision.choices:
            assert choice.value == pytest.approx(sum(choice.parts.values()))
    observers = {series.observer for series in timeline(case).series if series.kind == "belief"}
    assert observers == {"analyst", "power"}


def test_the_tree_tells_a_knower_the_type() -> None:
    """Its two information sets are apart by the type; the power's are by what it has seen."""
    case = loads(MEDIATOR.replace("believed_by: {power: {strong: 0.2, weak: 0.8}}", ""))
    game = build(case)
    nodes = unroll_game_tree(game, game_parameters(game), 1000)
    decisions = [node for node in nodes if isinstance(node, DecisionNode)]
    sets = {(node.party, node.type, node.history) for node in decisions}
    assert len({each for each in sets if each[0] == "mediator"}) == 2
    assert len({each for each in sets if each[0] == "power"}) == 2
    assert len(decisions) == 6


def test_what_is_believed_of_the_known_party_can_matter() -> None:
    dependence = UnknownDependence(build(loads(MEDIATOR)))
    (asked,) = read_question(loads(MEDIATOR), "P(eventually(warned))").quantities
    assert dependence.unknowns_of(asked) == {"doubt"}


def test_the_file_says_it_again() -> None:
    case = loads(MEDIATOR)
    assert case.parties["mediator"].knows == ("rival",)
    assert loads(dump(case)) == case


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("knows: [rival]", "knows: [power]", "no such party with types"),
        ("knows: [rival]", "knows: [rival], types: {a: 0.5, b: 0.5}", "only a party without types"),
        ("{power: {strong", "{mediator: {strong", "knows the type has no prior of it"),
        (
            "power: {precision: 4}",
            "power: {types: {a: 0.5, b: 0.5}}\n  spy: {knows: [rival, power]}",
            "knows the type of one other",
        ),
    ],
)
def test_what_cannot_be_known_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        loads(MEDIATOR.replace(old, new))


@pytest.mark.parametrize(
    "text",
    [
        "belief(rival.strong, by=mediator)",
        "P(eventually(believes(mediator, rival.strong) > 0.5))",
    ],
)
def test_who_knows_does_not_believe(text: str) -> None:
    with pytest.raises(QuestionError, match="mediator knows the type of rival"):
        read_question(loads(MEDIATOR), text)


def test_pictures_and_overviews_say_who_knows() -> None:
    case = loads(MEDIATOR)
    assert "knows: rival" in to_dot(build(case)).text
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(case_summary_table(case))
    assert "knows the type of rival" in console.export_text()

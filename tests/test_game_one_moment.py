"""Parties that choose at one moment: what they do, what takes effect, and what is refused."""

import math

import numpy as np
import pytest

from ceasefire.case import Case, dump, loads
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError, GameError, QuestionError, SolveError
from ceasefire.evidence.events import (
    find_possible_events,
    find_states_after_events,
    read_recorded_events,
)
from ceasefire.formats import to_efg, to_nfg, to_prism
from ceasefire.game import build
from ceasefire.query import explain, plan_questions, read_question
from ceasefire.query.plan import change_rules

HUNT = """
ceasefire: 1
title: Stag hunt
horizon: 1
ending: nothing
parties: {a: {precision: 12}, b: {precision: 12}}
state: {a_in: {}, b_in: {}}
payoffs:
  a: {stag: 1 * (a_in and b_in)}
  b: {stag: 1 * (a_in and b_in)}
moves:
  a.hunt: {by: a, cost: 0.55, set: {a_in: true}}
  b.hunt: {by: b, cost: 0.55, set: {b_in: true}}
order: [[a, b]]
"""


def answers(case: Case, *questions: str) -> list[float]:
    """The numbers at the best estimates."""
    plan = plan_questions(case, [read_question(case, text) for text in questions])
    found = plan.evaluate_world(case.best_estimates)
    return [float(found.values[n]) for n in range(len(questions))]


def hunting(precision: float, cost: float, begin: float) -> float:
    """The share who hunt, from a guess: p = 1 / (1 + exp(precision (cost - p)))."""
    share = begin
    for _ in range(2000):
        share = 1.0 / (1.0 + math.exp(precision * (cost - share)))
    return share


def test_each_answers_what_the_others_do() -> None:
    """Matching pennies with one bigger prize: each is mixed by what the other's prize is."""
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 2}, b: {precision: 3}}
state: {l: {}, r: {}}
payoffs: {a: {same: 2 * (l and r) + (not l and not r)}, b: {differs: 1 * (l != r)}}
moves: {a.left: {by: a, set: {l: true}}, b.right: {by: b, weight: 2, set: {r: true}}}
order: [[a, b]]
""")
    p, q = answers(case, "plays(a.left)", "plays(b.right)")
    assert p == pytest.approx(1.0 / (1.0 + math.exp(-2.0 * (2.0 * q - (1.0 - q)))), abs=1e-12)
    assert q == pytest.approx(2.0 / (2.0 + math.exp(-3.0 * ((1.0 - p) - p))), abs=1e-12)


def test_of_several_the_one_on_the_branch_from_precision_0_is_played() -> None:
    """The stag hunt turns where hunting costs half of the stag; the other answers are found."""
    for cost, begin in ((0.55, 0.0), (0.45, 1.0)):
        case = loads(HUNT.replace("0.55", str(cost)))
        joint = "P(eventually(a_in and b_in){})"
        play = [joint.format(f", selection={s}") for s in ("principal", "telling", "silent")]
        principal, best, worst = answers(case, *play)
        assert principal == pytest.approx(hunting(12, cost, begin) ** 2, abs=1e-12)
        assert best == pytest.approx(hunting(12, cost, 1.0) ** 2, abs=1e-12)
        assert worst == pytest.approx(hunting(12, cost, 0.0) ** 2, abs=1e-12)


def test_several_fixed_points_are_reported_and_where_there_is_one_that_is_proved() -> None:
    found = solve(build(loads(HUNT)), count_fixed_points=True)
    assert [(d.node.tolist(), d.flag.tolist()) for d in found.flagged.values()] == [([6], [4])]
    mild = loads(HUNT.replace("precision: 12", "precision: 3"))
    assert not solve(build(mild), count_fixed_points=True).flagged
    assert solve(build(mild)).certificate.continued_by_arclength == 0


def test_the_branch_goes_straight_on_where_it_forks() -> None:
    """Two who want to differ, alike in everything: on the branch both stay mixed."""
    case = loads(HUNT.replace("a_in and b_in", "a_in != b_in").replace("cost: 0.55, ", ""))
    found = solve(build(case))
    assert found.policies[0] == pytest.approx(np.full(6, 0.5), abs=1e-9)
    assert found.certificate.branch_points == 1


EFFECTS = """
ceasefire: 1
horizon: 1
ending: nothing
parties: {{a: {{}}, b: {{}}}}
state: {{n: {{values: 0..3, start: 0}}, open: {{start: true}}}}
payoffs: {{a: {{n: 0 * n}}, b: {{n: 0 * n}}}}
moves:
  a.shut: {{by: a, cost: 0.1, set: {{open: false, n: "min(2 * n + 1, 3)"}}}}
  b.enter: {{by: b, cost: 0.3, when: {when}, set: {{n: "min(n + 1, 3)"}}}}
order: [[{{{first}}}, {{{second}}}]]
"""


@pytest.mark.parametrize(
    ("when", "first", "second", "n"),
    [
        ("true", "a: [shut]", "b: [enter]", 2),
        ("true", "b: [enter]", "a: [shut]", 3),
        ("open", "a: [shut]", "b: [enter]", 1),
        ("open", "b: [enter]", "a: [shut]", 3),
    ],
)
def test_moves_take_effect_in_the_order_listed(when: str, first: str, second: str, n: int) -> None:
    """From what those before left; one that has become impossible costs, and does nothing."""
    case = loads(EFFECTS.format(when=when, first=first, second=second))
    asked = ["E(n)", "value(a)", "value(b)", "P(eventually(happens(b.enter)))"]
    asked += [
        f"P(before(happens({x}), happens({y})))"
        for x, y in (("a.shut", "b.enter"), ("b.enter", "a.shut"))
    ]
    assert answers(case, *asked) == pytest.approx([n, -0.1, -0.3, 1.0, 0.0, 0.0])


def test_a_choice_breaks_a_promise_even_if_the_move_can_no_longer_be_made() -> None:
    case = loads("""
ceasefire: 1
horizon: 2
ending: nothing
parties: {a: {}, b: {}}
state: {open: {start: true}, hit: {}}
promises: {calm: {by: b, forbids: [strike], breach: 0.5}}
moves:
  a.shut: {by: a, set: {open: false}}
  b.strike: {by: b, when: open, cost: 0.25, set: {hit: true}}
order: [[{a: [shut]}, {b: [strike]}]]
""")
    asked = ["value(b, start={calm: true})", "P(eventually(hit), start={calm: true})"]
    asked += ["P(eventually(broken(calm)), start={calm: true})"]
    asked += ["P(at_end(calm), start={calm: true})"]
    assert answers(case, *asked) == pytest.approx([-0.75, 0.0, 1.0, 0.0])


def test_outcomes_of_several_moves_happen_at_the_same_moment() -> None:
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {}, b: {}}
state: {n: {values: 0..2, start: 0}}
moves:
  a.push: {by: a, outcomes: [{name: works, chance: 0.25, set: {n: "n + 1"}}]}
  b.push: {by: b, outcomes: [{name: works, chance: "0.5 if n == 1 else 0.125", set: {n: "n + 1"}}]}
order: [[{a: [push]}, {b: [push]}]]
""")
    asked = ["E(n)", "P(eventually(happens(a.push.works)) and eventually(happens(b.push.works)))"]
    asked += ["P(before(happens(a.push.works), happens(b.push.works)))"]
    asked += ["P(before(happens(a.push), happens(a.push.works)))"]
    expected = [0.25 + 0.25 * 0.5 + 0.75 * 0.125, 0.125, 0.25 * 0.5, 0.75]
    assert answers(case, *asked) == pytest.approx(expected)


def test_one_who_has_nothing_to_choose_leaves_the_other_an_ordinary_decision() -> None:
    never = HUNT.replace("b.hunt: {by: b,", "b.hunt: {by: b, when: a_in and not a_in,")
    alone, both = loads(never.replace("[[a, b]]", "[a, b]")), loads(never)
    assert answers(both, "plays(a.hunt)") == answers(alone, "plays(a.hunt)")
    assert not (build(both).graphs[0].moment >= 0).any()


def test_resolved_case_says_the_same() -> None:
    case = loads(HUNT.replace("[[a, b]]", "[[{a: [hunt, pass]}, b]]"))
    again = loads(dump(case))
    assert again.order == case.order
    assert [step.moment for step in case.order] == [0, 0]


def test_opposite_order_lets_the_first_take_effect_last() -> None:
    text = HUNT.replace("order: [[a, b]]", "chance: {rain: {}}\norder: [a, rain, [a, b]]")
    case = loads(text)
    turned = change_rules(case, "opposite order")
    assert turned is not None
    assert [step.id for step in turned.order] == ["b", "a", "rain", "a"]
    only = change_rules(loads(HUNT), "opposite order")
    assert only is not None
    assert [step.id for step in only.order] == ["b", "a"]


def test_explain_says_what_the_others_were_expected_to_do() -> None:
    told = explain(loads(HUNT.replace("0.55", "0.45")), "b")
    (decision,) = told.decisions
    share = hunting(12, 0.45, 1.0)
    assert {c.option: c.probability for c in decision.expected} == pytest.approx(
        {"a.hunt": share, "a.pass": 1.0 - share}
    )
    by_option = {c.option: c.value for c in decision.choices}
    assert by_option == pytest.approx({"b.hunt": share - 0.45, "b.pass": 0.0})
    assert "expecting a to hunt" in decision.why


def test_exported_tree_has_the_other_choices_in_one_information_set() -> None:
    lines = to_efg(build(loads(HUNT))).text.splitlines()
    sets = [line.split()[2:4] for line in lines if line.startswith("p ")]
    assert sets == [["1", "1"], ["2", "1"], ["2", "1"]]
    assert "0.45 0.45" in to_nfg(build(loads(HUNT))).text
    with pytest.raises(GameError, match="one moment"):
        to_prism(build(loads(HUNT)))


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ("[[a]]", "2 to 4 parties choose at one moment"),
        ("[[a, a]]", "a party chooses once"),
        ("[[a, rain]]", "only parties choose at one moment"),
        ("[[a, typed, knower]]", "one may know a type, found typed, knower"),
        ("[[a, office]]", "only parties choose at one moment"),
        ("[{shuffle: [a, [a, b]]}]", "cannot stand in a shuffle"),
        ("[[a, [a, b]]]", "cannot stand in a shuffle"),
    ],
)
def test_what_cannot_stand_at_a_moment_is_refused(order: str, message: str) -> None:
    more = "typed: {types: {x: 0.5, y: 0.5}}, knower: {knows: [typed]}"
    text = HUNT.replace("parties: {", f"parties: {{{more}, ")
    more = "chance: {rain: {}}\nroles: {office: a}"
    text = text.replace("order: [[a, b]]", f"{more}\norder: {order}")
    with pytest.raises(CaseError, match=message):
        loads(text)


@pytest.mark.parametrize(
    "question", ["can([a], eventually(a_in))", "plays(a.hunt, after=[b.hunt])"]
)
def test_questions_not_worked_out_yet_are_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="one moment"):
        read_question(loads(HUNT), question)


def test_events_at_a_moment_say_what_each_did() -> None:
    """`move: a.pass` is about a alone, though b moves in the same step."""
    case = loads(HUNT.replace("horizon: 1", "horizon: 2").replace("0.55", "0.5"))
    game = build(case, passes=["a", "b"])
    start = np.array([game.start_state({})], dtype=np.int32)
    possible = find_possible_events(game, 0, start)
    assert set(possible) == {f"move: {p}.{m}" for p in "ab" for m in ("hunt", "pass")}
    assert set(find_possible_events(game, 0, start, "b")) == {"move: b.hunt", "move: b.pass"}
    seen = "events: [{period: 0, move: a.pass}, {period: 0, move: b.hunt}]\n"
    told = loads(HUNT.replace("horizon: 1", "horizon: 2") + seen)
    ends = find_states_after_events(game, read_recorded_events(told)[0], 1)
    assert [game.describe(int(x)) for x in ends] == ["a_in=false, b_in=true"]


def test_one_branch_for_the_whole_game_is_refused() -> None:
    with pytest.raises(SolveError, match="one moment"):
        solve(build(loads(HUNT)), selection="whole")

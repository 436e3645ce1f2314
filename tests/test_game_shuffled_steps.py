"""Steps that come in random order: what is read, what is built, and what everybody does."""

from itertools import permutations

import numpy as np
import pytest

from ceasefire import update
from ceasefire.case import dump, loads, schema
from ceasefire.ensemble import ask
from ceasefire.equilibrium import solve
from ceasefire.errors import CaseError
from ceasefire.formats import to_prism, to_tables
from ceasefire.game import NODE_ROLES, build
from ceasefire.game.graph import period_steps
from ceasefire.query.explanation import explain
from twin import Twin

BASE = """
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 2}, b: {precision: 3}, c: {precision: 1}}
state: {x: {values: 0..3, start: 0}, y: {values: 0..2, start: 0}, storm: {}}
payoffs:
  a: {p: x - y - 0.5 * storm}
  b: {p: y - 0.5 * x * y}
  c: {p: 0.3 * x + 0.2 * storm}
moves:
  up: {by: a, when: x < 2, cost: 0.3 * y + 0.2 * storm, set: {x: x + 1}}
  lift: {by: b, when: y < 2, cost: 0.1 * x, set: {y: y + 1}}
tables:
  t:
    seats: [b, c]
    meets: 0.7
    deals:
      share: {when: x > 0 or y > 0, set: {x: "min(x + y, 3)"}, cost: {c: 0.1}}
chance:
  rain: {when: not storm, outcomes: [{name: comes, chance: 0.1 + 0.2 * x, set: {storm: true}}]}
"""
QUESTIONS = (
    "value(a)",
    "value(b)",
    "value(c)",
    "P(eventually(happens(a.up)))",
    "P(before(happens(a.up), happens(b.lift)))",
    "E(x)",
    "plays(a.up, start={storm: true})",
    "plays(b.lift, start={x: 1})",
    "can([a, b], eventually(storm))",
)


def best(order, *questions, text=BASE):
    case = loads(f"{text}order: [{order}]\n")
    return [answer.best for answer in ask(case, *questions, certify=False).answers]


@pytest.mark.parametrize(
    "shuffled", [["a", "b"], ["a", "b", "t"], ["rain", "{a: [up, pass]}", "t", "b"]]
)
def test_one_period_is_the_mean_over_its_orders(shuffled):
    """Nothing comes after one period, so play in each order is that of a case with this order."""
    orders = [best(", ".join(order), *QUESTIONS) for order in permutations(shuffled)]
    found = best(f"{{shuffle: [{', '.join(shuffled)}]}}", *QUESTIONS)
    assert found == pytest.approx(np.mean(orders, axis=0).tolist(), abs=1e-12)
    assert np.ptp([order[0] for order in orders]) > 0.01


def test_signs_weighs_an_order_by_how_likely_the_deal_is_put_in_it():
    where = "start={x: 1, y: 1}"
    questions = (f"signs(c, t.share, {where})", f"plays(t.share, {where})")
    orders = [best(order, *questions) for order in ("t, b", "b, t")]
    (signed, _) = best("{shuffle: [t, b]}", *questions)
    put = [offered for _, offered in orders]
    expected = sum(yes * offered for yes, offered in orders) / sum(put)
    assert signed == pytest.approx(expected)
    assert put[0] != pytest.approx(put[1])


HILL = """
ceasefire: 1
horizon: 3
ending: nothing
parties: {a: {precision: 2000, patience: 0.5}, b: {precision: 2000, patience: 0.5}}
state: {hill: {values: [nobody, held_by_a, held_by_b], start: nobody}}
payoffs: {a: {hill: hill == held_by_a}, b: {hill: hill == held_by_b}}
moves:
  a.claim: {by: a, when: hill != held_by_a, cost: 0.2, set: {hill: held_by_a}}
  b.claim: {by: b, when: hill != held_by_b, cost: 0.2, set: {hill: held_by_b}}
order: [{shuffle: [a, b]}]
"""


def test_the_order_is_drawn_anew_each_period():
    """Whoever is last holds the hill: half of each period's worth, whatever came before.

    It costs 0.2 where the last is not the holder already: always first, then half the time.
    """
    case = loads(HILL)
    value, held, stays = (
        answer.best
        for answer in ask(
            case, "value(a)", "P(at_end(hill == held_by_a))", "P(lasting(hill == held_by_a, 3))",
            certify=False,
        ).answers
    )  # fmt: skip
    assert held == pytest.approx(0.5)
    assert stays == pytest.approx(0.5**3)
    pays = [0.5, 0.25, 0.25]
    assert value == pytest.approx(sum(0.5**t * (0.5 - 0.2 * pays[t]) for t in range(3)), abs=1e-6)
    assert Twin(case).ask("value(a)") == pytest.approx(value, abs=1e-12)


def test_what_was_seen_may_have_been_done_in_any_order():
    """a claims only where it is last; so a move of a in period 0 says that b went first."""
    text = HILL.replace("horizon: 3", "horizon: 2")
    claims = 'claims: {held: {test: "P(at_end(hill == held_by_a)) > 0.4"}}\n'
    events = "events: [{period: 0, move: a.claim}]\n"
    found = update(loads(text + claims + events), worlds=0)
    assert np.exp(found.log_likelihoods[0]) == pytest.approx(0.5)
    both = "events: [{period: 0, move: a.claim}, {period: 0, move: b.pass}]\n"
    assert np.exp(
        update(loads(text + claims + both), worlds=0).log_likelihoods[0]
    ) == pytest.approx(0.5)
    neither = "events: [{period: 0, move: a.claim}, {period: 0, observed: {hill: held_by_b}}]\n"
    assert np.exp(
        update(loads(text + claims + neither), worlds=0).log_likelihoods[0]
    ) == pytest.approx(0.0, abs=1e-12)


def test_a_step_stands_once_for_each_row_of_steps_it_heads():
    counts = {2: 5, 3: 16, 4: 65}
    for size, count in counts.items():
        order = loads(
            BASE + f"order: [{{shuffle: [{', '.join(['a', 'b', 't', 'rain'][:size])}]}}]\n"
        ).order
        steps = period_steps(order)
        assert len(steps) == count
        assert all(later > n for n, step in enumerate(steps) for later in step.following)
        assert len(steps[0].following) == len(list(permutations(range(size))))


def test_no_order_is_drawn_where_nobody_can_do_anything():
    text = BASE.replace("when: x < 2", "when: x < 1").replace(
        "when: y < 2", "when: y < 1 and x < 1"
    )
    graph = build(loads(text + "order: [{shuffle: [a, b]}]\n")).graphs[0]
    draws = graph.state[graph.node_role == NODE_ROLES.index("order")]
    game = build(loads(text + "order: [{shuffle: [a, b]}]\n"))
    assert [game.describe(int(state)) for state in draws] == ["x=0, y=0, storm=false"]


def test_a_case_with_a_shuffle_is_written_as_it_is_read():
    case = loads(BASE + "order: [rain, {shuffle: [a, {b: [lift, pass]}]}, {shuffle: [t, c]}, a]\n")
    assert "{shuffle: [a, {b: [lift, pass]}]}" in dump(case)
    assert loads(dump(case)) == case
    assert [step.shuffle for step in case.order] == [None, 1, 1, 2, 2, None]


def test_all_that_is_wrong_with_a_shuffle_is_said_at_once():
    wrong = """order:
  - {shuffle: [a]}
  - {shuffle: a}
  - {shuffle: [a, b, c, t, rain]}
  - {shuffle: [a, {shuffle: [b, c]}]}
  - {shuffle: [a, {b: [fly]}, nobody]}
"""
    with pytest.raises(CaseError) as caught:
        loads(BASE + wrong)
    first = BASE.count("\n") + 2
    said = [(problem.line - first, problem.message) for problem in caught.value.problems]
    assert [line for line, _ in said] == [0, 1, 2, 3, 4, 4]
    assert all(message == "a shuffle needs 2 to 4 steps" for _, message in said[:3])
    assert said[3][1] == "a shuffle cannot stand in another"


def test_a_party_of_that_name_leaves_no_doubt():
    text = BASE.replace("c: {precision: 1}", "shuffle: {}").replace("[b, c]", "[b, a]")
    text = text.replace("  c: {p: 0.3 * x + 0.2 * storm}\n", "").replace(
        "cost: {c: 0.1}", "cost: {a: 0}"
    )
    assert loads(text + "order: [shuffle, a]\n").order[0].id == "shuffle"
    with pytest.raises(CaseError, match="random order"):
        loads(text + "order: [{shuffle: [a, b]}]\n")


def test_editors_know_the_shuffle():
    step = schema()["properties"]["order"]["items"]["anyOf"]
    (shuffle,) = [form["properties"]["shuffle"] for form in step if "properties" in form]
    assert (shuffle["minItems"], shuffle["maxItems"]) == (2, 4)


def test_an_explanation_says_where_the_step_stands():
    case = loads(BASE + "order: [{shuffle: [a, b]}, {a: [up, pass]}]\n")
    found = explain(case, "a", "x=0, y=0, storm=false")
    places = [decision.place for decision in found.decisions]
    assert places == ["before b", "last of the shuffled steps", ""]


def test_exports_draw_the_order():
    game = build(loads(BASE + "order: [{shuffle: [a, b]}, t]\n"))
    model, _ = to_prism(game)
    draw = next(line for line in model.text.splitlines() if "[draw_order] " in line)
    assert draw.strip() == "[draw_order] step=0 & period<1 -> 1 / 2:(step'=1) + 1 / 2:(step'=2);"
    advance = [line for line in model.text.splitlines() if "[a_pass]" in line and "->" in line]
    assert [line.split("->")[1].strip() for line in advance] == ["(step'=4);", "(step'=5);"]
    tables, _ = to_tables(game)
    rows = tables["branches"].filter(tables["branches"]["role"] == "order")
    assert set(rows["option"]) == {"a, b", "b, a"}
    assert set(rows["step"]) == {"shuffle"}
    assert set(rows["chance"]) == {0.5}


def test_values_are_the_same_from_any_start_and_period():
    """With the game solved over three periods, a start state is worth what the twin says."""
    case = loads(BASE.replace("horizon: 1", "horizon: 3") + "order: [{shuffle: [a, t, b]}, rain]\n")
    twin = Twin(case)
    play = solve(build(case))
    for party in ("a", "b", "c"):
        assert play.value(party) == pytest.approx(twin.ask(f"value({party})"), abs=1e-12)

"""Quantities on games of pure chance, where every number is known in closed form."""

import math

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import ask
from ceasefire.errors import QuestionError
from ceasefire.game import build
from ceasefire.query import plan_questions, read_question
from ceasefire.query.evaluator import Evaluator
from ceasefire.query.expectations import WorldSolution
from ceasefire.settings import SolveSettings

P, Q, N = 0.3, 0.2, 6

CHAIN = loads(f"""
ceasefire: 1
horizon: {N}
tail: 2
ending: nothing
unknowns: {{rate: {{best: {P}, range: [0.1, 0.9]}}}}
parties: {{a: {{patience: 0.9}}, b: {{}}}}
state:
  war: {{start: true}}
  force: {{values: 0..3, start: 0}}
payoffs: {{a: {{war: -2 * war, arms: 0.5 * force}}}}
chance:
  end: {{when: war, outcomes: [{{name: comes, chance: rate, set: {{war: false}}}}]}}
  storm: {{outcomes: [{{name: hits, chance: {Q}}}]}}
  arm: {{when: force < 3, set: {{force: force + 1}}}}
  lull: {{when: force == 1, outcomes: [{{chance: 0.25}}]}}
""")


def best(text, case=CHAIN):
    """The answer to one question."""
    (answer,) = ask(case, text, certify=False).answers
    return answer.best


def values(text, case=CHAIN):
    """All that is known of the number of one quantity."""
    plan = plan_questions(case, [read_question(case, text)])
    ((found,),) = plan.evaluate_world().quantity_values
    return found


def survive(n, p=P):
    """Probability that nothing of chance p has come in n periods."""
    return (1 - p) ** n


BOTH = (1 - P) * (1 - Q)

CLOSED = [
    ("P(eventually(not war))", 1 - survive(N)),
    ("P(eventually(war))", 1.0),
    ("P(always(war))", survive(N)),
    ("P(always(not war))", 0.0),
    ("P(at_end(war))", survive(N)),
    ("P(at_end(war), within=2)", survive(2)),
    ("P(at_end(war), within=0)", 1.0),
    ("P(until(war, not war))", 1 - survive(N)),
    ("P(until(war, force == 3))", survive(2)),
    ("P(until(force < 2, not war))", 1 - survive(2)),
    ("P(lasting(not war, 3))", 1 - survive(N - 2)),
    ("P(lasting(not war, 3), within=2)", 0.0),
    ("P(not lasting(not war, 3))", survive(N - 2)),
    ("P(lasting(war, 2))", survive(2)),
    ("P(lasting(not war, 0))", 1.0),
    ("P(eventually(happens(storm.hits)))", 1 - survive(N, Q)),
    ("P(eventually(happens(storm)))", 1 - survive(N, Q)),
    ("P(eventually(happens(end) or happens(storm)))", 1 - BOTH**N),
    ("P(eventually(happens(arm)))", 1.0),
    ("P(eventually(happens(arm)), within=0)", 0.0),
    ("P(before(happens(end.comes), happens(storm)))", P * (1 - BOTH**N) / (1 - BOTH)),
    ("P(before(happens(storm), happens(end.comes)))",
     (1 - P) * Q * (1 - BOTH**N) / (1 - BOTH)),
    ("P(before(not war, happens(storm)))", P * (1 - Q) * (1 - BOTH**N) / (1 - BOTH)),
    ("P(before(not war, happens(end)))", 0.0),
    ("P(before(not war, not war))", 0.0),
    ("P(before(force == 2, not war))", survive(2)),
    ("P(eventually(not war) and eventually(happens(storm)))",
     (1 - survive(N)) * (1 - survive(N, Q))),
    ("P(at_end(war) or not eventually(happens(storm)))",
     survive(N) + survive(N, Q) - survive(N) * survive(N, Q)),
    ("P(eventually(not war), given={rate: 0.5})", 1 - survive(N, 0.5)),
    ("P(eventually(not war), start={war: false})", 1.0),
    ("P(eventually(not war), without=end)", 0.0),
    ("P(eventually(not war), without=[end, storm])", 0.0),
    ("P(at_end(rate * war > 0.2))", survive(N)),
    ("P(eventually(not war), provided=at_end(war), within=3)", 0.0),
    ("P(at_end(not war), provided=lasting(war, 2))", 1 - survive(N - 2)),
    ("E(war)", survive(N)),
    ("E(war, at=2)", survive(2)),
    ("E(war, within=2)", survive(2)),
    ("E(force, at=0)", 0.0),
    ("E(10 * rate + force)", 6.0),
    ("E(war, at=2, provided=at_end(war))", 1.0),
    ("E(war, at=1, provided=at_end(not war), within=2)", P * (1 - P) / (1 - survive(2))),
    ("E(war, provided=lasting(war, 2), within=3)", 1 - P),
    ("time(not war)", sum(survive(t) for t in range(N))),
    ("time(not war, within=2)", 1 + survive(1)),
    ("time(war)", 0.0),
    ("time(happens(end))", sum(survive(t) for t in range(N))),
    ("time(happens(storm), within=0)", 0.0),
    ("time(war and not war)", N),
    ("value(a)", sum(0.9**t * (-2 * survive(t + 1) + 0.5 * min(t + 1, 3)) for t in range(N + 2))),
    ("value(a, by=analyst)",
     sum(0.9**t * (-2 * survive(t + 1) + 0.5 * min(t + 1, 3)) for t in range(N + 2))),
    ("value(b)", 0.0),
    ("can([a], eventually(not war))", 1 - survive(N)),
    ("can([a], eventually(not war), within=2, given={rate: 0.5})", 0.75),
    ("least(force, P(eventually(force == 3), within=2) > 0.5)", 1.0),
    ("least(force, P(at_end(force == 3), within=2) < 0.5)", 0.0),
    ("min(P(always(war)), 0.5) + 2 * E(war, at=0) - abs(-1)", 1 + survive(N)),
    ("P(always(war)) > 0.1 and not P(always(war)) > 0.2", True),
    ("0 <= P(always(war)) < 0.1", False),
    ("1 if P(always(war)) > 0.1 else 2", 1.0),
    ("P(always(war)) == P(at_end(war))", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CLOSED, ids=[text for text, _ in CLOSED])
def test_closed_forms(text, expected):
    assert best(text) == pytest.approx(expected, abs=1e-12)


def test_many_questions_at_once_are_answered_in_order():
    found = ask(CHAIN, *(text for text, _ in CLOSED), certify=False)
    assert [a.expr for a in found.answers] == [text for text, _ in CLOSED]
    assert [a.best for a in found.answers] == pytest.approx([v for _, v in CLOSED], abs=1e-12)


def test_ending_lasts_values_the_final_state_for_ever():
    text = """
ceasefire: 1
horizon: 2
parties: {a: {patience: 0.5}}
state: {war: {start: true}}
payoffs: {a: {war: war}}
chance: {end: {when: war, outcomes: [{chance: 0.5, set: {war: false}}]}}
"""
    assert best("value(a)", loads(text)) == pytest.approx(0.5 + 0.125 + 0.25 * 0.5)
    assert best("value(a, by=analyst)", loads(text)) == pytest.approx(0.6875 + 0.0625)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("P(always(war), provided=at_end(war and not war))", "the condition has probability 0"),
        ("E(war, at=1, provided=always(not war))", "the condition has probability 0"),
        ("P(always(war)) / P(always(not war))", "division by zero"),
        ("log(P(always(not war)))", "log of 0"),
        ("least(force, P(always(war), provided=always(not war)) > 0) > 1", "no value at force=0"),
        ("1e308 * 10 * P(always(war)) > 5", "* of 1e+308, 10: no value"),
    ],
)
def test_undefined_conditional_quantities_have_no_value(text, warning):
    found = ask(CHAIN, text, certify=False)
    assert found.answers[0].best is None
    assert found.as_json()["answers"][0]["best"] is None
    assert any(warning in said for said in found.warnings)


def test_logic_short_circuits_a_missing_value():
    missing = "P(always(war), provided=always(not war)) > 0.5"
    assert best(f"{missing} or P(at_end(war)) < 0.9") is True
    assert best(f"{missing} and P(at_end(war)) > 0.9") is False
    assert best(f"{missing} or P(at_end(war)) > 0.9") is None
    assert best(f"1 if {missing} else 2") is None
    number = "P(always(war), provided=always(not war))"
    assert best(f"{number} or P(at_end(war))") is None
    assert best(f"P(at_end(war)) or {number}") == pytest.approx(survive(N))


def test_least_without_a_value_is_infinite_and_null_in_json():
    found = ask(CHAIN, "least(force, P(always(war)) > 0.9)", certify=False)
    assert found.answers[0].best == float("inf")
    assert found.as_json()["answers"][0]["best"] is None


def test_least_warns_if_the_test_fails_again_further_up():
    found = ask(CHAIN, "least(force, P(eventually(force == 1), within=1) > 0.5)", certify=False)
    assert found.answers[0].best == 0.0
    assert "fails again at force=2 and force=3" in found.warnings[0]


def test_a_condition_that_is_no_number_somewhere_names_the_state():
    with pytest.raises(QuestionError, match="force=0"):
        ask(CHAIN, "P(eventually(1 / force > 0.5))", certify=False)
    for text in (
        "E(log(force), at=0)",
        "E(1 / (force - 2), at=2)",
        "E(1 / (war - 1), after=a.pass)",
    ):
        with pytest.raises(QuestionError, match="force=0" if "log" in text else "war=true|force=2"):
            ask(CHAIN, text, certify=False)


def test_an_expectation_needs_a_number_only_where_play_may_be_then():
    """There is a force from the first period's end on, and no war where that is given."""
    assert best("E(log(force))") == pytest.approx(math.log(3))
    assert best("E(log(force), at=2)") == pytest.approx(math.log(2))
    assert best("E(1 / (1 - war), provided=at_end(not war))") == 1.0


def test_what_is_conditional_tells_how_likely_its_condition_is():
    given = values("P(at_end(force == 3), provided=at_end(war))")
    assert given.given == pytest.approx(survive(N))
    assert given.warnings == ()
    assert not given.has_improbable_condition
    assert values("P(at_end(war))").given is None


@pytest.mark.parametrize("text", ["P(at_end(war), {})", "E(force, {})"])
def test_a_condition_as_improbable_as_numerical_error_is_doubted(text):
    rare = "given={rate: 1e-8}, provided=at_end(not war), within=1"
    found = values(text.format(rare))
    assert found.value is not None
    assert found.given == pytest.approx(1e-8)
    assert found.has_improbable_condition
    (said,) = found.warnings
    assert said.startswith("the condition has probability 1e-08, which may be numerical error")
    never = values(text.format("provided=at_end(war and not war)"))
    assert (never.value, never.given, never.has_improbable_condition) == (None, 0.0, False)


def test_a_time_tells_how_often_it_has_not_come():
    assert values("time(not war)").censored == pytest.approx(survive(N))
    assert values("time(not war, within=2)").censored == pytest.approx(survive(2))
    assert values("time(force == 2)").censored == 0.0
    never = values("time(force == 2 and force == 3)")
    assert (never.value, never.censored) == (float(N), 1.0)


def test_without_types_there_is_no_grid_change():
    numerics = ask(CHAIN, "P(at_end(war))").numerics
    assert numerics.grid_size is None
    assert numerics.grid_change == 0.0
    assert numerics.horizon_change == 0.0
    assert (numerics.residual, numerics.unresolved, numerics.branch_points) == (0.0, 0, 0)
    assert not numerics.marked


def test_horizon_change_is_the_effect_of_a_longer_tail():
    found = ask(CHAIN, "value(a)")
    (figure,) = found.answers[0].quantities
    later = range(N + 2, 2 * N + 2)
    expected = abs(sum(0.9**t * (-2 * survive(t + 1) + 1.5) for t in later))
    assert figure.horizon_change == pytest.approx(expected)
    assert found.numerics.horizon_change == pytest.approx(expected / max(1, abs(figure.value)))


def test_answers_become_a_data_frame():
    frame = ask(CHAIN, "P(at_end(war)) > 0", "E(war)", certify=False).frame()
    assert frame["quantity"].to_list() == ["P(at_end(war))", "E(war)"]
    assert frame["answer"].to_list() == pytest.approx([1.0, survive(N)])


MEMORY_OF_GAME = 2_000.0  # bytes: the game and its solution fit, seven copies of it do not


def test_a_formula_too_large_for_memory_is_refused():
    (quantity,) = read_question(CHAIN, "P(lasting(war, 6))").quantities
    settings = SolveSettings(memory=MEMORY_OF_GAME)
    evaluator = Evaluator(WorldSolution(build(CHAIN), CHAIN.best_estimates, settings))
    assert evaluator.equilibrium.game.states.size
    with pytest.raises(QuestionError, match="7 automaton states"):
        evaluator.value_of(quantity)

"""Promises that owe a move: the clock, the deadline, what counts as keeping them."""

import math

import pytest

from ceasefire.case import dump, loads
from ceasefire.ensemble import ask
from ceasefire.errors import CaseError, QuestionError
from ceasefire.query.plan import change_rules
from twin import Twin

DISARM = """
ceasefire: 1
horizon: 5
ending: nothing
parties: {rebels: {precision: 2, patience: 0.9}, gov: {precision: 3, patience: 0.8}}
state: {armed: {start: true}, calm: {}}
payoffs: {rebels: {arms: 0.4 * armed}, gov: {fear: -0.5 * armed}}
moves:
  hand_in: {by: rebels, when: armed, set: {armed: false}}
  bury: {by: rebels, when: armed, cost: 0.1}
promises: {disarm: {by: rebels, owes: [hand_in], within: 2, breach: 1.5}}
tables:
  talks:
    seats: [gov, rebels]
    deals: {accord: {when: armed and not disarm, promises: [disarm]}}
order: [talks, rebels]
"""


def one_choice(**promise):
    """A party that may hand in its arms in each period and has promised to."""
    said = ", ".join(f"{key}: {value}" for key, value in {"breach": 1.5, **promise}.items())
    return loads(f"""
ceasefire: 1
horizon: 3
ending: nothing
parties: {{rebels: {{precision: 1, patience: 0}}}}
state: {{armed: {{start: true}}}}
moves: {{hand_in: {{by: rebels, when: armed, set: {{armed: false}}}}}}
promises: {{disarm: {{by: rebels, owes: [hand_in], {said}}}}}
""")


def numbers(case, *questions):
    """The answers at the best estimates."""
    return [answer.best for answer in ask(case, *questions, certify=False).answers]


def test_breach_is_paid_at_the_end_of_the_last_period():
    # whoever looks no further than this period hands in with 1/2, in the last with 1/(1 + e^-1.5)
    last = 1 / (1 + math.exp(-1.5))
    for within in (1, 2, 3):
        case = one_choice(within=within)
        start = "start={disarm: true}"
        kept = [numbers(case, f"kept(disarm, {n})")[0] for n in range(1, 4)]
        broken = 0.5 ** (within - 1) * (1 - last)
        assert kept == pytest.approx([1 - broken if n >= within else 1.0 for n in range(1, 4)])
        assert numbers(case, f"P(eventually(broken(disarm)), {start})") == pytest.approx([broken])
        (value,) = numbers(case, f"value(rebels, {start})")
        assert value == pytest.approx(-1.5 * (1 - last) if within == 1 else 0.0)


def test_promise_fulfilled_is_over():
    case = one_choice(within=2)
    over = "P(at_end(not disarm and disarm_left == 0), start={disarm: true})"
    assert numbers(case, over) == pytest.approx([1.0])
    waits = "P(eventually(disarm_left == 1), start={disarm: true})"
    assert numbers(case, waits) == pytest.approx([0.5])


def test_period_in_which_it_is_given_does_not_count():
    case = loads(DISARM)
    signed = "start={disarm: true, disarm_left: 3}"  # as just after the signature
    left = [numbers(case, f"P(eventually(disarm_left == {n}), {signed})")[0] for n in (3, 2, 1)]
    assert left[0] == 1.0 > left[1] > left[2] > 0
    at_ends = "P(eventually(disarm_left == 3), start={disarm: true})"
    assert numbers(case, at_ends) == [0.0]  # with no new promise before the first period's end
    never = "P(eventually(broken(disarm)), within=2)"
    assert numbers(case, never) == [0.0]  # signed in period 0, due at the end of period 2
    assert numbers(case, "P(eventually(broken(disarm)), within=3)")[0] > 0.01


QUESTIONS = (
    "P(eventually(broken(disarm)))", "kept(disarm, 2)", "kept(disarm, 1)", "value(rebels)",
    "value(gov)", "P(at_end(armed))", "plays(rebels.hand_in, start={disarm: true})",
    "plays(rebels.hand_in, start={disarm_left: 1})", "signs(rebels, talks.accord)",
    "time(broken(disarm))", "E(disarm_left, at=2)", "can(rebels, at_end(not disarm))",
    "can(gov, at_end(disarm_left == 0), start={disarm: true})",
    "P(eventually(broken(disarm)), without=rebels.hand_in)", "kept(disarm, 2, after=talks.accord)",
)  # fmt: skip


def test_agrees_with_the_twin():
    case = loads(DISARM.replace("horizon: 5", "horizon: 3"))
    twin = Twin(case)
    expected = [twin.ask(question) for question in QUESTIONS]
    assert numbers(case, *QUESTIONS) == pytest.approx(expected, abs=1e-9)


def test_new_promise_sets_a_new_date():
    vow = "vow: {by: rebels, when: armed and disarm_left == 1, promises: [disarm]}"
    case = loads(DISARM.replace("bury:", f"{vow}\n  bury:"))
    where = "without=talks, start={disarm_left: 1}"
    later, vowed = numbers(
        case, f"P(eventually(disarm_left == 2), {where})", f"plays(rebels.vow, {where})"
    )
    assert later == pytest.approx(vowed)
    assert vowed > 0.2


def test_is_shown_with_its_defaults_and_read_again():
    case = loads(DISARM)
    text = dump(case)
    promised = text.split("promises:")[1].split("tables:")[0]
    assert "owes: [hand_in]" in promised
    assert "within: 2" in promised
    assert "forbids" not in promised
    assert "disarm_left" not in text
    assert loads(text) == case


WRONG = {
    "disarm: {by: rebels}": "promises nothing",
    "disarm: {by: rebels, owes: [hand_in]}": "`owes` and `within` belong together",
    "disarm: {by: rebels, forbids: [bury], within: 2}": "`owes` and `within` belong together",
    "disarm: {by: rebels, forbids: [bury], owes: [hand_in], within: 2}": "forbids moves or owes",
    "disarm: {by: rebels, owes: [], within: 2}": "promise owes nothing",
    "disarm: {by: rebels, owes: [hand_in], within: 0}": "no such number of periods",
    "disarm: {by: rebels, owes: [march], within: 2}": "no such move of rebels",
}


@pytest.mark.parametrize("promise", WRONG)
def test_impossible_promise_is_refused(promise):
    text = DISARM.replace("disarm: {by: rebels, owes: [hand_in], within: 2, breach: 1.5}", promise)
    with pytest.raises(CaseError) as caught:
        loads(text)
    assert any(WRONG[promise] in problem.message for problem in caught.value.problems)


def test_clock_belongs_to_the_promise():
    text = DISARM.replace("calm: {}", "disarm_left: {}")
    text = text.replace("bury: {by", "bury: {set: {disarm_left: true}, by")
    with pytest.raises(CaseError) as caught:
        loads(text)
    said = [problem.message for problem in caught.value.problems]
    assert "the clock of a promise has the name of a variable" in said
    with pytest.raises(CaseError) as caught:
        loads(DISARM.replace("bury: {by", "bury: {set: {disarm_left: 2}, by"))
    assert "no `set` touches the clock of a promise" in caught.value.problems[0].message


def test_start_in_which_clock_and_promise_disagree_is_refused():
    with pytest.raises(QuestionError, match="disarm is in force where disarm_left is above 0"):
        ask(loads(DISARM), "P(always(armed), start={disarm: false, disarm_left: 1})")


def test_promise_that_falls_due_later_says_so():
    (answer,) = ask(loads(DISARM), "kept(disarm, 1)").answers
    assert any("does not fall due within 1 period" in said for said in answer.warnings)


def test_deadline_stays_last_when_the_order_is_turned_round():
    turned = change_rules(loads(DISARM), "opposite order")
    assert turned is not None
    assert [step.id for step in turned.order] == ["rebels", "talks", "disarm"]


def test_date_in_an_expression_is_refused_with_what_to_write():
    with pytest.raises(CaseError) as caught:
        loads(DISARM.replace("arms: 0.4 * armed", "arms: 0.1 * period"))
    (problem,) = caught.value.problems
    assert "during" in problem.help

"""Offices that parties hold in turn: who moves, sits, pays and promises where."""

import math

import pytest

from ceasefire import timeline, update
from ceasefire.case import dump, loads
from ceasefire.ensemble import ask
from ceasefire.ensemble.game_validation import find_costless_actions
from ceasefire.errors import CaseError, GameError, QuestionError
from ceasefire.formats import to_prism
from ceasefire.game import build
from ceasefire.query.explanation import explain
from twin import Twin

CASE = """
ceasefire: 1
horizon: 3
ending: nothing
parties:
  dove: {precision: 2, patience: 0.8}
  hawk: {precision: 5, patience: 0.5}
  rebels: {precision: 3, patience: 0.9}
state:
  office: {values: [left, right], start: left}
  war: {start: true}
  ruin: {values: 0..2, start: 0}
roles: {government: dove if office == left else hawk, opposition: hawk if office == left else dove}
payoffs:
  dove: {war: -1.0 * war - 0.3 * ruin}
  hawk: {war: 0.4 * war, office: 0.2 * (office == right)}
  rebels: {war: -0.5 * war - 0.2 * ruin}
moves:
  attack: {by: government, when: not war, set: {war: true}, cost: 0.1}
  bomb: {by: government, when: war and ruin < 2, set: {ruin: ruin + 1}, cost: 0.2 * ruin}
  strike:
    by: opposition
    cost: 0.3
    outcomes: [{name: wins, chance: 0.5, set: {office: right if office == left else left}}]
promises:
  calm: {by: government, forbids: [attack], breach: 0.4}
  rebuild: {by: government, owes: [bomb], within: 1, breach: 0.7}
tables:
  talks:
    seats: [rebels, government]
    deals:
      truce: {when: war, set: {war: false}, promises: [calm, rebuild], cost: {government: 0.2}}
  home:
    seats: [government, opposition]
    meets: 0.5
    proposes: opposition
    deals: {unity: {set: {ruin: 0}, needs: [government]}}
chance:
  vote: {outcomes: [{name: change, chance: 0.3, set: {office: right if office == left else left}}]}
order: [vote, talks, home, {government: [attack, bomb, pass]}, opposition]
events:
  - {period: 0, refused: talks.truce, by: government}
"""

PARTIES = """
ceasefire: 1
horizon: 2
ending: nothing
parties:
  dove: {precision: 2, patience: 0.8}
  hawk: {precision: 5, patience: 0.5}
payoffs:
  dove: {war: -1.0 * war}
  hawk: {war: 0.4 * war, office: 0.2 * (office == right)}
"""
FACTS = "office: {values: [left, right], start: left}, war: {start: true}"
MOVES = {
    "attack": "when: not war{0}, set: {{war: true}}, cost: 0.1",
    "retreat": "when: war{0}, set: {{war: false}}, cost: 0.3",
    "call": "when: war{0}, cost: 0.05, set: {{office: right if office == left else left}}",
}


def numbers(case, *questions):
    """The answers at the best estimates."""
    return [answer.best for answer in ask(case, *questions, certify=False).answers]


def test_same_as_written_out_for_each_holder():
    """Each move twice, and a variable that says who governed when the period began."""
    once = [f"{name}: {{by: government, {text.format('')}}}" for name, text in MOVES.items()]
    twice = [
        f"{party}.{name}: {{by: {party}, {text.format(f' and governs == {party}s')}}}"
        for party in ("dove", "hawk")
        for name, text in MOVES.items()
    ]
    short = f"""{PARTIES}
state: {{{FACTS}}}
roles: {{government: dove if office == left else hawk}}
moves: {{{", ".join(once)}}}
"""
    long = f"""{PARTIES}
state: {{{FACTS}, governs: {{values: [doves, hawks], start: doves}}}}
chance: {{handover: {{set: {{governs: doves if office == left else hawks}}}}}}
moves: {{{", ".join(twice)}}}
order: [handover, dove, hawk]
"""
    asked = "P(eventually(not war))", "value(dove)", "value(hawk)", "P(at_end(office == right))"
    assert numbers(loads(short), *asked) == pytest.approx(numbers(loads(long), *asked), abs=1e-12)
    by_role = numbers(loads(short), "P(eventually(happens(government.retreat)))")
    by_party = "P(eventually(happens(dove.retreat) or happens(hawk.retreat)))"
    assert by_role == pytest.approx(numbers(loads(long), by_party))


QUESTIONS = (
    "value(dove)", "value(hawk)", "value(rebels)", "P(eventually(not war))",
    "plays(government.bomb)", "plays(government.bomb, start={office: right})",
    "plays(government.pass, start={office: right})", "plays(opposition.strike)",
    "signs(government, talks.truce)", "signs(government, talks.truce, start={office: right})",
    "signs(government, home.unity, start={office: right})", "plays(home.unity)",
    "P(eventually(happens(government.attack)))", "P(eventually(happens(opposition.strike.wins)))",
    "P(eventually(broken(calm)))", "kept(calm, 2)", "kept(rebuild, 2)",
    "can(dove, always(office == left))", "can([dove, rebels], eventually(not war))",
    "P(eventually(war), after=refused(talks.truce, by=government))",
    "value(hawk, start={office: right}, without=government.bomb)", "time(happens(government.bomb))",
)  # fmt: skip


def test_agrees_with_the_twin():
    case = loads(CASE.replace("horizon: 3", "horizon: 2"))
    twin = Twin(case)
    expected = [twin.ask(question) for question in QUESTIONS]
    assert numbers(case, *QUESTIONS) == pytest.approx(expected, abs=1e-9)


def test_is_shown_and_read_again():
    case = loads(CASE)
    assert loads(dump(case)) == case
    assert case.roles["government"].holders == ("dove", "hawk")


def test_holder_decides_by_what_it_wants():
    hawkish, dovish = numbers(
        loads(CASE),
        "signs(government, talks.truce, start={office: right})",
        "signs(government, talks.truce)",
    )
    assert 0.01 < hawkish < 0.3
    assert dovish > 0.7


def test_explanation_is_that_of_the_holder():
    found = explain(loads(CASE), "government", "office=right")
    assert found.party == "hawk"
    assert any("hawk holds government there" in note for note in found.notes)
    assert explain(loads(CASE), "government").party == "dove"


def test_other_uses_know_roles():
    case = loads(CASE)
    game = build(case)
    assert find_costless_actions(game) == ()
    assert any(series.name == "government.attack" for series in timeline(case).series)
    model, _ = to_prism(game)
    assert "[dove_as_government_bomb]" in model.text
    assert "[hawk_as_government_bomb]" in model.text


def test_refusal_by_an_office_is_that_of_its_holder():
    case, refused = loads(CASE), 0.0
    for side, chance in (("left", 0.7), ("right", 0.3)):
        start = f"start={{office: {side}}}"
        offered, signed = numbers(
            case, f"plays(talks.truce, {start})", f"signs(government, talks.truce, {start})"
        )
        refused += chance * offered * (1 - signed)
    (found, _) = update(case, worlds=0).log_likelihoods
    assert found == pytest.approx(math.log(refused))
    by_party = [
        update(loads(CASE.replace("truce, by: government", f"truce, by: {party}")), worlds=0)
        for party in ("dove", "hawk")
    ]
    shares = [math.exp(each.log_likelihoods[0]) for each in by_party]
    assert sum(shares) == pytest.approx(refused)
    assert min(shares) > 0.01


def test_party_that_would_sit_twice_is_refused():
    text = CASE.replace("seats: [rebels, government]", "seats: [rebels, government, dove]")
    with pytest.raises(GameError) as caught:
        ask(loads(text), "value(dove)")
    (problem,) = caught.value.problems
    assert problem.message == "a party would sit at talks twice"
    assert problem.found.startswith("dove as government and as itself in the state office=left")
    assert ask(
        loads(text.replace("when: war, set", "when: war and office == right, set")), "value(dove)"
    )


WRONG = {
    "government: dove if office == left else hawk": {
        "government: dove if office == left else nobody": "is not one of the words",
        "government: 1 + ruin": "is compared with or set to a word",
        "rebels: dove": "a role has the name of a party",
        "analyst: dove": "the analyst cannot be a role",
    },
    "payoffs:\n": {"payoffs:\n  government: {x: war}\n": "no such party"},
    "cost: 0.1}": {"cost: 1 if type == firm else 0}": "`type` has no meaning in `cost`"},
    "ruin < 2": {"ruin < 2 and government == dove": "is a role, which has no value"},
}


@pytest.mark.parametrize(
    ("old", "new"), [(old, new) for old, texts in WRONG.items() for new in texts]
)
def test_what_a_role_cannot_do_is_refused(old, new):
    with pytest.raises(CaseError) as caught:
        loads(CASE.replace(old, new))
    assert WRONG[old][new] in " ".join(problem.message for problem in caught.value.problems)


@pytest.mark.parametrize("question", ["value(government)", "can([government], always(war))"])
def test_questions_of_parties_refuse_a_role(question):
    with pytest.raises(QuestionError, match="dove or hawk"):
        ask(loads(CASE), question)

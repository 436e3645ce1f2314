"""Reading questions: what is understood, and what is said about what is not."""

import pytest

from ceasefire.case import Case, loads
from ceasefire.errors import QuestionError
from ceasefire.query import read_claims, read_question
from ceasefire.query.ast import (
    AtomicFormula,
    CompoundFormula,
    EventCondition,
    Quantity,
    StateCondition,
)
from support.counted_work import calls_made

TEXT = """
ceasefire: 1
horizon: 6
tail: 2
unknowns: {rate: {best: 0.5, range: [0.1, 0.9]}}
parties:
  ally: {}
  rival: {types: {hawk: 0.6, dove: 0.4}}
  judge: {}
state:
  war: {start: true}
  force: {values: 0..3, start: 0}
  mood: {values: [low, high], start: low}
conditions: {safe: force >= 2}
payoffs: {ally: {peace: not war}}
moves:
  act: {by: ally, when: force < 3, outcomes: [{name: win, chance: rate, set: {force: force + 1}}]}
  strike: {by: rival, when: not war, set: {war: true}}
promises: {pledge: {by: rival, forbids: [strike]}}
tables:
  talks:
    seats: [rival, ally]
    deals: {truce: {when: war, set: {war: false}, promises: [pledge]}, gesture: {}}
chance: {drift: {when: mood == low, outcomes: [{name: up, chance: 0.2, set: {mood: high}}]}}
"""
CASE = loads(TEXT)


def quantity(text: str, case: Case = CASE) -> Quantity:
    """The only quantity of a question."""
    (found,) = read_question(case, text).quantities
    return found


def problems(text: str, case: Case = CASE) -> list[str]:
    """What is said about a question that cannot be read."""
    with pytest.raises(QuestionError) as caught:
        read_question(case, text)
    return [str(problem) for problem in caught.value.problems]


def test_parses_formulas_and_events():
    found = quantity("P(eventually(happens(ally.act.win) or broken(pledge)) and not always(war))")
    assert isinstance(found.formula, CompoundFormula)
    first, second = found.formula.parts
    assert first == AtomicFormula(
        "eventually", (EventCondition(frozenset({"ally.act.win", "broken:pledge"})),)
    )
    assert isinstance(second, CompoundFormula)
    assert second.operator == "not"


@pytest.mark.parametrize(
    "event",
    ["ally.act", "ally.act.win", "ally.pass", "rival.strike", "talks.truce", "drift", "drift.up"],
)
def test_every_kind_of_event_can_be_named(event):
    found = quantity(f"time(happens({event}))")
    assert found.condition == EventCondition(frozenset({event}))


def test_parses_every_option():
    found = quantity(
        "P(lasting(not war, 2), within=3, start={force: 2, mood: high, war: false, pledge: true},"
        " without=[talks, ally.act, talks.gesture, drift], closed={talks: 8},"
        " given={rate: -0.25}, types={rival: dove}, sharper=2, provided=at_end(safe))"
    )
    assert dict(found.start) == {"force": 2, "mood": "high", "war": False, "pledge": True}
    assert found.modification.without == {"talks", "ally.act", "talks.gesture", "drift"}
    assert found.modification.closed == (("talks", 8),)
    assert found.modification.given == (("rate", -0.25),)
    assert found.modification.precision_factor == 2.0
    assert found.types == (("rival", "dove"),)
    assert found.periods == 3
    assert found.provided is not None


def test_booleans_count_0_and_1():
    assert dict(quantity("P(always(war), start={war: 0})").start) == {"war": False}


def test_parses_options_of_every_quantity():
    assert quantity("E(force, at=2)").after_periods == 2
    assert quantity("value(rival, type=hawk)").type == "hawk"
    assert quantity("value(rival, by=analyst)").observer == "analyst"
    found = quantity("belief(rival.dove, by=judge, after=[talks.truce, rival.pass])")
    assert (found.party, found.type, found.observer) == ("rival", "dove", "judge")
    assert found.after == ("talks.truce", "rival.pass")
    assert quantity("belief(rival.dove, after=rival.strike)").after == ("rival.strike",)
    refused = "P(at_end(war), after=[refused(talks.truce,by = rival), ally.act])"
    assert quantity(refused).after == ("refused(talks.truce, by=rival)", "ally.act")
    assert quantity("can([ally, judge], eventually(safe))").coalition == ("ally", "judge")
    assert quantity("can(ally, eventually(safe))").coalition == ("ally",)
    assert quantity("can([], eventually(safe))").coalition == ()


def test_kept_puts_the_promise_into_force():
    assert dict(quantity("kept(pledge, 3, start={war: false})").start) == {
        "pledge": True,
        "war": False,
    }


def test_least_asks_once_per_value_with_its_options():
    question = read_question(
        CASE,
        "least(force, P(at_end(war), start={war: false}) < 0.5, sharper=2, start={mood: high})",
    )
    starts = [dict(q.start) for q in question.quantities]
    assert starts == [{"force": f, "mood": "high", "war": False} for f in range(4)]
    assert {q.modification.precision_factor for q in question.quantities} == {2.0}
    assert question.quantities[1].text.endswith("at force=1")


def test_equal_quantities_are_asked_once():
    question = read_question(CASE, "P(always(war)) + P( always( war ) ) > P(at_end(war))")
    assert len(question.quantities) == 2


def test_believes_is_a_number_within_a_condition():
    found = quantity("P(eventually(believes(judge, rival.dove) > 0.5 and not war))")
    assert isinstance(found.formula, AtomicFormula)
    (condition,) = found.formula.conditions
    assert isinstance(condition, StateCondition)
    assert [(b.observer, b.party, b.type) for b in condition.belief_terms] == [
        ("judge", "rival", "dove")
    ]
    assert "believes(judge, rival.dove)" in found.text


@pytest.mark.parametrize(
    ("text", "is_test"),
    [
        ("P(always(war))", False),
        ("P(always(war)) > 0.5", True),
        ("0.2 < P(always(war)) <= 0.5", True),
        ("not P(always(war)) > 0.5", True),
        ("P(always(war)) > 0.5 and value(ally) >= 0", True),
        ("P(always(war)) and value(ally) >= 0", False),
        ("true", True),
        ("P(always(war)) > 0.5 if value(ally) > 0 else false", True),
        ("P(always(war)) if value(ally) > 0 else 1", False),
        ("least(force, P(always(war)) > 0.5) <= 2", True),
        ("min(P(always(war)), 0.5) * abs(-2) / sqrt(4) + exp(0) ** 2 % 3 - +log(1)", False),
    ],
)
def test_whether_the_answer_is_true_or_false(text, is_test):
    assert read_question(CASE, text).is_test is is_test


FAULTS = [
    ("P(war)", "1:3", "a condition is no formula", "always(war)"),
    ("P(not war)", "1:3", "a condition is no formula", "eventually(not war)"),
    ("P(happens(drift))", "1:3", "an event is no formula", "eventually(happens(drift))"),
    ("P(value(ally))", "1:3", "value(...) is a number, not a formula", "take it out"),
    ("P(always(war) + 1)", "1:3", "formulas are joined as if they were numbers", "and, or, not"),
    ("P(eventually(always(war)))", "1:14", "formulas do not nest", "outside"),
    ("P(eventually(P(always(war)) > 0.5))", "1:14", "asks about the whole game", "believes("),
    ("P(always(happens(drift)))", "1:10", "an event has no place in always", "eventually, before"),
    ("P(lasting(broken(pledge), 2))", "1:11", "an event has no place in lasting", "name a state"),
    ("P(eventually(happens(drift) or war))", "1:14", "not both", "two formulas"),
    ("P(eventually(happens(drift) and happens(ally.act)))", "1:14", "joined by `or` only", "and"),
    ("P(eventually(not happens(drift)))", "1:14", "joined by `or` only", "not eventually"),
    ("P(eventually(happens(ally.ac)))", "1:22", "is no event", "did you mean ally.act?"),
    ("P(eventually(happens(drift, 2)))", "1:14", "happens takes one name", "happens(name)"),
    ("P(eventually(broken(pledg)))", "1:21", "is no promise", "did you mean pledge?"),
    ("P(eventually(waar))", "1:14", "no such name", "did you mean war?"),
    ("P(eventually(mood))", "1:14", "is a word, not a number", "mood == low"),
    ("P(eventually(war, 3))", "1:3", "eventually is written otherwise", "eventually(c)"),
    ("P(eventually(war, within=3))", "1:3", "eventually is written otherwise", "belong to P"),
    ("P(lasting(war))", "1:3", "lasting is written otherwise", "lasting(c, n)"),
    ("P(lasting(war, 7))", "1:16", "periods cannot be this", "from 0 to 6"),
    ("P(lasting(war, 2.5))", "1:16", "periods cannot be this", "from 0 to 6"),
    ("P(lasting(war, -1))", "1:16", "periods cannot be this", "from 0 to 6"),
    ("P(until(war))", "1:3", "until is written otherwise", "until(c, d)"),
    ("P()", "1:1", "P is written otherwise", "P(formula)"),
    ("P(always(war), at=2)", "1:16", "at= has no meaning for P(...)", "within=n"),
    ("P(always(war), within=7)", "1:23", "within= cannot be this", "from 0 to 6"),
    ("P(always(war), within=true)", "1:23", "within= cannot be this", "from 0 to 6"),
    ("P(always(war), start={war: true}, start={force: 1})", "1:35", "stands twice", "in one"),
    ("P(always(war), wthin=2)", "1:16", "is no option", "did you mean within?"),
    ("P(always(war), start={force: 4})", "1:30", "is no value of force", "0, 1, 2, 3"),
    ("P(always(war), start={force: true})", "1:30", "is no value of force", "0, 1, 2, 3"),
    ("P(always(war), start={war: 2})", "1:28", "is no value of war", "false, true"),
    ("P(always(war), start={mood: hig})", "1:29", "is no value of mood", "did you mean high?"),
    ("P(always(war), start={forse: 1})", "1:23", "is no variable", "did you mean force?"),
    ("P(always(war), start=3)", "1:22", "stands without braces", "{variable: value}"),
    ("P(always(war), start={force: 1, force: 2})", "1:23", "stands twice", "each name once"),
    ("P(always(war), without=rival)", "1:24", "is no table, table.deal", "did you mean rival.st"),
    ("P(always(war), without=ally.pass)", "1:24", "is no table, table.deal", "ally.act"),
    ("P(always(war), closed={talk: 2})", "1:24", "is no table", "did you mean talks?"),
    ("P(always(war), closed={talks: 9})", "1:31", "periods cannot be this", "from 0 to 8"),
    ("P(always(war), given={rat: 2})", "1:23", "is no unknown", "did you mean rate?"),
    ("P(always(war), given={rate: war})", "1:29", "is no number", "a finite number"),
    ("P(always(war), types={ally: hawk})", "1:23", "is no party with types", "rival"),
    ("P(always(war), types={rival: hawkish})", "1:30", "is no type of rival", "mean hawk?"),
    ("P(always(war), sharper=0)", "1:24", "sharper= cannot be this", "above 0"),
    ("P(always(war), provided=war)", "1:25", "a condition is no formula", "always(war)"),
    ("E(mood)", "1:3", "is a word, not a number", "mood == low"),
    ("E(war, at=3, within=2)", "1:11", "at= lies after within=", "0 to 2"),
    ("time(war, provided=always(war))", "1:11", "provided= has no meaning for time", "only P, E"),
    ("value(aly)", "1:7", "is no party", "did you mean ally?"),
    ("value(ally, within=2)", "1:13", "within= has no meaning for value", "how many periods"),
    ("value(ally, type=hawk)", "1:18", "is no type of ally", "nothing"),
    ("value(ally, by=judge)", "1:16", "by the party itself, or by=analyst", "analyst"),
    ("value(ally, types={rival: dove})", "1:19", "by its own beliefs", "by=analyst"),
    ("value(rival, by=analyst, type=hawk, types={rival: dove})", "1:43", "already says", ""),
    ("plays(drift)", "1:7", "is no party.move or table.deal", "ally.act"),
    ("plays(ally.act, by=judge)", "1:17", "by= has no meaning for plays", "only value and belief"),
    ("plays(ally.act, within=1)", "1:17", "within= has no meaning for plays", "periods"),
    ("signs(judge, talks.truce)", "1:7", "has no seat where talks.truce", "rival, ally"),
    ("signs(ally, talks)", "1:13", "is no table.deal", "talks.truce"),
    ("signs(ally)", "1:1", "signs is written otherwise", "signs(party, table.deal)"),
    ("belief(rival)", "1:8", "is no type of a party", "rival.hawk"),
    ("belief(rival.dove, by=rival)", "1:23", "rival knows its own type", "another party"),
    ("belief(rival.dove, after=drift)", "1:26", "happens by itself: name its", "drift.nothing"),
    ("P(at_end(war), after=[])", "1:22", "after= names nothing", "table.deal"),
    ("P(at_end(war), after=refused(talks.truce))", "1:22", "is nothing that is seen", "by=party"),
    ("P(at_end(war), after=refused(talks.truce, by=judge))", "1:46", "is no seat where", "rival"),
    ("belief(rival.dove, provided=always(war))", "1:29", "provided= needs at=", "at=n"),
    ("belief(rival.dove, at=2, within=3)", "1:33", "within= needs provided=", "at=n"),
    ("belief(rival.dove, start={war: false})", "1:26", "has no meaning for a prior", "after="),
    ("belief(rival.dove, at=2, provided=at_end(believes(judge, rival.dove) > 0.5))", "1:35",
     "believes(...) in provided= conditions P only", "state or an event"),
    ("can([ally], at_end(believes(judge, rival.dove) > 0.5))", "1:20", "has no place here", "can("),
    ("can([ally], always(war), types={rival: dove})", "1:26", "types= has no meaning", "leave"),
    ("can([ally], always(war), sharper=2)", "1:26", "sharper= has no meaning", "no part"),
    ("can([ally, ally], always(war))", "1:5", "ally stands twice", "each party once"),
    ("kept(pledge)", "1:1", "kept is written otherwise", "kept(promise, n)"),
    ("kept(pledge, 7)", "1:14", "n cannot be this", "from 0 to 6"),
    ("kept(war, 2)", "1:6", "is no promise", "pledge"),
    ("kept(pledge, 2, start={pledge: false})", "1:23", "has the promise in force", "leave pledge"),
    ("least(mood, P(always(war)) > 0.5)", "1:7", "is no whole-number variable", "force"),
    ("least(force, P(always(war)))", "1:14", "a number is no test", "P(...) > 0.5"),
    ("least(force)", "1:1", "least is written otherwise", "least(variable, test)"),
    ("least(force, least(force, P(always(war)) > 0.5) > 1)", "1:14", "inside another", ""),
    ("least(force, P(always(war), start={force: 1}) > 0.5)", "1:1", "sets force too", "leave"),
    ("least(force, P(always(war)) > 0.5, within=2)", "1:36", "within= has no meaning", ""),
    ("P(eventually(believes(judge, ally.x) > 0.5))", "1:30", "is no type of a party", "rival.dove"),
    ("P(eventually(believes(rival, rival.dove) > 0.5))", "1:14", "knows its own type", "analyst"),
    ("P(eventually(believes(rival.dove) > 0.5))", "1:14", "is written otherwise", "observer"),
    ("war", "1:1", "a condition is no quantity", "P(eventually(war))"),
    ("safe", "1:1", "a condition is no quantity", "P(eventually(safe))"),
    ("P(eventualy(war))", "1:3", "there is no formula eventualy", "did you mean eventually?"),
    ("P(always(war), given={rate: 1/0})", "1:29", "is no number", "2/3"),
    ("P(always(war), within=5/2)", "1:23", "within= cannot be this", "from 0 to"),
    ("P(always(war), within=true)", "1:23", "within= cannot be this", "from 0 to"),
    ("always(war)", "1:1", "a formula is no number", "P(always(war))"),
    ("happens(drift)", "1:1", "an event is no number", "P(eventually(happens(drift)))"),
    ("believes(judge, rival.dove)", "1:1", "in formulas only", "belief(party.type"),
    ("Prob(always(war))", "1:1", "is no quantity", "quantities: P, E"),
    ("ally", "1:1", "has no place in a question", "quantities: P, E"),
    ("[P(always(war))]", "1:1", "has no place in a question", "quantities: P, E"),
    ("max(P(always(war)))", "1:1", "max is written otherwise", "max(a, b, ...)"),
    ("1" + "0" * 400, "1:1", "number is not finite", "a finite number"),
    ("P(always(war)) < 1e999", "1:18", "number is not finite", "a finite number"),
    ("P(at(0x" + "f" * 5000 + ", war))", "1:3", "no formula at(...)", "a formula: eventually"),
    ("P(always(war), within=0x" + "f" * 5000 + ")", "1:23", "within= cannot be this", "from 0 to"),
    ("P(always(war), start={force: 0x" + "f" * 5000 + "})", "1:30", "is no value of force", "0, 1"),
    ("P(always(war), sharper=" + "9" * 400 + ")", "1:24", "sharper= is no number", "a finite"),
    ("P(always(war), given={rate: " + "9" * 400 + "})", "1:29", "is no number", "a finite number"),
    ("P(always(war)", "1:2", "bracket is not closed", ""),
    ("P(always(war)) = 1", "1:", "is not an expression", ""),
    ("", "1:1", "expression is empty", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("P(always(war), within=2*2)", "P(always(war), within=4)"),
        ("P(always(war), given={rate: 1/4})", "P(always(war), given={rate: 0.25})"),
        ("P(always(war), sharper=2**-1)", "P(always(war), sharper=0.5)"),
        ("P(always(war), given={rate: -(-1/4)})", "P(always(war), given={rate: 0.25})"),
        ("kept(pledge, 7 % 4)", "kept(pledge, 3)"),
    ],
)
def test_arithmetic_of_numbers_is_read_wherever_a_number_is(written, plain):
    assert read_question(CASE, written).quantities == read_question(CASE, plain).quantities


def test_an_unknown_in_a_question_is_its_value_in_each_world():
    question = read_question(CASE, "P(always(war)) > rate", test=True)
    assert question.quantities == read_question(CASE, "P(always(war)) > E(rate)").quantities
    assert [quantity.text for quantity in question.quantities] == ["P(always(war))", "rate"]


@pytest.mark.parametrize(("text", "where", "what", "way"), FAULTS, ids=[f[0][:50] for f in FAULTS])
def test_parse_errors_name_position_fault_and_fix(text, where, what, way):
    (found,) = problems(text)
    assert found.startswith(where)
    assert what in found
    assert way in found


def test_parse_errors_of_a_question_are_reported_together_in_order():
    found = problems(
        "P(war, within=99) > value(nobody) and foo(1) or P(eventually(x), start={y: 1})"
    )
    assert [text.split()[0] for text in found] == [
        "1:3", "1:15", "1:27", "1:39", "1:62", "1:73"
    ]  # fmt: skip


def test_claims_are_parsed_with_errors_at_their_lines():
    text = (
        TEXT
        + "claims:\n  one: {test: P(war) > 0.5}\n  two:\n    test: P(always(war))\n"
        + "  three: {test: value(ally) > 1}\n"
    )
    with pytest.raises(QuestionError) as caught:
        read_claims(loads(text, "some.yaml"))
    first, second = caught.value.problems
    lines = text.splitlines()
    assert (first.file, first.path) == ("some.yaml", "claims.one.test")
    assert lines[(first.line or 0) - 1][(first.column or 0) - 1 :].startswith("war) > 0.5")
    assert "a claim's test is a number" in second.message
    assert lines[(second.line or 0) - 1].strip() == "test: P(always(war))"


def test_a_question_about_something_the_case_lacks_is_refused():
    bare = loads("{ceasefire: 1, horizon: 1, parties: {a: {}}, state: {war: {}}}")
    (found,) = problems("kept(pledge, 1)", bare)
    assert "the case has no promise" in found


def test_least_over_more_values_than_can_be_asked_is_refused_at_once():
    many = loads(TEXT.replace("0..3", "0..99999"))
    text = "least(force, P(always(war)) > P(eventually(not war)))"
    (found,) = problems(text, many)
    assert "least asks too much, found 100,000 values of force, 2 at each" in found
    some = loads(TEXT.replace("0..3", "0..4999"))
    enough = calls_made(read_question, some, text)
    assert enough < 2_000_000
    assert calls_made(problems, text, many) < enough, "20 times the values, and less to do"

"""Quantities asked once choices were made: from the state and the records that these leave."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ceasefire.case import loads
from ceasefire.cli.main import app
from ceasefire.errors import QuestionError
from ceasefire.query import plan_questions, read_questions
from ceasefire.query.state_distribution import StateDistribution
from ceasefire.settings import SolveSettings
from test_query_beliefs import (
    ALONE,
    FIRM,
    LATE,
    PRIOR,
    SHOWN,
    SOFT,
    A,
    after,
    best,
    found,
    logistic,
)

WARNING = """
ceasefire: 1
title: A threat that costs something to back down from
horizon: 1
ending: nothing
parties:
  owner: {precision: 1000, patience: 0, types: {ready: 0.25, bluffing: 0.75}}
  rival: {precision: 1000, patience: 0}
state:
  warned: {}
  taken: {}
  end: {values: [quiet, yielded, fought], start: quiet}
payoffs:
  owner: {prize: not taken, war: "(0.2 if type == ready else -0.6) * (end == fought)"}
  rival: {prize: end == yielded, war: -1 * (end == fought)}
moves:
  warn: {by: owner, set: {warned: true}}
  take: {by: rival, set: {taken: true}}
  fight: {by: owner, when: taken, set: {end: fought}}
  yield_it: {by: owner, when: taken, set: {end: yielded}, cost: 0.4 * warned}
order: [{owner: [warn, pass]}, {rival: [take, pass]}, {owner: [fight, yield_it]}]
"""
TIED_HANDS = loads(WARNING)


def test_choice_after_a_threat_reads_what_the_threat_shows():
    """The bluffing gain as much by warning as by not: 1 - t = 0.4 t, if it is taken with t."""
    provided = best(TIED_HANDS, "P(at_end(taken), provided=at_end(warned))")
    assert provided == pytest.approx(1 / 1.4, abs=3e-3)
    assert best(TIED_HANDS, "plays(rival.take, after=[owner.warn])") == pytest.approx(
        provided, abs=1e-3
    )
    assert best(TIED_HANDS, "P(at_end(taken), after=owner.warn)") == pytest.approx(
        provided, abs=1e-3
    )


def test_start_says_that_it_begins_with_the_prior():
    answer = found(TIED_HANDS, "plays(rival.take, start={warned: true})")
    assert answer.best == pytest.approx(1.0, abs=1e-3)
    (said,) = answer.warnings
    assert "as if nothing had been shown, though owner could have brought it about" in said
    assert "(owner.warn): ask after= choices" in said


@pytest.mark.parametrize(
    "text",
    [
        "plays(rival.take, start={taken: true})",  # the rival has no types
        "plays(rival.take, start={warned: false})",  # nothing is changed
        "plays(rival.take, start={warned: true}, without=owner.warn)",
        "can([rival], at_end(taken), start={warned: true})",
        "plays(owner.fight, start={warned: true, taken: true})",
    ],
)
def test_start_says_nothing_where_nobody_with_types_could_lead_there(text):
    assert not any("as if nothing" in said for said in found(TIED_HANDS, text, grid=17).warnings)


SEEN = after(PRIOR, A)  # belief in the firm type once it acted
AGAIN = SEEN * (FIRM + ALONE) / 2 + (1 - SEEN) * SOFT
CONTINUED = [
    ("E(fort, at=0, after=h.act)", 0.5),
    ("E(fort, at=1, after=h.act)", 0.5),
    ("E(fort, at=2, after=h.act, types={h: soft})", 0.5 + 0.5 * 0.5 * SOFT),
    ("E(fort, at=2, after=h.act)", 0.5 + 0.25 * (SEEN * FIRM + (1 - SEEN) * SOFT)),
    ("E(fort, at=0, after=h.act, provided=at_end(fort), within=0)", 1.0),
    ("P(at_end(fort), within=0, after=h.act)", 0.5),
    ("P(eventually(happens(h.act)), within=1, after=h.act)", 0.0),  # it is over in this period
    ("P(eventually(happens(h.act)), after=h.act)", AGAIN),
    ("P(eventually(happens(h.late)), within=1, after=h.act)",
     0.5 * (SEEN * LATE[0] + (1 - SEEN) * LATE[1])),
    ("P(eventually(happens(h.late)), within=1, after=h.act, types={h: firm})", 0.5 * LATE[0]),
    ("time(fort, within=1, after=h.act)", 0.5),
    ("time(happens(h.act), after=h.pass, types={h: soft})", 2.0),  # in the next period, or not
    ("plays(h.late, after=h.act)", 0.5 * (SEEN * LATE[0] + (1 - SEEN) * LATE[1])),
    ("plays(h.act, after=h.act)", AGAIN),
    ("plays(h.act, after=h.act, types={h: firm})", (FIRM + ALONE) / 2),
    ("belief(h.firm, at=0, after=h.act)", SEEN),
    ("belief(h.firm, at=2, after=h.act)", SEEN),  # beliefs are martingales
    ("P(at_end(believes(analyst, h.firm) > 0.61), within=0, after=h.act)", 1.0),
    ("P(at_end(believes(analyst, h.firm) > 0.61), within=0, after=h.pass)", 0.0),
    ("can([h], eventually(happens(h.late)), within=1, after=h.act)", 0.5),
    ("can([h], eventually(fort), after=h.pass)", 0.5),
    ("value(h, type=firm, after=h.act)",  # what acting itself cost is paid
     -0.5 * LATE[0]),
    ("value(h, type=soft, after=h.pass)", 0.0),
    ("value(h, after=h.act)", -0.5 * SEEN * LATE[0]),
    ("value(h, by=analyst, after=h.act)", -0.5 * SEEN * LATE[0]),
    ("value(h, by=analyst, after=h.act, types={h: firm})", -0.5 * LATE[0]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CONTINUED, ids=[text for text, _ in CONTINUED])
def test_quantities_after_choices_in_closed_form(text, expected):
    assert best(SHOWN, text, grid=65) == pytest.approx(expected, abs=2e-4)


BOUND = loads("""
ceasefire: 1
horizon: 3
ending: nothing
unknowns: {odds: {best: 0.25, range: [0, 1]}}
parties: {a: {precision: 1, patience: 0.5}, b: {}}
state: {war: {}, n: {values: 0..3, start: 0}}
payoffs: {a: {n: n, war: -1 * war}}
moves:
  add: {by: a, when: n < 3, cost: 0.2, set: {n: n + 1}}
  attack: {by: a, set: {war: true}}
  late: {by: b, during: [1, 2], set: {n: 0}}
promises: {pledge: {by: a, forbids: [attack], breach: 1}}
tables: {talks: {seats: [b, a], deals: {truce: {set: {war: false}, promises: [pledge]}}}}
order: [talks, {a: [add, pass]}, {a: [attack, pass]}, {b: [late, pass]}]
""")


def test_value_counts_from_the_moment_the_choices_leave():
    """The last period's end is left, paid in full unless b, which gains nothing, undoes it."""
    text = "value(a, after=[b.pass, b.pass, a.add, a.pass])"
    assert best(BOUND, text) == pytest.approx(0.5)


def test_choices_in_a_later_period_leave_fewer_periods():
    answer = found(BOUND, "time(n == 3, after=[b.pass, b.late])")
    assert answer.best == 2.0  # this period's end and the last one
    cut = found(BOUND, "E(n, at=3, after=[b.late, b.late])")
    assert "3 periods from there go past the horizon: it looks at 1" in cut.warnings
    assert cut.best == best(BOUND, "E(n, after=[b.late, b.late])") == 0.0


def test_kept_asks_of_the_promise_as_the_choices_leave_it():
    made = found(BOUND, "kept(pledge, 1, after=talks.truce)")
    breaking = best(BOUND, "plays(a.attack, after=talks.truce)")
    assert made.best == pytest.approx(1.0 - breaking)
    assert made.warnings == ()
    broken = found(BOUND, "kept(pledge, 1, after=[talks.truce, a.attack])")
    assert broken.best == 1.0
    assert "pledge is not in force after talks.truce, a.attack" in broken.warnings


def test_choice_that_is_not_offered_is_told_and_left_out():
    answer = found(BOUND, "P(at_end(war), after=a.add, start={n: 3}, within=1)")
    assert answer.best == best(BOUND, "P(at_end(war), start={n: 3}, within=1)")
    assert "a.add is not offered from" in answer.warnings[0]


def test_least_and_unknowns_take_over_what_comes_first():
    assert best(BOUND, "least(n, E(n, at=0) >= 2, after=a.add)") == 1.0
    assert best(BOUND, "least(n, E(n, at=0) >= 2 + odds, after=a.add)") == 2.0


def test_choice_that_no_type_would_make_gives_no_value():
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {h: {precision: 5000, patience: 0, types: {firm: 0.5, soft: 0.5}}, b: {}}
state: {x: {}}
moves: {harm: {by: h, cost: "2 if type == firm else 1", set: {x: true}}, look: {by: b}}
order: [h, b]
""")
    for text in ("P(at_end(x), after=h.harm)", "plays(b.look, after=h.harm)", "E(x, after=h.harm)"):
        answer = found(case, text, grid=9)
        assert answer.best is None
        assert "what it shows is unknown" in answer.warnings[0]


def test_choices_come_first_from_every_point_of_a_distribution():
    """Of a mixture of points the mean: it is asked of each from what the choices show there."""
    texts = [text for text, _ in CONTINUED if "provided=" not in text and "types=" not in text]
    prepared = plan_questions(SHOWN, read_questions(SHOWN, texts), SolveSettings(33))
    evaluators = prepared.evaluators()
    table = next(iter(evaluators.values())).game.state_table
    records, weights = np.array([[0.8], [-1.3]]), np.array([[1, 0], [0, 1], [0.25, 0.75]])
    points = StateDistribution(table, np.zeros(2, np.int32), records, weights)
    for quantity, key in prepared.solutions_by_quantity().items():
        if quantity.kind == "value" and quantity.type is not None:
            continue  # its type is weighed by what each point says of it
        one, other, both = evaluators[key].at(points).values_of(quantity)
        assert both.value == pytest.approx(0.25 * one.value + 0.75 * other.value, abs=1e-12)


REFUSED = loads("""
ceasefire: 1
horizon: 2
ending: nothing
parties:
  a: {precision: 2, patience: 0}
  h: {precision: 2, patience: 0, types: {soft: 0.5, hard: 0.5}}
state: {peace: {}}
payoffs: {a: {peace: peace}, h: {peace: "peace * (1 if type == soft else -1)"}}
tables: {t: {seats: [a, h], deals: {d: {when: not peace, set: {peace: true}}}}}
order: [t]
""")
SAYS_NO = (logistic(-2.0), logistic(2.0))
STILL_SOFT = after(0.5, SAYS_NO)
SIGNS = STILL_SOFT * logistic(2.0) + (1 - STILL_SOFT) * logistic(-2.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("belief(h.soft, by=a, after=refused(t.d, by=h))", STILL_SOFT),
        ("signs(h, t.d, after=refused(t.d, by=h))", SIGNS),
        ("plays(t.d, after=[refused(t.d, by=h)])", logistic(2 * SIGNS)),
        ("P(at_end(peace), after=[refused(t.d, by=h)])", logistic(2 * SIGNS) * SIGNS),
        ("P(at_end(peace), after=[refused(t.d, by=h)], within=1)", 0.0),
        ("belief(h.soft, after=[refused(t.d, by=h), refused(t.d, by=h)])",
         after(0.5, SAYS_NO, SAYS_NO)),
        ("belief(h.soft, after=[t.d, refused(t.d, by=h)])", after(0.5, SAYS_NO[::-1])),
    ],
)  # fmt: skip
def test_a_refusal_shows_what_it_shows(text, expected):
    assert best(REFUSED, text) == pytest.approx(expected, abs=1e-4)


def test_a_refusal_by_whoever_proposes_is_told_and_left_out():
    answer = found(REFUSED, "belief(h.soft, after=refused(t.d, by=a))")
    assert answer.best == 0.5
    assert "a is not asked about t.d from peace=false on" in answer.warnings[0]


STORM = loads("""
ceasefire: 1
horizon: 2
ending: nothing
parties: {a: {precision: 2, patience: 0}}
state: {wet: {}}
moves: {go: {by: a, cost: 0.5 + wet}}
chance:
  storm:
    when: not wet
    outcomes: [{name: hits, chance: 0.1, set: {wet: true}}, {name: misses, chance: 0.3}]
order: [storm, {a: [go, pass]}]
""")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E(wet, at=0, after=storm.hits)", 1.0),
        ("P(at_end(wet), after=storm.misses)", 0.1),
        ("plays(a.go, after=storm.hits)", logistic(2 * -1.5)),
        ("P(eventually(happens(storm.hits)), after=[storm.misses, storm.misses])", 0.0),
        ("P(at_end(wet), after=storm.nothing)", 0.1),
    ],
)
def test_an_outcome_of_chance_comes_first(text, expected):
    assert best(STORM, text) == pytest.approx(expected)


VOTED = loads("""
ceasefire: 1
horizon: 2
ending: nothing
unknowns: {luck: {best: 0.3, range: [0, 1]}}
parties:
  a: {precision: 2, patience: 0}
  h: {precision: 2, patience: 0, types: {soft: 0.5, hard: 0.5}}
state: {peace: {}, won: {}, tired: {}}
payoffs: {h: {peace: "peace * (1 if type == soft else -1)"}}
moves:
  dare: {by: a, cost: 0.5, set: {tired: true}, outcomes: [{name: wins, chance: luck * (not won), set: {won: true}}]}
tables:
  t:
    seats: [a, h]
    deals:
      d:
        when: not peace
        cost: {a: 0.2}
        outcomes: [{name: holds, chance: 0.8 if type(h) == soft else 0.2, set: {peace: true}}]
order: [t, a]
""")  # noqa: E501
SIGNED = after(0.5, (logistic(2 * 0.8), logistic(-2 * 0.2)))
HELD, FELL = after(SIGNED, (0.8, 0.2)), after(SIGNED, (0.2, 0.8))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("belief(h.soft, after=t.d)", SIGNED * 1.0),
        ("belief(h.soft, by=a, after=t.d.holds)", HELD),
        ("belief(h.soft, after=t.d.nothing)", FELL),
        ("E(peace, at=0, after=t.d.holds)", 1.0),
        ("E(peace, at=0, after=t.d.nothing)", 0.0),
        ("E(won + 2 * tired, at=0, after=a.dare.wins)", 3.0),
        ("E(won + 2 * tired, at=0, after=[t.d.nothing, a.dare.nothing])", 2.0),
        ("belief(h.soft, after=[t.d.nothing, a.dare.wins, t.d.holds])",
         after(FELL, (logistic(2 * 0.8), logistic(-2 * 0.2)), (0.8, 0.2))),
        ("P(at_end(won), after=a.dare.nothing)", logistic(-1.0) * 0.3),
    ],
)  # fmt: skip
def test_an_outcome_of_a_move_or_deal_comes_first(text, expected):
    assert best(VOTED, text, grid=65) == pytest.approx(expected, abs=2e-4)


def test_an_outcome_of_a_move_that_cannot_come_is_told_and_left_out():
    answer = found(VOTED, "E(won, at=0, after=a.dare.wins, start={won: true})")
    assert "a.dare.wins cannot come from peace=false, won=true" in " ".join(answer.warnings)
    answer = found(VOTED, "E(won, at=0, after=t.d.holds, start={peace: true})")
    assert "t.d is not offered from peace=true" in " ".join(answer.warnings)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ("a.dare.loses", ["a.dare.loses", "is no outcome of it", "a.dare.wins, a.dare.nothing"]),
        ("a.pass.wins", ["is no choice or outcome that can be seen"]),
        ("storm", ["happens by itself: name its outcome", "storm.hits, storm.nothing"]),
        ("calm.comes", ["is no outcome of it", "calm has no outcomes: ask P(...)"]),
        ("t.split", ["is a family", "t.split[1..2]", "one of them is chosen"]),
        ("happens(a.dare)", ["is nothing that is seen", "without happens(...)"]),
        ("signed(t.split[1], by=a)", ["name the deal", "refused(table.deal, by=party)"]),
        ("broken(word)", ["name the move that breaks the promise"]),
    ],
)
def test_what_cannot_be_seen_says_what_can(seen, words):
    case = loads("""
ceasefire: 1
horizon: 1
parties: {a: {}, b: {}}
state: {won: {}}
moves: {dare: {by: a, outcomes: [{name: wins, chance: 0.5, set: {won: true}}]}}
promises: {word: {by: a, forbids: [dare]}}
tables: {t: {seats: [a, b], deals: {split: {for: {n: [1, 2]}, set: {won: n > 1}}}}}
chance: {storm: {outcomes: [{name: hits, chance: 0.5}]}, calm: {set: {won: false}}}
""")
    with pytest.raises(QuestionError) as refused:
        read_questions(case, [f"E(won, after={seen})"])
    for word in words:
        assert word in str(refused.value)


def test_an_outcome_that_cannot_come_is_told_and_left_out():
    answer = found(STORM, "E(wet, after=storm.hits, start={wet: true})")
    assert answer.best == pytest.approx(1.0)
    assert "storm.hits is not offered from wet=true on: it changes nothing" in answer.warnings


def test_check_says_once_in_how_many_claims_start_leaves_out_what_was_shown(tmp_path):
    """Each note stands in the document; the text has one line for all of them."""
    claims = "\n".join(
        f'  {name}: {{test: "P(at_end(taken), start={{warned: true}}) > {limit}"}}'
        for name, limit in (("first", 0.1), ("second", 0.2))
    )
    path = tmp_path / "warning.yaml"
    path.write_text(f"{WARNING}claims:\n{claims}\n", encoding="utf-8")
    run = [str(path), "--worlds", "0", "--no-flips"]
    text = " ".join(CliRunner().invoke(app, ["check", *run, "--all"]).stdout.split())
    assert text.count("as if nothing had been shown") == 1
    assert "start= in 2 claims (first, second) puts in place" in text
    document = json.loads(CliRunner().invoke(app, ["check", *run, "--json"]).stdout)
    notes = [each["path"] for each in document["warnings"] if "start= puts" in each["found"]]
    assert notes == ["first", "second"]

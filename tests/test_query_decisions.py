"""Quantities about choices and beliefs, in games small enough for paper."""

import math

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import ask


def logistic(x):
    """Probability of an option worth x more than the only other, in units of 1 / precision."""
    return 1 / (1 + math.exp(-x))


def found(case, text, grid=None):
    """The answer to one question, whole."""
    return ask(case, text, certify=False, grid=grid).answers[0]


def best(case, text, grid=None):
    """The answer to one question."""
    return found(case, text, grid).best


# One period, nothing after it: a move is worth its payoff less its cost.
MOVES = loads("""
ceasefire: 1
horizon: 1
ending: nothing
unknowns: {gain: {best: 0.5}}
parties: {a: {precision: 4}, b: {precision: 3}, c: {precision: 2}}
state:
  war: {start: true}
  mood: {values: [low, high], start: low}
payoffs: {a: {peace: gain * (not war)}, b: {peace: -0.2 * (not war)}, c: {peace: 0.1 * (not war)}}
moves:
  stop: {by: a, when: war and mood == low, set: {war: false}, cost: 0.1}
  start: {by: b, when: not war, set: {war: true}, cost: 0.3}
promises: {calm: {by: b, forbids: [start], breach: 0.4}}
tables:
  talks:
    seats: [a, b, c]
    proposes: any
    deals:
      truce: {when: war, set: {war: false}, promises: [calm], cost: {b: 0.05}}
      toast: {needs: []}
order: [talks, {a: [stop, pass]}, b]
""")  # fmt: skip


def keeps(promised):
    """Probability that b does not start a war, once there is none."""
    gain_of_war = 0.2 - 0.3 - (0.4 if promised else 0)
    return 1 - logistic(3 * gain_of_war)


def stop():
    """Probability that a stops the war: it pays 0.1 and gains 0.5 if b then keeps the peace."""
    return logistic(4 * (0.5 * keeps(False) - 0.1))


def test_plays_is_a_choice_in_one_state():
    assert best(MOVES, "plays(a.stop)") == pytest.approx(stop())
    assert best(MOVES, "plays(a.pass)") == pytest.approx(1 - stop())
    assert best(MOVES, "plays(b.start, start={war: false})") == pytest.approx(1 - keeps(False))
    text = "plays(b.start, start={war: false, calm: true})"
    assert best(MOVES, text) == pytest.approx(1 - keeps(True))


def test_plays_is_answered_in_states_off_the_path():
    """The period begins at that step, in a state that the step before always changes."""
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 2}}
state: {late: {}}
moves: {act: {by: a, cost: "1 if late else 0.3"}}
chance: {night: {set: {late: true}}}
order: [night, a]
""")
    assert best(case, "plays(a.act)") == pytest.approx(logistic(-0.6))
    assert best(case, "P(eventually(happens(a.act)))") == pytest.approx(logistic(-2.0))


def test_plays_with_options():
    twice = logistic(2 * 4 * (0.5 * (1 - logistic(2 * 3 * -0.1)) - 0.1))
    assert best(MOVES, "plays(a.stop, sharper=2)") == pytest.approx(twice)
    assert best(MOVES, "plays(a.stop, without=b.start)") == pytest.approx(logistic(4 * 0.4))
    given = logistic(4 * (1.5 * keeps(False) - 0.1))
    assert best(MOVES, "plays(a.stop, given={gain: 1.5})") == pytest.approx(given)


@pytest.mark.parametrize(
    "text",
    [
        "plays(b.start)",
        "plays(a.stop, start={mood: high})",
        "plays(talks.truce, start={war: false})",
        "plays(talks.truce, closed={talks: 1})",
        "plays(a.stop, without=a.stop)",
        "signs(b, talks.truce, start={war: false})",
        "signs(b, talks.toast)",
    ],
)
def test_plays_or_signs_of_an_option_not_offered_is_0_with_a_warning(text):
    answer = found(MOVES, text)
    assert answer.best == 0.0
    assert "is not offered" in answer.warnings[0] or "is not asked" in answer.warnings[0]


def test_a_party_that_can_only_pass_passes():
    assert best(MOVES, "plays(a.pass, start={mood: high})") == 1.0
    assert best(MOVES, "plays(c.pass)") == 0.0  # c has no step of its own
    assert best(MOVES, "P(eventually(happens(b.pass)), start={mood: high})") > 0.5


def sign(party, others_sign=1.0):
    """Probability of a yes to the truce, and what the offer is worth to its proposer."""
    precision, worth, cost = {"a": (4, 0.5, 0), "b": (3, -0.2, 0.05), "c": (2, 0.1, 0)}[party]
    peace_now = worth * keeps(True)  # calm: b breaks it with probability 1 - keeps(True)
    if party == "b":
        peace_now = keeps(True) * -0.2 + (1 - keeps(True)) * -0.7
    else_peace = stop() * keeps(False)
    otherwise = worth * else_peace
    if party == "a":
        otherwise -= 0.1 * stop()
    if party == "b":
        otherwise += stop() * (1 - keeps(False)) * -0.3
    gain = peace_now - cost - otherwise
    return logistic(precision * others_sign * gain), gain


def test_signs_is_conditional_on_earlier_consents():
    # Every other seat is asked in speaking order; the last asked decides alone.
    last_c, gain_c = sign("c")
    second_b = sign("b", last_c)[0]  # asked before c
    last_b = sign("b")[0]
    first_a_b, first_a_c = sign("a", last_b)[0], sign("a", last_c)[0]
    # Who is asked: by a: b then c; by b: a then c; by c: a then b.
    expected = {
        "a": (first_a_c, first_a_b),
        "b": (second_b, last_b),
        "c": (last_c, last_c),
    }
    put = {  # how likely each proposer offers the truce; a toast changes nothing, nor does silence
        "a": offer(4, sign("a")[1] * second_b * last_c),
        "b": offer(3, sign("b")[1] * first_a_c * last_c),
        "c": offer(2, gain_c * first_a_b * last_b),
    }
    assert best(MOVES, "plays(talks.truce)") == pytest.approx(sum(put.values()) / 3)
    weights = {
        "a": (put["b"], put["c"]),  # a is asked first, by b and by c
        "b": (put["a"], put["c"] * first_a_b),
        "c": (put["a"] * second_b, put["b"] * first_a_c),
    }
    for party, (one, two) in expected.items():
        w, v = weights[party]
        value = (w * one + v * two) / (w + v)
        assert best(MOVES, f"signs({party}, talks.truce)") == pytest.approx(value)


def offer(precision, gain):
    """Probability of an offer worth `gain` against two others worth nothing."""
    return 1 / (1 + 2 * math.exp(-precision * gain))


def test_deal_without_needed_consent_happens_when_offered():
    expected = best(MOVES, "plays(talks.toast)")
    assert best(MOVES, "P(eventually(happens(talks.toast)))") == pytest.approx(expected)


def test_kept_assumes_the_promise_is_in_force_at_the_start():
    assert best(MOVES, "kept(calm, 1, start={war: false})") == pytest.approx(keeps(True))
    assert best(MOVES, "kept(calm, 0, start={war: false})") == 1.0
    without = found(MOVES, "kept(calm, 1, start={war: false}, without=b.start)")
    assert without.best == 1.0
    assert "nothing that calm forbids is possible" in without.warnings[0]
    assert "nothing that calm forbids is possible" in found(MOVES, "kept(calm, 1)").warnings[0]


POWER = loads("""
ceasefire: 1
horizon: 3
parties: {a: {types: {x: 0.5, y: 0.5}}, b: {}, c: {}}
state: {war: {start: true}, armed: {}}
moves:
  stop: {by: a, when: war, outcomes: [{chance: 0.5, set: {war: false}}]}
  start: {by: b, when: not war and not armed, set: {war: true}}
  arm: {by: c, set: {armed: true}}
order: [c, a, b]
""")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("can([a], eventually(not war))", 0.0),
        ("can([a, b], eventually(not war))", 0.875),
        ("can([a, b], at_end(not war))", 0.875),
        ("can([a, c], at_end(not war))", 0.875),
        ("can([a, c], lasting(not war, 2))", 0.75),
        ("can([b], always(war))", 0.125),
        ("can([b, c], always(war))", 1.0),
        ("can([c], at_end(armed))", 1.0),
        ("can([c], before(happens(c.arm), happens(a.stop)))", 1.0),
        ("can([a], at_end(not war), without=b.start)", 0.875),
        ("can([a], at_end(not war), start={armed: true}, within=1)", 0.5),
        ("can([], at_end(not armed))", 0.0),
        ("can([a, b, c], at_end(not armed))", 1.0),
    ],
)
def test_coalition_security_values(text, expected):
    assert best(POWER, text) == pytest.approx(expected, abs=1e-12)


def test_passing_is_asked_at_the_first_step_that_offers_it_as_a_choice():
    """A step that lists no pass passes for want of moves; that is no choice, and is not counted."""
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 2, patience: 0}}
state: {war: {}}
moves:
  stop: {by: a, when: war, set: {war: false}}
  shout: {by: a, cost: -0.5}
order: [{a: [stop]}, {a: [shout, pass]}]
""")
    assert best(case, "plays(a.pass)") == pytest.approx(1 - logistic(2 * 0.5))
    only = loads("""
ceasefire: 1
horizon: 1
parties: {a: {}}
state: {war: {}}
moves: {stop: {by: a, when: war, set: {war: false}}}
order: [{a: [stop]}]
""")
    answer = found(only, "plays(a.pass)")
    assert answer.best == 0.0
    assert "a.pass is not offered in war=false" in answer.warnings

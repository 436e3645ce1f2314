"""Power in games worked by hand, with and without a bound on time."""

import importlib
import random

import pytest

from ceasefire.case import loads
from ceasefire.errors import QuestionError
from ceasefire.query import plan_questions, power, read_question

reachability = importlib.import_module("ceasefire.coalitions.reachability")

TALKS = loads("""
ceasefire: 1
horizon: 3
parties: {a: {}, b: {}, c: {}, m: {}}
state: {war: {start: true}, armed: {}}
moves:
  arm: {by: c, set: {armed: true}}
tables:
  talks:
    seats: [m, a, b]
    proposes: m
    deals:
      truce: {when: war and not armed, needs: [a, b], set: {war: false}}
order: [c, talks]
""")


def values(case, goal, **options):
    return {c.members: c for c in power(case, goal, **options).coalitions}


def test_a_coalition_that_holds_every_needed_seat_can_sign():
    """m offers, a and b sign; c can only keep them from it by arming."""
    found = power(TALKS, "at_end(not war)")
    assert [c.members for c in found.minimal] == [("a", "b", "c", "m")]
    found = power(TALKS, "at_end(not war), without=c.arm")
    assert [c.members for c in found.minimal] == [("a", "b", "m")]
    (minimal,) = found.minimal
    assert {(d.party, d.words) for d in minimal.strategy} == {
        ("m", "always offers talks.truce"),
        ("a", "always accepts talks.truce"),
        ("b", "always accepts talks.truce"),
    }
    told = {party: (value, [d.words for d in deeds]) for party, value, deeds in minimal.without}
    assert told["a"] == (0.0, ["always refuses talks.truce"])
    assert told["m"] == (0.0, ["always offers nothing at talks"])


def test_coalitions_come_smallest_first_and_agree_with_can():
    found = power(TALKS, "lasting(not war, 2)")
    sizes = [len(c.members) for c in found.coalitions]
    assert sizes == sorted(sizes)
    assert len(sizes) == 16
    for coalition in found.coalitions:
        text = f"can([{', '.join(coalition.members)}], lasting(not war, 2))"
        (value,) = plan_questions(TALKS, [read_question(TALKS, text)]).evaluate_world().values
        assert coalition.lower == coalition.upper == value


def test_power_threshold_can_be_set():
    coin = loads("""
ceasefire: 1
horizon: 2
parties: {a: {}, b: {}}
state: {done: {}}
moves:
  try_it: {by: a, when: not done, outcomes: [{chance: 0.5, set: {done: true}}]}
  do_it: {by: b, when: not done, outcomes: [{chance: 0.9, set: {done: true}}]}
""")
    found = values(coin, "eventually(done)")
    assert [found[m].lower for m in ((), ("a",), ("b",))] == pytest.approx([0, 0.75, 0.99])
    assert found["a", "b"].lower == pytest.approx(1 - 0.05**2)
    chosen = [c.members for c in power(coin, "eventually(done)", least=0.7).minimal]
    assert chosen == [("a",), ("b",)]
    assert [c.members for c in power(coin, "eventually(done)", within=1).minimal] == [("a", "b")]


CYCLE = """
ceasefire: 1
horizon: 3
parties: {a: {}, b: {}, n: {}}
state: {war: {start: true}}
moves:
  stop: {by: a, when: war, outcomes: [{chance: 0.25, set: {war: false}}]}
  start: {by: b, when: not war, set: {war: true}}
order: [a, b]
"""


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("eventually(not war)", {("a",): 0.0, ("a", "b"): 1.0, ("b",): 0.0}),
        ("eventually(happens(a.stop))", {("a",): 1.0, ("b",): 0.0}),
        ("lasting(not war, 3)", {("a",): 0.0, ("a", "b"): 1.0}),
        ("always(war)", {("b",): 1.0, ("a",): 1.0, ("n",): 0.0}),
        ("always(not war)", {("a", "b", "n"): 0.0}),
        ("always(war), without=b.start", {("a",): 1.0, ("b",): 0.0, ("b", "n"): 0.0}),
        ("always(war) or eventually(happens(b.start))", {("b",): 1.0, ("n",): 0.0}),
        ("eventually(happens(a.stop)) and always(war)", {("b",): 0.0, ("a", "b"): 1.0}),
    ],
)
def test_unbounded_power_values(goal, expected):
    found = values(loads(CYCLE), goal, forever=True)
    for members, value in expected.items():
        assert found[members].lower == pytest.approx(value, abs=1e-8), members
        assert found[members].upper == pytest.approx(value, abs=1e-8), members


GAMBLE = """
ceasefire: 1
horizon: 2
parties: {a: {}, b: {}}
state: {now: {values: [waiting, won, lost], start: waiting}, open: {start: true}}
moves:
  gamble:
    by: a
    when: now == waiting and open
    outcomes: [{chance: 0.4, set: {now: won}}, {chance: 0.6, set: {now: lost}}]
  close: {by: b, when: open, outcomes: [{chance: 0.5, set: {open: false}}]}
  reopen: {by: b, when: not open, set: {open: true}}
order: [b, a]
"""


def test_unbounded_bounds_meet_where_waiting_is_possible():
    """Waiting is worth nothing, yet iteration from above would never see it.

    b closes half the time before a can gamble, and need never reopen: 0.5 * 0.4.
    """
    found = values(loads(GAMBLE), "eventually(now == won)", forever=True)
    assert found["a",].lower == pytest.approx(0.2, abs=1e-8)
    assert found["a",].upper == pytest.approx(0.2, abs=1e-8)
    assert found["a", "b"].upper == pytest.approx(0.4, abs=1e-8)
    assert found["b",].upper == pytest.approx(0.0, abs=1e-8)
    safe = values(loads(GAMBLE), "always(now != won)", forever=True)
    assert safe["b",].lower == pytest.approx(0.8, abs=1e-8)
    assert safe["a",].lower == pytest.approx(1.0, abs=1e-8)


def test_unbounded_strategy_is_stationary():
    """a may stop now or as well later: told is that it stops, and that secures everything."""
    found = power(loads(CYCLE), "lasting(not war, 3)", forever=True)
    (minimal,) = found.minimal
    assert minimal.members == ("a", "b")
    assert minimal.strategy_value == pytest.approx(1.0, abs=1e-8)
    said = {(d.party, d.words): d.choices_by_state for d in minimal.strategy}
    assert said["a", "always makes the move stop"] == (("war=true", "any", "a.stop"),)
    assert ("b", "always passes") in said


def test_strategy_that_depends_on_the_period_alone():
    """The door can be opened in period 1 only, and a must have saved up for it in period 0."""
    case = loads("""
ceasefire: 1
horizon: 3
parties: {a: {}, b: {}}
state: {saved: {}, out: {}}
moves:
  save: {by: a, during: [0, 1], set: {saved: true}}
  leave: {by: a, when: saved, during: [1, 1], set: {out: true, saved: false}}
""")
    (minimal,) = power(case, "eventually(out)").minimal
    assert [d.words for d in minimal.strategy] == [
        "makes the move save in period 0; makes the move leave in period 1"
    ]


SLOW = """
ceasefire: 1
horizon: 2
parties: {a: {}, b: {}}
state: {now: {values: [open, won, lost], start: open}, shut: {}}
moves:
  try_it: {by: a, when: now == open and not shut, outcomes: [{chance: 0.00002, set: {now: won}}]}
  shut: {by: b, when: not shut, set: {shut: true}}
  unlock: {by: a, when: shut, outcomes: [{chance: 0.5, set: {shut: false}}]}
chance:
  end: {when: now == open, outcomes: [{chance: 0.00001, set: {now: lost}}]}
order: [end, b, a]
"""


def test_unbounded_bounds_meet_where_changes_are_rare():
    """By hand: a wins before the end with s (1 - e) / (e + s (1 - e)); b alone never lets it.

    With b in the way, a unlocks half the time and b shuts at once, so a never gets to try.
    """
    found = values(loads(SLOW), "eventually(now == won)", forever=True)
    end, win = 1e-5, 2e-5
    both = win * (1 - end) / (end + win * (1 - end))
    for members, value in {("a", "b"): both, ("a",): 0.0, ("b",): 0.0}.items():
        assert found[members].lower - 1e-9 <= value <= found[members].upper + 1e-9
        assert found[members].upper - found[members].lower < 1e-7
    kept = values(loads(SLOW), "always(now != won)", forever=True)
    assert kept["b",].lower == pytest.approx(1.0, abs=1e-8)
    assert kept[()].upper == pytest.approx(1 - both, abs=1e-7)


NESTED = """
ceasefire: 1
horizon: 2
parties: {a: {}, b: {}}
state: {at: {values: 0..5, start: 0}}
moves:
  on: {by: a, when: at == 0, set: {at: 1}}
  leave:
    by: a
    when: at == 0
    outcomes: [{chance: 0.3, set: {at: 4}}, {chance: 0.7, set: {at: 5}}]
  back: {by: b, when: at == 1, set: {at: 0}}
  deeper: {by: b, when: at == 1, set: {at: 2}}
  up: {by: a, when: at == 2, set: {at: 1}}
  stake:
    by: a
    when: at == 2
    outcomes: [{chance: 0.6, set: {at: 4}}, {chance: 0.4, set: {at: 5}}]
order: [a, b]
"""


@pytest.mark.parametrize("improved", [True, False])
def test_unbounded_bounds_meet_in_nested_loops(monkeypatch, improved):
    """b need never open the better exit, at 2, so a gets .3 and not .6, though all may go on."""
    if not improved:
        monkeypatch.setattr(reachability, "solve_stochastic_game", lambda *_: None)
    found = values(loads(NESTED), "eventually(at == 4)", forever=True)
    for members, value in {("a",): 0.3, ("a", "b"): 0.6, ("b",): 0.0, (): 0.0}.items():
        assert found[members].lower == pytest.approx(value, abs=1e-9)
        assert found[members].upper == pytest.approx(value, abs=1e-9)


def test_bounds_too_far_apart_give_no_verdict(monkeypatch):
    """Neither improvement nor enough sweeps: the bounds hold, and no verdict is drawn from them."""
    monkeypatch.setattr(reachability, "solve_stochastic_game", lambda *_: None)
    monkeypatch.setattr(reachability, "MOST_BOUND_ROUNDS", 4)
    found = power(loads(SLOW), "eventually(now == won)", forever=True, least=0.5)
    pair = found.coalitions[-1]
    assert pair.lower < 0.5 < 2 / 3 < pair.upper
    assert pair.undecided
    assert found.marked
    assert not found.minimal


def random_case(seed):
    """Three variables, moves with and without chance, tables, in any order."""
    draw = random.Random(seed)
    facts = ["p", "q", "r"]

    def literal():
        return draw.choice(["", "not "]) + draw.choice(facts)

    def change():
        return f"{{{draw.choice(facts)}: {draw.choice(['true', 'false'])}}}"

    moves = [
        f"  m{n}: {{by: {draw.choice('ab')}, when: {literal()}, "
        + (
            f"outcomes: [{{chance: {draw.choice([0.3, 0.5, 0.8])}, set: {change()}}}]}}"
            if draw.random() < 0.5
            else f"set: {change()}}}"
        )
        for n in range(5)
    ]
    return loads(
        "\n".join(
            [
                "ceasefire: 1",
                "horizon: 1500",
                "parties: {a: {}, b: {}}",
                "state: {p: {}, q: {}, r: {start: true}}",
                "moves:",
                *moves,
                "tables:",
                f"  t: {{seats: [a, b], deals: {{d: {{when: {literal()}, set: {change()}}}}}}}",
                "chance:",
                f"  e: {{when: {literal()}, outcomes: [{{chance: 0.4, set: {change()}}}]}}",
            ]
        )
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("goal", ["eventually(p and q)", "always(not p or q)", "lasting(p, 3)"])
def test_unbounded_bounds_contain_long_horizon_values(seed, goal):
    case = random_case(seed)
    ending, ever = values(case, goal), values(case, goal, forever=True)
    assert len(ending) > 1
    for members, bounded in ending.items():
        low, high = ever[members].lower, ever[members].upper
        assert low <= high + 1e-12
        assert high - low < 1e-6
        assert bounded.lower == pytest.approx(low, abs=1e-4), members


WRONG = [
    ("P(eventually(war))", {}, "not known|no formula|formula"),
    ("eventually(warr)", {}, "warr"),
    ("eventually(war)) + can([a], always(war)", {}, "no formula"),
    ("eventually(war), after=c.arm", {}, "not after choices"),
    ("at_end(war)", {"forever": True}, "never settles"),
    ("eventually(war)", {"forever": True, "within": 2}, "cannot both"),
    ("eventually(war)", {"within": 99}, "99"),
    ("eventually(war)", {"least": 1.5}, "least"),
]


@pytest.mark.parametrize(("goal", "options", "said"), WRONG)
def test_meaningless_goals_are_refused(goal, options, said):
    with pytest.raises(QuestionError, match=said):
        power(TALKS, goal, **options)


def test_goal_errors_point_at_the_column():
    with pytest.raises(QuestionError) as caught:
        power(TALKS, "eventually(warr)")
    assert caught.value.problems[0].column == 12

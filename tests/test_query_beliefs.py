"""Beliefs after what is seen, and deals that show types, small enough for paper."""

import math

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import ask
from ceasefire.equilibrium import solve
from ceasefire.game import build


def logistic(x):
    """Probability of an option worth x more than the only other, in units of 1 / precision."""
    return 1 / (1 + math.exp(-x))


def found(case, text, grid=None):
    """The answer to one question, whole."""
    return ask(case, text, certify=False, grid=grid).answers[0]


def best(case, text, grid=None):
    """The answer to one question."""
    return found(case, text, grid).best


# A party shows its type by what it does, and nobody acts on it.
# Half the time acting leads on to `late`, which costs the firm 1 and is done by mistake.
LATE = (logistic(-2.0), 0.5)
ALONE, SOFT, PRIOR, OBSERVER = logistic(2 * 0.7), logistic(2 * -0.4), 0.6, 0.3
FIRM = logistic(2 * (0.7 - 0.5 * LATE[0]))

SHOWN = loads(f"""
ceasefire: 1
horizon: 2
ending: nothing
parties:
  h: {{precision: 2, patience: 0, types: {{firm: {PRIOR}, soft: {1 - PRIOR}}},
       believed_by: {{b: {{firm: {OBSERVER}, soft: {1 - OBSERVER}}}}}}}
  b: {{}}
state: {{fort: {{}}, spare: {{values: 0..2, start: 0}}}}
payoffs: {{h: {{one: 0 * fort}}}}
moves:
  act: {{by: h, cost: "-0.7 if type == firm else 0.4",
        outcomes: [{{chance: 0.5, set: {{fort: true}}}}]}}
  late: {{by: h, when: fort, cost: "1 if type == firm else 0"}}
order: [{{h: [act, pass]}}, {{h: [late, pass]}}]
""")  # fmt: skip


def after(prior, *likelihoods):
    """Bayes: belief in the first type after choices of probability (firm, soft)."""
    odds = prior / (1 - prior)
    for firm, soft in likelihoods:
        odds *= firm / soft
    return odds / (1 + odds)


A, B = (FIRM, SOFT), (1 - FIRM, 1 - SOFT)
C, D = (ALONE, SOFT), (1 - ALONE, 1 - SOFT)  # where `late` does not exist, or is there anyway
ONLY = PRIOR * ALONE + (1 - PRIOR) * SOFT
MIX = PRIOR * FIRM + (1 - PRIOR) * SOFT

BELIEFS = [
    ("plays(h.act)", MIX),
    ("plays(h.act, types={h: soft})", SOFT),
    ("plays(h.pass)", 1 - MIX),
    ("plays(h.late, start={fort: true}, types={h: firm})", LATE[0]),
    ("P(eventually(happens(h.act)), within=1)", MIX),
    ("P(eventually(happens(h.act)), types={h: firm})", 1 - (1 - FIRM) ** 2),
    ("P(eventually(happens(h.act)))",
     1 - PRIOR * (1 - FIRM) ** 2 - (1 - PRIOR) * (1 - SOFT) ** 2),
    ("belief(h.firm)", PRIOR),
    ("belief(h.soft, by=b)", 1 - OBSERVER),
    ("belief(h.firm, after=h.act)", after(PRIOR, A)),
    ("belief(h.firm, after=h.pass)", after(PRIOR, B)),
    ("belief(h.soft, after=h.act, by=b)", 1 - after(OBSERVER, A)),
    ("belief(h.firm, after=[h.act, h.act], by=b)",
     0.5 * after(OBSERVER, A, A) + 0.5 * after(OBSERVER, A, C)),
    ("belief(h.firm, after=[h.act, h.pass])",
     0.5 * after(PRIOR, A) + 0.5 * after(PRIOR, A, (1 - LATE[0], 0.5))),
    ("belief(h.firm, after=h.late, start={fort: true})", after(PRIOR, LATE)),
    ("belief(h.firm, at=2)", PRIOR),
    ("belief(h.firm, at=0, by=b)", OBSERVER),
    ("belief(h.firm, at=1, types={h: firm}, without=h.late)",
     ALONE * after(PRIOR, C) + (1 - ALONE) * after(PRIOR, D)),
    ("belief(h.firm, at=1, provided=eventually(happens(h.act)), within=1, without=h.late)",
     after(PRIOR, C)),
    ("belief(h.firm, at=1, provided=eventually(happens(h.act)), without=h.late)",
     (lambda again: (ONLY * after(PRIOR, C) + (1 - ONLY) * again * after(PRIOR, D))
      / (ONLY + (1 - ONLY) * again))(after(PRIOR, D) * ALONE + (1 - after(PRIOR, D)) * SOFT)),
    ("P(at_end(believes(analyst, h.firm) > 0.6), within=1, without=h.late)", ONLY),
    ("P(at_end(believes(b, h.soft) < 0.7), within=1, without=h.late, types={h: firm})", ALONE),
    ("time(believes(b, h.firm) > 0.3, without=h.late)",
     (1 + PRIOR * (1 - ALONE) + (1 - PRIOR) * (1 - SOFT))),
    ("P(eventually(happens(h.act)) and always(believes(b, h.firm) >= 0), without=h.late)",
     1 - PRIOR * (1 - ALONE) ** 2 - (1 - PRIOR) * (1 - SOFT) ** 2),
    ("P(at_end(fort), provided=always(believes(b, h.firm) < 0.31), within=1, without=h.late)", 0.0),
    ("P(eventually(happens(h.act)), provided=at_end(believes(b, h.firm) > 0.3), within=1)", 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BELIEFS, ids=[text for text, _ in BELIEFS])
def test_beliefs_in_closed_form(text, expected):
    assert best(SHOWN, text, grid=65) == pytest.approx(expected, abs=2e-4)


def test_conditioning_on_an_action_never_offered_leaves_the_belief():
    answer = found(SHOWN, "belief(h.firm, after=h.late, without=h.act)", grid=17)
    assert answer.best == pytest.approx(PRIOR)
    assert "h.late is not offered" in answer.warnings[0]


def test_action_first_offered_in_a_later_period_updates_the_belief_then():
    # act takes effect with chance 0.5; only then can `late` follow, in the same period.
    text = "belief(h.firm, after=[h.act, h.late])"
    expected = 0.5 * after(PRIOR, A, LATE) + 0.5 * after(PRIOR, A)
    answer = found(SHOWN, text, grid=65)
    assert answer.best == pytest.approx(expected, abs=2e-4)
    assert "h.late is not offered from fort=false" in answer.warnings[0]


def test_belief_after_two_actions_averages_over_chance_between():
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {h: {precision: 2, patience: 0, types: {firm: 0.5, soft: 0.5}}}
state: {x: {}}
moves:
  act: {by: h, outcomes: [{chance: 0.2, set: {x: true}}]}
  show: {by: h, cost: "(-1 if x else 1) if type == firm else 0"}
order: [{h: [act, pass]}, {h: [show, pass]}]
""")
    ready, bare = logistic(2.0), logistic(-2.0)  # how likely the firm shows, with x and without
    acts = (logistic(2 * 0.2 * (ready + bare)), 0.5)
    expected = 0.2 * after(0.5, acts, (ready, 0.5)) + 0.8 * after(0.5, acts, (bare, 0.5))
    found = best(case, "belief(h.firm, after=[h.act, h.show])", grid=65)
    assert found == pytest.approx(expected, abs=1e-4)


def test_belief_waits_for_a_step_that_comes_later_in_the_period():
    text = """
ceasefire: 1
horizon: 3
ending: nothing
parties: {h: {precision: 2, patience: 0, types: {firm: 0.5, soft: 0.5}}}
state: {x: {}}
moves: {act: {by: h, during: [2, 2], cost: "-1 if type == firm else 0"}}
"""
    case = loads(text)
    firm, soft = logistic(2.0), 0.5
    expected = firm / (firm + soft)
    assert best(case, "belief(h.firm, after=h.act)") == pytest.approx(expected, abs=1e-6)
    assert best(case, "plays(h.act)") == 0.0


DEAL = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties:
  h: {precision: 2, types: {firm: 0.6, soft: 0.4}}
  g: {precision: 3, types: {kind: 0.5, cold: 0.5}}
  b: {}
state: {x: {}}
payoffs:
  h: {x: "x * (0.5 if type == firm else -0.5)"}
  g: {x: "x * (0.2 if type == kind else -0.8)"}
tables: {t: {seats: [h, g], deals: {d: {when: not x, set: {x: true}}}}}
""")  # fmt: skip


def test_a_signed_deal_shows_the_offer_and_every_yes():
    kind, cold = logistic(3 * 0.2), logistic(3 * -0.8)
    yes = (kind + cold) / 2
    firm, soft = logistic(2 * 0.5 * yes), logistic(2 * -0.5 * yes)
    assert best(DEAL, "plays(t.d)") == pytest.approx(0.6 * firm + 0.4 * soft, abs=1e-6)
    assert best(DEAL, "plays(t.d, types={h: soft})") == pytest.approx(soft, abs=1e-6)
    assert best(DEAL, "signs(g, t.d)") == pytest.approx(yes, abs=1e-6)
    assert best(DEAL, "signs(g, t.d, types={g: cold})") == pytest.approx(cold, abs=1e-6)
    expected = after(0.6, (firm, soft))
    assert best(DEAL, "belief(h.firm, after=t.d)") == pytest.approx(expected, abs=1e-6)
    assert best(DEAL, "belief(g.cold, after=t.d, by=b)") == pytest.approx(
        cold / (kind + cold), abs=1e-6
    )
    offered = 0.6 * firm + 0.4 * soft
    assert best(DEAL, "P(eventually(happens(t.d)))") == pytest.approx(offered * yes, abs=1e-6)
    assert best(DEAL, "value(g, type=kind)") == pytest.approx(offered * kind * 0.2, abs=1e-6)


def test_belief_after_a_deal_weighs_each_possible_proposer():
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {h: {precision: 2, types: {firm: 0.6, soft: 0.4}}, g: {precision: 3}}
state: {x: {}}
payoffs: {h: {x: "x * (0.9 if type == firm else -0.5)"}, g: {x: -0.4 * x}}
tables: {t: {seats: [h, g], proposes: any, deals: {d: {when: not x, set: {x: true}}}}}
""")
    yes, consent = logistic(3 * -0.4), (logistic(2 * 0.9), logistic(2 * -0.5))
    made = (logistic(2 * 0.9 * yes), logistic(2 * -0.5 * yes))  # h offers, g says yes
    by_h = (0.6 * made[0] + 0.4 * made[1]) * yes
    agreed = 0.6 * consent[0] + 0.4 * consent[1]
    by_g = logistic(3 * -0.4 * agreed) * agreed
    expected = by_h * after(0.6, made) + by_g * after(0.6, consent)
    text = "belief(h.firm, after=t.d)"
    assert best(case, text, grid=65) == pytest.approx(expected / (by_h + by_g), abs=1e-6)


def test_belief_after_ignores_steps_between_the_named_actions():
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {h: {precision: 2, types: {firm: 0.5, soft: 0.5}}}
state: {x: {}, z: {}}
moves:
  act: {by: h, set: {x: true}, cost: "-1 if type == firm else 0"}
  end: {by: h, when: x, cost: "(0.5 if type == firm else 0) + 9 * z"}
chance: {change: {set: {z: true}}}
order: [{h: [act, pass]}, change, {h: [end, pass]}]
""")
    # With z, as play would have it, `end` costs 9 more and soon shows nothing.
    first = (logistic(2 * (1 - 9.5 * logistic(-19))), logistic(2 * -9 * logistic(-18)))
    expected = after(0.5, first, (logistic(-1.0), 0.5))
    assert best(case, "belief(h.firm, after=[h.act, h.end])") == pytest.approx(expected, abs=1e-4)


def test_a_table_that_never_meets_offers_nothing():
    case = loads("""
ceasefire: 1
horizon: 1
unknowns: {often: {best: 0, range: [0, 1]}}
parties: {a: {}, b: {}}
state: {x: {}}
tables: {t: {seats: [a, b], meets: often, deals: {d: {}}}}
""")
    answer = found(case, "plays(t.d)")
    assert answer.best == 0.0
    assert "t.d is not offered" in answer.warnings[0]
    assert best(case, "plays(t.d, given={often: 0.1})") == pytest.approx(0.5)


def test_value_by_type_and_by_observer():
    firm = best(DEAL, "value(h, type=firm)")
    soft = best(DEAL, "value(h, type=soft)")
    assert best(DEAL, "value(h)") == pytest.approx(0.6 * firm + 0.4 * soft)
    equilibrium = solve(build(DEAL))
    assert equilibrium.value("h") == pytest.approx(best(DEAL, "value(h)"), abs=1e-12)
    assert equilibrium.value("h", "soft") == pytest.approx(soft, abs=1e-12)
    assert best(DEAL, "value(h, by=analyst)") == pytest.approx(0.6 * firm + 0.4 * soft)
    assert best(DEAL, "value(h, by=analyst, type=soft)") == pytest.approx(soft)
    kind, cold = logistic(3 * 0.2), logistic(3 * -0.8)
    chosen = logistic(2 * 0.5 * (kind + cold) / 2)
    text = "value(h, by=analyst, types={h: firm, g: cold})"
    assert best(DEAL, text) == pytest.approx(0.5 * chosen * cold, abs=1e-6)


def test_belief_after_an_underflowing_choice_is_unknown() -> None:
    """Where every type's chance is below the least number, no belief is made up from it."""
    text = """
ceasefire: 1
horizon: 1
parties:
  a: {precision: 500, types: {first: 0.4, second: 0.6}}
state: {n: {values: 0..1, start: 0}}
moves: {harm: {by: a, cost: "5 if type == first else 6"}}
"""
    (answer,) = ask(loads(text), "belief(a.first, after=a.harm)", certify=False).answers
    assert answer.best is None
    assert any("no type would choose a.harm" in warning for warning in answer.warnings)
    (answer,) = ask(
        loads(text), "belief(a.first, after=a.harm, sharper=0.001)", certify=False
    ).answers
    first, second = 0.4 * logistic(-2.5), 0.6 * logistic(-3.0)
    assert answer.best == pytest.approx(first / (first + second), abs=1e-6)

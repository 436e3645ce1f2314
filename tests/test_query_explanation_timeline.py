"""Explanations and timelines: parts that add up, and numbers that questions give too."""

import io
import math
import re

import pytest
from rich.console import Console

from ceasefire.case import dump, loads
from ceasefire.ensemble import ask, timeline_quantiles
from ceasefire.equilibrium import solve
from ceasefire.errors import QuestionError
from ceasefire.game import build
from ceasefire.query import explain, timeline
from ceasefire.render.charts_timeline import condition_timeline_chart
from ceasefire.render.tables_query import explanation_tables
from ceasefire.web.html_fragments import explanation_html
from support.truce_case import CASE, GRID, best_answers
from test_query_after_choices import BOUND, TIED_HANDS


@pytest.mark.parametrize("at", ["", "war=false", "war=false, force=2, oath=true"])
@pytest.mark.parametrize("party", ["north", "south"])
def test_explained_parts_add_up_to_the_value_and_give_the_odds(party, at):
    explained = explain(CASE, party, at, grid=GRID)
    assert explained.decisions
    for decision in explained.decisions:
        assert sum(choice.probability for choice in decision.choices) == pytest.approx(1.0)
        for choice in decision.choices:
            assert sum(choice.parts.values()) == pytest.approx(choice.value, abs=1e-12)
        first, last = decision.choices[0], decision.choices[-1]
        odds = math.log(first.probability) - math.log(last.probability)
        assert odds == pytest.approx(3.0 * (first.value - last.value), abs=5e-3)


def test_explained_values_average_to_the_game_value():
    alone = loads("""
ceasefire: 1
horizon: 3
parties: {a: {precision: 2, patience: 0.8}, b: {}}
state: {n: {values: 0..2, start: 0}}
payoffs: {a: {size: 0.3 * n, fee: -0.1}}
moves: {up: {by: a, when: n < 2, set: {n: n + 1}, cost: 0.2}}
order: [a]
""")
    (decision,) = explain(alone, "a").decisions
    mean = sum(choice.probability * choice.value for choice in decision.choices)
    assert mean == pytest.approx(ask(alone, "value(a)", certify=False).answers[0].best)


STRIKE = loads("""
ceasefire: 1
horizon: 6
parties:
  union: {name: The union, patience: 0.97, precision: 6}
  owner:
    name: The owner
    precision: 6
    types: {rich: 0.4, poor: 0.6}
    believed_by: {union: {rich: 0.7, poor: 0.3}}
  bank: {types: {patient: 0.5, hasty: 0.5}}
state: {strike: {start: true}, wage: {values: 0..2, start: 0}}
payoffs:
  union: {pay: 0.05 * wage, lost: -0.5 * strike, cost: -0.01 * wage}
  owner: {trade: -0.8 * strike, bill: "-(0.1 if type == rich else 0.4) * wage"}
  bank: {peace: "not strike if type == hasty else 0"}
moves:
  call_off: {by: union, when: strike, set: {strike: false}, cost: 4}
  picket: {by: union, cost: 0.05}
  press: {by: bank, when: strike, cost: "0.1 if type == hasty else 0.3"}
tables:
  talks:
    seats: [owner, union]
    when: strike
    deals:
      one: {set: {strike: false, wage: 1}}
      two: {set: {strike: false, wage: 2}}
order: [union, talks, bank]
""")


@pytest.mark.parametrize(("party", "types"), [("union", [None]), ("owner", ["rich", "poor"])])
def test_payoff_terms_now_and_later_add_up_to_the_value_of_the_solution(party, types):
    """Forwards term by term, the same as backwards in one: to nine digits, costs included."""
    first = {"union": "[union, talks, bank]", "owner": "[talks, bank, union]"}[party]
    case = loads(dump(STRIKE).replace("order: [union, talks, bank]", f"order: {first}"))
    assert f"order: {first}" in dump(case)
    for own in types:
        decision = next(d for d in explain(case, party, grid=9).decisions if d.type == own)
        assert {"union": "move", "owner": "offer"}[party] == decision.role
        found = set()
        for choice in decision.choices:
            later = dict(choice.later_terms)
            assert sum(later.values()) - choice.later_cost == pytest.approx(choice.later, abs=1e-12)
            found |= {name for name, amount in later.items() if abs(amount) > 0.01}
        assert found
        mean = sum(choice.probability * choice.value for choice in decision.choices)
        play = solve(build(case), grid=9)
        assert mean == pytest.approx(play.value(party, own), abs=1e-9)


def test_the_parts_named_make_up_the_difference():
    """What is said to be worth more is the sum of what is named, but for a tenth."""
    checked = 0
    for case, party in ((STRIKE, "union"), (STRIKE, "owner"), (CASE, "north"), (CASE, "south")):
        for decision in explain(case, party, grid=9).decisions:
            worth = re.search(r"it is worth (\S+) more, (mostly )?by ", decision.why)
            if worth:
                gain = decision.choices[0].value - decision.choices[1].value
                named = [float(x) for x in re.findall(r"\(([+-][0-9.]+)\)", decision.why)]
                digits = len(worth[1].split(".")[1])
                assert sum(named) == pytest.approx(gain, abs=0.1 * gain + 0.6 * 5 * 10.0**-digits)
                checked += 1
    assert checked > 8


def test_parts_that_are_not_named_are_said_together():
    case = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 2}}
state: {x: {}}
payoffs:
  a: {one: 0.1 * x, two: 0.1 * x, three: 0.1 * x, four: 0.1 * x, five: 0.07 * x, six: 0.08 * x}
moves: {act: {by: a, set: {x: true}}}
""")
    (decision,) = explain(case, "a").decisions
    assert decision.why == (
        "a would most likely act (0.75) rather than pass (0.25): it is worth 0.55 more, by 'one' "
        "this period (+0.10), 'two' this period (+0.10), 'three' this period (+0.10), 'four' this "
        "period (+0.10) and the rest (+0.15)."
    )


def test_an_offer_not_made_and_the_beliefs_used_are_said_in_words():
    explained = explain(STRIKE, "union", grid=9)
    move, *answers = explained.decisions
    assert [(b.party, b.type, b.probability) for b in move.beliefs] == [
        ("owner", "rich", pytest.approx(0.7)), ("bank", "patient", pytest.approx(0.5))
    ]  # fmt: skip
    assert move.why.startswith(
        "The union, believing The owner rich with probability 0.70 and bank patient with "
        "probability 0.50, would most likely"
    )
    after = {answer.deal: answer.beliefs[0].probability for answer in answers}
    assert after["talks.two"] > 0.7
    offers = [d for d in explain(STRIKE, "owner", grid=9).decisions if d.role == "offer"]
    assert [d.beliefs[0].party for d in offers] == ["bank", "bank"]
    assert any("make no offer at talks" in d.why for d in offers)
    assert not any("talks.pass" in d.why for d in offers)
    assert explain(STRIKE, "owner", grid=9).setting == (
        "where strike=true, wage=0; held to be rich with probability 0.70 by union, "
        "poor with probability 0.60 by bank"
    )


def test_tables_show_what_an_option_is_worth_this_period_and_later():
    """In the terminal and on the page: a row each, which add up to the value."""
    explained = explain(STRIKE, "union", grid=9)
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(explanation_tables(explained))
    text, page = console.export_text(), str(explanation_html(explained))
    for shown in (text, page):
        assert "this period" in shown
        assert "own cost" in shown
        assert "where strike=true, wage=0" in shown
        assert "later value" not in shown
    rows = [row.split() for row in text.splitlines() if " this period  " in row]
    later = [row.split() for row in text.splitlines() if row.strip().startswith("later  ")]
    assert len(rows) == len(later) == sum(len(d.choices) for d in explained.decisions)
    move = explained.decisions[0]
    shown = [float(number) for number in (*rows[0][-4:], *later[0][-4:])]
    assert sum(shown) == pytest.approx(move.choices[0].value, abs=0.02)


def test_a_payoff_term_may_be_called_cost():
    (move, *_) = explain(STRIKE, "union", "wage=2", grid=9).decisions
    paid = {"union.call_off": 4.0, "union.picket": 0.05, "union.pass": 0.0}
    for choice in move.choices:
        assert -0.02 <= choice.parts["cost"] < -0.01
        assert choice.parts["own cost"] == -paid[choice.option]
        assert sum(choice.parts.values()) == pytest.approx(choice.value, abs=1e-12)


NUMBER = """
ceasefire: 1
horizon: 2
parties: {a: {}}
state: {front: {values: 0..3, start: 1}}
conditions: {losses: 2 * front, far: front >= 2}
chance: {advance: {when: front < 3, outcomes: [{chance: 0.5, set: {front: front + 1}}]}}
"""


def test_a_condition_that_is_a_number_has_its_expected_value_and_a_panel_of_its_own():
    found = {(s.kind, s.name): s.values for s in timeline(loads(NUMBER)).series}
    assert found["number", "losses"] == pytest.approx((2, 3, 4))
    assert found["condition", "far"] == pytest.approx((0, 0.5, 0.75))
    assert ("condition", "losses") not in found
    case = loads(NUMBER)
    drawn = condition_timeline_chart(case, timeline_quantiles(case, worlds=0)).to_dict()
    titles = {
        layer["encoding"]["y"]["title"]: layer["encoding"]["y"]["scale"]
        for panel in drawn["vconcat"]
        for layer in panel["spec"]["layer"]
    }
    assert titles == {"probability": {"domain": [0, 1]}, "expected value": {"zero": True}}


def test_timeline_series_equal_the_answers_to_questions():
    found = {(s.kind, s.name, s.observer): s.values for s in timeline(CASE, grid=GRID).series}
    for n in range(5):
        strong, war, belief = best_answers(
            f"P(at_end(strong), within={n})",
            f"E(war, at={n})",
            f"belief(south.dove, by=east, at={n})",
        )
        assert found["condition", "strong", None][n] == pytest.approx(strong)
        assert found["state", "war", None][n] == pytest.approx(war)
        assert found["belief", "south.dove", "east"][n] == pytest.approx(belief)
    truce, build = best_answers(
        "P(eventually(happens(talks.truce)), within=1)",
        "P(eventually(happens(north.build)), within=1)",
    )
    assert found["event", "talks.truce", None][0] == pytest.approx(truce)
    assert found["event", "north.build", None][0] == pytest.approx(build)


def test_timeline_keeps_observers_beliefs_apart():
    case = loads("""
ceasefire: 1
horizon: 1
parties:
  h: {types: {firm: 0.3, soft: 0.7}, believed_by: {b: {firm: 0.8, soft: 0.2}}}
  b: {}
  c: {}
state: {x: {}}
moves: {act: {by: h, cost: "0.1 if type == firm else 0"}}
""")
    found = {(s.name, s.observer): s.values for s in timeline(case, grid=9).series}
    for observer, first in (("analyst", 0.3), ("b", 0.8), ("c", 0.3)):
        assert found["h.firm", observer][0] == pytest.approx(first)
        assert found["h.soft", observer][0] == pytest.approx(1 - first)
        (asked,) = ask(case, f"belief(h.firm, at=1, by={observer})", grid=9).answers
        assert found["h.firm", observer][1] == pytest.approx(asked.best)


def test_timeline_offers_split_into_signed_and_refused():
    found = {(s.kind, s.name, s.observer): s.values for s in timeline(CASE, grid=GRID).series}
    for n in range(4):
        made = sum(found["offer", "talks.truce", by][n] for by in ("north", "south"))
        refused = sum(found["refusal", "talks.truce", by][n] for by in ("north", "south"))
        assert made == pytest.approx(found["event", "talks.truce", None][n] + refused)


def test_series_stand_in_one_order_in_every_process():
    deals = ", ".join(f"d{n}: {{when: war, set: {{war: false}}}}" for n in range(6))
    case = loads(f"""
ceasefire: 1
horizon: 1
parties: {{north: {{}}, south: {{}}}}
state: {{war: {{start: true}}}}
tables: {{talks: {{seats: [north, south], deals: {{{deals}}}}}}}
""")
    for kind in ("offer", "refusal"):
        names = [(s.name, s.observer) for s in timeline(case).series if s.kind == kind]
        assert len(names) == 6
        assert names == sorted(names), kind


def test_explanation_after_choices_believes_what_they_show():
    """The decision is the one that `plays` asks about, and its parts add up to the same values."""
    text = "plays(rival.take, after=owner.warn)"
    found = explain(TIED_HANDS, "rival", after="owner.warn")
    (decision,) = found.decisions
    taking = next(choice for choice in decision.choices if choice.option == "rival.take")
    (answer,) = ask(TIED_HANDS, text, certify=False).answers
    assert taking.probability == pytest.approx(answer.best, abs=1e-12)
    (belief,) = decision.beliefs
    text = f"belief(owner.{belief.type}, by=rival, after=owner.warn)"
    (answer,) = ask(TIED_HANDS, text, certify=False).answers
    assert belief.probability == pytest.approx(answer.best)
    assert "where warned=true, taken=false, end=quiet, after owner.warn" in found.setting
    assert found.notes == ()


def test_explanation_goes_on_in_the_period_in_which_the_choices_leave_play():
    """In the last period nothing comes later; what is added is undone half the time, and costs."""
    found = explain(BOUND, "a", after="b.pass, b.late")
    adding = next(d for d in found.decisions if d.choices[0].option in ("a.add", "a.pass"))
    values = {choice.option: choice.value for choice in adding.choices}
    assert values["a.add"] - values["a.pass"] == pytest.approx(0.5 - 0.2)
    assert all(choice.later == 0.0 for choice in adding.choices)
    assert not explain(BOUND, "a", after="b.pass, b.late, b.late").decisions


def test_explanation_of_a_state_says_that_it_begins_with_the_prior():
    (said,) = explain(TIED_HANDS, "rival", "warned=true").notes
    assert said.startswith(
        "the state has warned in place as if nothing had been shown, though owner"
    )
    with pytest.raises(QuestionError, match=r"is no choice or outcome that can be seen"):
        explain(TIED_HANDS, "rival", after="owner.wave")


CALLED = loads("""
ceasefire: 1
horizon: 3
parties: {a: {name: Anna, precision: 1}, b: {name: Bert, precision: 1}, c: {name: Carla}}
state: {ready: {values: [nobody, first, second], start: nobody}, done: {}}
payoffs: {a: {gain: done}, b: {gain: -1 * done}}
chance:
  call:
    outcomes:
      - {name: one, chance: 0.2, set: {ready: first}}
      - {name: two, chance: 0.3, set: {ready: second}}
moves:
  a.act: {by: a, when: ready != nobody and not done, set: {done: true}}
  b.act: {by: b, when: ready == first and not done, set: {done: true}}
order: [call, a, b]
""")


def test_where_nothing_is_decided_at_the_start_the_likeliest_first_decision_is_explained():
    explained = explain(CALLED, "a")
    assert explained.first is not None
    assert (explained.first.state, explained.first.period) == ("ready=second", 0)
    assert explained.first.probability == pytest.approx(0.3)
    assert explained.opening == (
        "At the start Anna has nothing to decide. This is where it is likeliest to decide first: "
        "ready=second, in period 0, with probability 0.30."
    )
    there = explain(CALLED, "a", "ready=second")
    assert [d.why for d in explained.decisions] == [d.why for d in there.decisions]
    assert there.opening == ""
    # b is asked only if a has passed
    second = explain(CALLED, "b")
    assert second.first.state == "ready=first"
    passing = explain(CALLED, "a", "ready=first").decisions[0].choices
    likely = {choice.option: choice.probability for choice in passing}
    assert second.first.probability == pytest.approx(0.2 * likely["a.pass"])


def test_a_state_asked_for_is_kept_and_said_to_hold_no_decision():
    asked = explain(CALLED, "b", "ready=second")
    assert not asked.decisions
    (said,) = asked.sentences
    assert said == (
        "Bert has nothing to decide where ready=second, done=false. It is likeliest to decide "
        "first where ready=first."
    )
    (said,) = explain(CALLED, "c").sentences
    assert said == (
        "Carla has nothing to decide where ready=nobody, done=false, nor anywhere that play comes "
        "to from there."
    )


def test_how_likely_play_comes_to_an_answer_is_how_likely_the_deal_is_offered():
    offers = {s.name: s.values[0] for s in timeline(STRIKE, grid=9).series if s.kind == "offer"}
    answers = [d for d in explain(STRIKE, "union", grid=9).decisions if d.role == "answer"]
    assert {d.deal for d in answers} == {"talks.one", "talks.two"}
    for decision in answers:
        assert decision.reach == pytest.approx(offers[decision.deal], abs=1e-6)
    offered = [d for d in explain(STRIKE, "owner", grid=9).decisions if d.role == "offer"]
    assert offered[0].reach / offered[1].reach == pytest.approx(0.4 / 0.6)


def test_of_many_decisions_those_with_most_at_stake_are_shown_and_the_rest_named():
    many = loads("""
ceasefire: 1
horizon: 1
ending: nothing
parties: {a: {precision: 1}, b: {}}
state: {lit: {start: true}, x: {}}
payoffs: {a: {gain: 5 * x}}
moves: {dim: {by: a, when: lit, set: {lit: false}, cost: 0.1}}
tables:
  one: {seats: [b, a], deals: {small: {}, large: {set: {x: true}}, mere: {}, none: {}}}
order: [one, a]
""")
    explained = explain(many, "a")
    assert len(explained.decisions) == 5
    shown = explained.decisions_that_matter
    assert len(shown) == 3
    assert "one.large" in {decision.deal for decision in shown}

    def printed(**options: bool) -> str:
        console = Console(file=io.StringIO(), width=200)
        console.print(explanation_tables(explained, **options))
        return console.file.getvalue()

    assert "2 more decisions, with less at stake or less likely to come: its" in printed()
    assert "--all shows every decision" in printed()
    assert printed(every=True).count("option ") == 5
    assert "more decision" not in printed(every=True)
    page = explanation_html(explained)
    assert "<summary>2 more decisions, with less at stake or less likely to come</summary>" in page
    assert page.count("<table") == 5

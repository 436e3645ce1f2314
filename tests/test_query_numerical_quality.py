"""A test that numerics could turn round says so; one that they could not says nothing."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from ceasefire.case import loads
from ceasefire.ensemble import ask
from ceasefire.ensemble.run import EnsembleRun, numerical_check_settings
from ceasefire.equilibrium import solve
from ceasefire.evidence import posterior, update
from ceasefire.game import build
from ceasefire.query import plan_questions, read_question
from ceasefire.query.ast import Question
from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.plan import WorldResult
from ceasefire.query.state_distribution import GridEdgeErrorBound
from ceasefire.render.formatting import numerics_line
from ceasefire.settings import SolveSettings
from ceasefire.web.html_fragments import numerics_html

CASE = loads("""
ceasefire: 1
horizon: 3
parties: {north: {types: {calm: 0.5, rash: 0.5}}}
state: {war: {start: true}}
""")
GRID = "too close to call on this grid: ask again with a larger --grid"
ROUNDS = (
    "too close to call: beliefs are rounded near certainty, period after period; "
    "ask given `types=`, or look at fewer periods"
)
TAIL = "turns round with a longer tail: let play go on for longer"


def sheet(question: Question, *numbers: float | None) -> WorldResult:
    truth = None if None in numbers else numbers[0] > 0.5  # type: ignore[operator]
    if len(numbers) == 2:
        truth = numbers[0] - numbers[1] > 0.5
    readings = tuple(QuantityValue(number) for number in numbers)
    return WorldResult(
        (truth if question.is_test else numbers[0],), (readings,), ((),), 0.0, 0, 0, 9
    )


def doubts(
    question: Question,
    best: WorldResult,
    finer: WorldResult | None = None,
    longer: WorldResult | None = None,
) -> tuple[str, ...]:
    plan = plan_questions(CASE, [question])
    return EnsembleRun(plan, best, finer=finer, longer=longer).doubts(0)


def with_edge_errors(result: WorldResult, *errors: float) -> WorldResult:
    (values,) = result.quantity_values
    off = tuple(replace(v, edge_error=by) for v, by in zip(values, errors, strict=True))
    return replace(result, quantity_values=(off,))


@pytest.mark.parametrize(
    ("test", "best", "finer", "longer", "said"),
    [
        ("P(at_end(war)) > 0.5", 0.51, 0.511, 0.512, ()),
        ("P(at_end(war)) > 0.5", 0.51, 0.509, 0.51, ()),
        ("P(at_end(war)) > 0.5", 0.51, 0.508, 0.51, (GRID,)),
        ("P(at_end(war)) > 0.5", 0.51, 0.49, 0.51, (GRID,)),
        ("P(at_end(war)) > 0.5", 0.51, None, 0.51, (GRID,)),
        ("P(at_end(war)) > 0.5", 0.51, 0.51, 0.501, ()),
        ("P(at_end(war)) > 0.5", 0.51, 0.51, 0.499, (TAIL,)),
        ("P(at_end(war)) > 0.5", 0.51, 0.49, 0.49, (GRID, TAIL)),
        ("P(at_end(war)) > 0.5", 0.49, 0.495, 0.49, (GRID,)),
        ("P(at_end(war))", 0.51, 0.49, 0.49, ()),
    ],
)
def test_verdicts_that_grid_or_tail_may_reverse_are_doubted(test, best, finer, longer, said):
    question = read_question(CASE, test)
    refined = sheet(question, finer), sheet(question, longer)
    assert doubts(question, sheet(question, best), *refined) == said


LAST_MOVER = "turns round when play goes on for one period more: who moves last decides it"
ALTERNATING = """
ceasefire: 1
title: Two heirs take turns to divide an estate in twentieths
horizon: {horizon}
ending: {ending}
parties: {{a: {{patience: 0.98, precision: 1000}}, b: {{patience: 0.98, precision: 1000}}}}
state: {{share: {{values: 0..20, start: 0}}, over: {{}}, paid: {{}}, b_turn: {{start: true}}}}
payoffs:
  a: {{estate: share / 20 if over and not paid else 0}}
  b: {{estate: 1 - share / 20 if over and not paid else 0}}
tables:
  a_offers: {{seats: [a, b], when: not over and not b_turn, deals: {{{deals}}}}}
  b_offers: {{seats: [b, a], when: not over and b_turn, deals: {{{deals}}}}}
chance:
  next: {{when: not over, set: {{b_turn: not b_turn}}}}
  pay: {{when: over, set: {{paid: true}}}}
order: [pay, next, a_offers, b_offers]
"""


def alternating_text(horizon, ending="nothing"):
    deals = ", ".join(f"s{k}: {{set: {{share: {k}, over: true}}}}" for k in range(21))
    return ALTERNATING.format(horizon=horizon, ending=ending, deals=deals)


def alternating(horizon, ending="nothing"):
    return loads(alternating_text(horizon, ending))


@pytest.mark.parametrize(("horizon", "value"), [(60, 0.05), (61, 0.95)])
def test_a_last_mover_who_decides_is_seen_in_the_horizon_change(horizon, value):
    """A tail that grows by an even number of periods leaves the last offer with the same heir."""
    found = ask(alternating(horizon), "value(a)", "value(a) > 0.5")
    number, test = found.answers
    assert number.best == pytest.approx(value, abs=0.05)
    assert number.quantities[0].horizon_change > 0.7
    assert found.numerics.horizon_change > 0.7
    assert LAST_MOVER in test.warnings
    assert (TAIL in test.warnings) == (horizon % 2 == 1)


def test_update_asks_with_a_tail_that_is_longer_by_one_period():
    """Two of 22 periods are over; the horizon and what is left of it are both even."""
    claim = 'claims: {enough: {test: "value(a) > 0.5"}}'
    events = "events: [{period: 1, observed: {over: false}}]"
    found = update(loads(f"{alternating_text(22)}{claim}\n{events}\n"), worlds=0)
    assert found.periods_left == 20
    assert found.numerics.horizon_change > 0.3
    assert LAST_MOVER in found.claims[0].warnings


def test_a_finite_game_is_not_asked_with_a_longer_tail():
    found = ask(alternating(20, "final"), "value(a)", "value(a) > 0.5")
    number, test = found.answers
    assert number.best == ask(alternating(20), "value(a)", certify=False).answers[0].best
    assert number.quantities[0].horizon_change is None
    assert test.warnings == ()
    assert found.as_json()["numerics"]["horizon_change"] is None
    assert "the game is finite" in numerics_line(found.numerics, None).plain
    assert "horizon change" not in numerics_line(found.numerics, None).plain
    assert "the game is finite" in numerics_html(found.numerics)


def test_a_finite_game_has_one_way_to_be_asked():
    plan = plan_questions(alternating(5, "final"), ())
    assert list(numerical_check_settings(plan, check_precision=False)) == []
    one = plan_questions(alternating(1), ())
    assert list(numerical_check_settings(one, check_precision=False)) == ["with a longer tail"]


def test_a_grid_is_asked_again_once_finer_and_twice_coarser():
    plan = plan_questions(loads(patient(3, 0.5)), (), SolveSettings(33))
    asked = numerical_check_settings(plan, check_precision=False)
    assert {label: each.halvings for label, each in asked.items() if each.halvings} == {
        "with a finer grid": 1,
        "with a grid half as fine": -1,
        "with a grid a quarter as fine": -2,
    }


def test_without_repeated_runs_there_is_no_doubt():
    question = read_question(CASE, "P(at_end(war)) > 0.5")
    assert doubts(question, sheet(question, 0.500001)) == ()


PATIENT = """
ceasefire: 1
horizon: {horizon}
ending: nothing
parties: {{a: {{patience: 0, precision: 20, types: {{{types}}}}}, b: {{}}}}
state: {{w: {{}}}}
moves: {{go: {{by: a, when: not w, cost: "-1 if type == x else 2", set: {{w: true}}}}}}
"""


def patient(horizon, prior, order="xy"):
    types = {"x": f"x: {prior}", "y": f"y: 1 - {prior}"}
    return PATIENT.format(horizon=horizon, types=", ".join(types[name] for name in order))


@pytest.mark.parametrize("order", ["xy", "yx"])
@pytest.mark.parametrize(("horizon", "prior"), [(52, 0.00011), (300, 0.5), (30, 0.9)])
def test_rounding_near_certainty_is_bounded_and_reported(horizon, prior, order):
    """Only x goes, and at once; who is not seen to go is y, and yet keeps a little of x."""
    text, chance = patient(horizon, prior, order), "P(eventually(w))"
    found = ask(loads(text), chance).answers[0]
    (figure,) = found.quantities
    truth = sum(
        weight
        * ask(loads(text), f"{chance[:-1]}, types={{a: {kind}}})", certify=False).answers[0].best
        for kind, weight in (("x", prior), ("y", 1 - prior))
    )
    off = abs(found.best - truth)
    assert 1e-4 < off < figure.grid_change < 20 * off
    between = (found.best + truth) / 2
    (asked,) = ask(loads(text), f"{chance} > {between}").answers
    assert any(said.startswith("too close to call") for said in asked.warnings)
    (sure,) = ask(loads(text), f"{chance} > {truth / 2 if prior > 0.01 else -0.1}").answers
    assert sure.warnings == ()
    (known,) = ask(loads(text), f"{chance[:-1]}, types={{a: x}})").answers
    assert known.quantities[0].grid_change < 1e-9


WATCHED = """
ceasefire: 1
horizon: {horizon}
ending: nothing
parties: {{a: {{patience: 0, precision: 20, types: {{x: {prior}, y: 1 - {prior}}}}}, b: {{}}}}
state: {{w: {{}}, z: {{}}}}
payoffs: {{b: {{spoils: 1 * w}}}}
moves: {{go: {{by: a, when: not w, cost: "-1 if type == x else 2", set: {{w: true}}}}}}
chance: {{coin: {{when: not z, outcomes: [{{name: heads, chance: 0.02, set: {{z: true}}}}]}}}}
"""


@pytest.mark.parametrize(("horizon", "prior"), [(52, 0.00011), (300, 0.5), (30, 0.9)])
@pytest.mark.parametrize(
    "question",
    [
        "value(b)",
        "value(b, by=analyst)",
        "E(w)",
        "time(w)",
        "belief(a.x, at={last})",
        "P(eventually(w), provided=eventually(z))",
        "E(w, at={last}, provided=eventually(z))",
    ],
)
def test_every_quantity_that_weighs_types_has_its_rounding_bounded(question, horizon, prior):
    """Asked given each type nothing is rounded, so the truth is known."""
    case = loads(WATCHED.format(horizon=horizon, prior=prior))
    text = question.format(last=horizon - 1)

    def told(kind):
        given = f"{text[:-1]}, types={{a: {kind}}})"
        if text.startswith("value"):
            given = f"value(b, by=analyst, types={{a: {kind}}})"
        return ask(case, given, certify=False).answers[0].best

    found = ask(case, text).answers[0]
    (figure,) = found.quantities
    truth = prior * told("x") + (1 - prior) * told("y")
    off = abs(found.best - truth)
    assert 1e-4 * prior < off <= figure.grid_change
    (asked,) = ask(case, f"{text} > {(found.best + truth) / 2}").answers
    assert any(said.startswith("too close to call") for said in asked.warnings)


def test_rounding_is_bounded_for_questions_after_events():
    """Who did not go at once is y for certain, and y never goes."""
    text = patient(200, 0.5)
    claims = "claims: {c: {test: P(eventually(w)) > 0.001}}\n"
    story = "events: [{period: 0, observed: {w: false}}]\n"
    found = update(loads(text + claims + story), 0, workers=1)
    ((_, change),) = found.claims[0].quantities
    assert 1e-3 < change.best_by_version[0] < found.numerics.grid_change
    assert [said for said in found.claims[0].warnings if said.startswith("too close to call")]


def test_after_events_the_stated_change_is_no_less_than_what_the_ends_of_the_grid_give_back(
    monkeypatch,
):
    """Also where no refinement has moved any number."""
    answer = SimpleNamespace(quantity_values=[[SimpleNamespace(edge_error=0.25)]])
    finer = SimpleNamespace(prior_results=None, results_by_version=[answer])
    run = SimpleNamespace(with_finer_grid=finer, best=None, coarser=(), shifted=())
    monkeypatch.setattr(posterior, "_changes", lambda one, other: [0.0])
    assert posterior._grid_change(run) == 0.25


def test_nodes_further_apart_may_give_back_more():
    case = loads(patient(20, 0.5))
    (quantity,) = read_question(case, "P(eventually(w))").quantities
    for nodes in (9, 33):
        play = solve(build(case), grid=nodes)
        bound = GridEdgeErrorBound(play).bound(
            quantity, 1.0, 1.0, None, edge_mass=lambda observer, periods, patience: 1e-12
        )
        distance = float(play.belief_grid.spacing.max())
        assert bound == pytest.approx(2e-12 * math.exp(distance))


def test_rounding_is_bounded_on_a_grid_however_coarse():
    chance, text = "P(eventually(w))", patient(60, 0.5)
    for nodes in (3, 5, 9, 33):
        (found,) = ask(loads(text), chance, grid=nodes).answers
        assert 1e-4 < abs(found.best - 0.5) < found.quantities[0].grid_change


def test_rounding_alone_can_make_a_verdict_doubtful():
    question = read_question(CASE, "P(at_end(war)) - P(at_end(not war)) > 0.5")
    finer = with_edge_errors(sheet(question, 0.8, 0.2), 0.0, 0.2)
    assert doubts(question, sheet(question, 0.8, 0.2), finer) == (ROUNDS,)
    mild = with_edge_errors(finer, 0.09, 0.09)
    assert doubts(question, sheet(question, 0.8, 0.2), mild) == ()

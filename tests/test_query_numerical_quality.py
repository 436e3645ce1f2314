"""A test that numerics could turn round says so; one that they could not says nothing."""

from dataclasses import replace

import pytest

from ceasefire.case import loads
from ceasefire.evidence import update
from ceasefire.query import ask_at_best, read_question
from ceasefire.query.answers import RefinementChecks
from ceasefire.query.ast import Question
from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.plan import WorldResult

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
    checks = RefinementChecks(sheet(question, finer), sheet(question, longer))
    assert checks.doubts(question, sheet(question, best), 0) == said


def test_without_repeated_runs_there_is_no_doubt():
    question = read_question(CASE, "P(at_end(war)) > 0.5")
    assert RefinementChecks().doubts(question, sheet(question, 0.500001), 0) == ()


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
    found = ask_at_best(loads(text), chance).answers[0]
    (figure,) = found.quantities
    truth = sum(
        weight
        * ask_at_best(loads(text), f"{chance[:-1]}, types={{a: {kind}}})", certify=False)
        .answers[0]
        .best
        for kind, weight in (("x", prior), ("y", 1 - prior))
    )
    off = abs(found.best - truth)
    assert 1e-4 < off < figure.grid_change < 20 * off
    between = (found.best + truth) / 2
    (asked,) = ask_at_best(loads(text), f"{chance} > {between}").answers
    assert any(said.startswith("too close to call") for said in asked.warnings)
    (sure,) = ask_at_best(loads(text), f"{chance} > {truth / 2 if prior > 0.01 else -0.1}").answers
    assert sure.warnings == ()
    (known,) = ask_at_best(loads(text), f"{chance[:-1]}, types={{a: x}})").answers
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
        return ask_at_best(case, given, certify=False).answers[0].best

    found = ask_at_best(case, text).answers[0]
    (figure,) = found.quantities
    truth = prior * told("x") + (1 - prior) * told("y")
    off = abs(found.best - truth)
    assert 1e-4 * prior < off <= figure.grid_change
    (asked,) = ask_at_best(case, f"{text} > {(found.best + truth) / 2}").answers
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


def test_rounding_is_bounded_on_a_grid_however_coarse():
    chance, text = "P(eventually(w))", patient(60, 0.5)
    for nodes in (3, 5, 9, 33):
        (found,) = ask_at_best(loads(text), chance, grid=nodes).answers
        assert 1e-4 < abs(found.best - 0.5) < found.quantities[0].grid_change


def test_rounding_alone_can_make_a_verdict_doubtful():
    question = read_question(CASE, "P(at_end(war)) - P(at_end(not war)) > 0.5")
    finer = with_edge_errors(sheet(question, 0.8, 0.2), 0.0, 0.2)
    assert RefinementChecks(finer).doubts(question, sheet(question, 0.8, 0.2), 0) == (ROUNDS,)
    mild = with_edge_errors(finer, 0.09, 0.09)
    assert RefinementChecks(mild).doubts(question, sheet(question, 0.8, 0.2), 0) == ()

"""A test that numerics could turn round says so; one that they could not says nothing."""

from dataclasses import replace

import pytest

from ceasefire.ask import ask, read_question
from ceasefire.ask.certificate import Checks
from ceasefire.ask.prepare import Sheet
from ceasefire.ask.question import Question
from ceasefire.ask.reading import Reading
from ceasefire.case import loads

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


def sheet(question: Question, *numbers: float | None) -> Sheet:
    truth = None if None in numbers else numbers[0] > 0.5  # type: ignore[operator]
    if len(numbers) == 2:
        truth = numbers[0] - numbers[1] > 0.5
    readings = tuple(Reading(number) for number in numbers)
    return Sheet((truth if question.is_test else numbers[0],), (readings,), ((),), 0.0, 0, 0, 9)


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
def test_doubts(test, best, finer, longer, said):
    question = read_question(CASE, test)
    checks = Checks(sheet(question, finer), sheet(question, longer))
    assert checks.doubts(question, sheet(question, best), 0) == said


def test_what_was_not_asked_again_raises_no_doubt():
    question = read_question(CASE, "P(at_end(war)) > 0.5")
    assert Checks().doubts(question, sheet(question, 0.500001), 0) == ()


PATIENT = """
ceasefire: 1
horizon: {horizon}
ending: nothing
parties: {{a: {{patience: 0, precision: 20, types: {{x: {prior}, y: 1 - {prior}}}}}, b: {{}}}}
state: {{w: {{}}}}
moves: {{go: {{by: a, when: not w, cost: "-1 if type == x else 2", set: {{w: true}}}}}}
"""


@pytest.mark.parametrize(("horizon", "prior"), [(52, 0.00011), (300, 0.5), (30, 0.9)])
def test_rounding_near_certainty_is_bounded_and_told(horizon, prior):
    """Only x goes, and at once; who is not seen to go is y, and yet keeps a little of x."""
    text, chance = PATIENT.format(horizon=horizon, prior=prior), "P(eventually(w))"
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


def test_rounding_alone_is_a_doubt():
    question = read_question(CASE, "P(at_end(war)) - P(at_end(not war)) > 0.5")
    finer = replace(sheet(question, 0.8, 0.2), rounding=((0.0, 0.2),))
    assert Checks(finer).doubts(question, sheet(question, 0.8, 0.2), 0) == (ROUNDS,)
    mild = replace(finer, rounding=((0.09, 0.09),))
    assert Checks(mild).doubts(question, sheet(question, 0.8, 0.2), 0) == ()

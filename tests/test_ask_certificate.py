"""A test that numerics could turn round says so; one that they could not says nothing."""

import pytest

from ceasefire.ask import read_question
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
TAIL = "turns round with a longer tail: let play go on for longer"


def sheet(question: Question, *numbers: float | None) -> Sheet:
    truth = None if None in numbers else numbers[0] > 0.5  # type: ignore[operator]
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

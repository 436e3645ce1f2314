"""What is wrong with the claims of a case, and which of them no game can decide.

A test that has one answer for all values that its numbers can take says nothing of the conflict:
`P(eventually(peace)) > 0.9 or P(eventually(peace)) <= 0.9`.
"""

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import Final

from ceasefire.case import Case
from ceasefire.errors import Problem
from ceasefire.query.ast import (
    AnswerValue,
    Constant,
    LeastValueSearch,
    Operation,
    Quantity,
    Question,
    QuestionNode,
    evaluate_question,
)
from ceasefire.query.parser import read_each_claim

PROBABILITY_KINDS: Final = ("P", "plays", "signs", "belief", "can", "kept")
MOST_COMBINATIONS: Final = 4096
RANDOM_COMBINATIONS: Final = 1024
LARGE_NUMBER: Final = 1e6
NUDGE: Final = 1e-9


def lint_claims(case: Case) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """What forbids to test the claims of a case, and what is odd about them.

    case  the case

    Returns the problems of all tests, the same as `check` has, and a warning for each test that
    has the same answer whatever its numbers are; each at its place in the file.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... parties: {a: {}}
    ... state: {peace: {}}
    ... claims: {sure: {test: P(always(peace)) >= 0}, typo: {test: P(eventualy(peace)) > 0.5}}
    ... ''')
    >>> problems, warnings = lint_claims(case)
    >>> problems[0].help
    'did you mean eventually?'
    >>> warnings[0].message
    'is true whatever its numbers are'
    """
    questions, problems = read_each_claim(case)
    warnings: list[Problem] = []
    for name, question in questions.items():
        answer = answer_whatever_the_numbers(case, question)
        if answer is not None:
            word = "true" if answer else "false"
            advice = "no game can decide it: compare a quantity with a number that it may miss"
            warnings.append(
                case.claims[name].location.problem(
                    f"is {word} whatever its numbers are", found=question.text, help=advice
                )
            )
    return tuple(problems), tuple(warnings)


def answer_whatever_the_numbers(case: Case, question: Question) -> bool | None:
    """The only answer that a test can have, or None where its numbers decide.

    case      the case of the question
    question  a test; its quantities are taken to vary independently, each over all values that
              its kind allows, so that an answer found twice over is never a promise

    The ends of each quantity's range, the numbers written in the test and their neighbours are
    tried in every combination while these are few, and at random where they are many.
    """
    written = set(_numbers_written(question.expression))
    values = [_values_to_try(case, quantity, written) for quantity in question.quantities]
    answers: set[AnswerValue] = set()
    for numbers in _combinations(values):
        answers.add(evaluate_question(question.expression, numbers)[0])
        if len(answers) > 1:
            return None
    answer = answers.pop()
    return answer if isinstance(answer, bool) else None


def _values_to_try(case: Case, quantity: Quantity, written: set[float]) -> list[float]:
    """The ends of a quantity's range, the numbers written, and the neighbours of these."""
    if quantity.kind in PROBABILITY_KINDS:
        low, high = 0.0, 1.0
    elif quantity.kind == "time":
        low, high = 0.0, float(case.horizon if quantity.periods is None else quantity.periods)
    else:
        low, high = -LARGE_NUMBER, LARGE_NUMBER
    marks = {low, high, *written}
    near = {mark + nudge for mark in marks for nudge in (-NUDGE, 0.0, NUDGE)}
    return sorted(value for value in near if low <= value <= high)


def _numbers_written(node: QuestionNode) -> Iterator[float]:
    if isinstance(node, Constant):
        yield float(node.value)
    elif isinstance(node, Operation):
        for part in node.parts:
            yield from _numbers_written(part)
    elif isinstance(node, LeastValueSearch):
        for _, test in node.tests_by_value:
            yield from _numbers_written(test)


def _combinations(values: Sequence[Sequence[float]]) -> Iterator[tuple[float, ...]]:
    """Every combination while these are few; then as many at random, between the values too."""
    draws = random.Random(0)  # noqa: S311 - nothing here is a secret
    if math.prod(map(len, values)) <= MOST_COMBINATIONS:
        yield from itertools.product(*values)
    else:
        for _ in range(MOST_COMBINATIONS):
            yield tuple(draws.choice(each) for each in values)
    for _ in range(RANDOM_COMBINATIONS if values else 0):
        yield tuple(draws.uniform(each[0], each[-1]) for each in values)

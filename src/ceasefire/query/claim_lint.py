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
    ARITHMETIC_FUNCTIONS,
    COMPARISON_FUNCTIONS,
    AnswerValue,
    Constant,
    LeastValueSearch,
    Operation,
    Quantity,
    QuantityRef,
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

Bounds = tuple[float, float]


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
    tried in every combination while these are few, and at random where they are many. Where the
    test reckons with its quantities, another number may decide: then bounds must prove the answer.
    """
    written = set(_numbers_written(question.expression))
    ranges = [_range_of(case, quantity) for quantity in question.quantities]
    values = [_values_to_try(*ends, written) for ends in ranges]
    answers: set[AnswerValue] = set()
    for numbers in _combinations(values):
        answers.add(evaluate_question(question.expression, numbers)[0])
        if len(answers) > 1:
            return None
    answer = answers.pop()
    if not isinstance(answer, bool):
        return None
    if not _reckons(question.expression):
        return answer
    return answer if _truth_within(question.expression, ranges) is answer else None


def _range_of(case: Case, quantity: Quantity) -> Bounds:
    """The least and greatest value that a quantity of its kind can have."""
    if quantity.kind in PROBABILITY_KINDS:
        return 0.0, 1.0
    if quantity.kind == "time":
        return 0.0, float(case.horizon if quantity.periods is None else quantity.periods)
    return -math.inf, math.inf


def _values_to_try(low: float, high: float, written: set[float]) -> list[float]:
    """The ends of a range, the numbers written, and the neighbours of these."""
    low, high = max(low, -LARGE_NUMBER), min(high, LARGE_NUMBER)
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


def _reckons(node: QuestionNode) -> bool:
    """Whether a test does arithmetic with a quantity before it compares."""
    if isinstance(node, LeastValueSearch):
        return any(_reckons(test) for _, test in node.tests_by_value)
    if not isinstance(node, Operation):
        return False
    if node.operator in ARITHMETIC_FUNCTIONS and not all(
        isinstance(part, Constant) for part in node.parts
    ):
        return True
    return any(map(_reckons, node.parts))


def _truth_within(node: QuestionNode, ranges: Sequence[Bounds]) -> bool | None:
    """The answer of a test that bounds on its quantities prove, or None."""
    if isinstance(node, Operation) and node.operator in ("and", "or", "not", "if"):
        truths = [_truth_within(part, ranges) for part in node.parts]
        if node.operator == "not":
            return None if truths[0] is None else not truths[0]
        if node.operator == "if":
            within = truths[1:] if truths[0] is None else [truths[1 if truths[0] else 2]]
        else:
            deciding = node.operator == "or"
            within = [deciding] if deciding in truths else truths
        return within[0] if len(set(within)) == 1 else None
    if isinstance(node, Operation) and node.operator in COMPARISON_FUNCTIONS:
        (a, b), (c, d) = (_bounds(part, ranges) for part in node.parts)
        compare = COMPARISON_FUNCTIONS[node.operator]
        if node.operator in ("==", "!="):
            apart = b < c or d < a
            return compare(0, 1) if apart else compare(a, c) if a == b == c == d else None
        truths = [compare(a, d), compare(b, c)]
        return truths[0] if truths[0] is truths[1] else None
    low, high = _bounds(node, ranges)
    return True if low > 0 or high < 0 else False if low == high == 0 else None


def _bounds(node: QuestionNode, ranges: Sequence[Bounds]) -> Bounds:
    """The least and greatest value of a number in a test, or wider bounds that hold."""
    if isinstance(node, Constant):
        return float(node.value), float(node.value)
    if isinstance(node, QuantityRef):
        return ranges[node.index]
    if isinstance(node, LeastValueSearch) or node.operator not in ARITHMETIC_FUNCTIONS:
        return -math.inf, math.inf
    parts = [_bounds(part, ranges) for part in node.parts]
    may_vanish = node.operator == "/" and parts[1][0] <= 0.0 <= parts[1][1]
    if may_vanish or node.operator in ("**", "%"):
        return -math.inf, math.inf
    if node.operator == "abs" and parts[0][0] < 0.0 < parts[0][1]:
        return 0.0, max(-parts[0][0], parts[0][1])
    try:
        ends = [ARITHMETIC_FUNCTIONS[node.operator](*each) for each in itertools.product(*parts)]
    except (ArithmeticError, ValueError):
        return -math.inf, math.inf
    return (-math.inf, math.inf) if any(map(math.isnan, ends)) else (min(ends), max(ends))


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

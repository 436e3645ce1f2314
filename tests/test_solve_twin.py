"""The package against the slow twin: every quantity, formula and option, on random small cases."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from asked import questions
from ceasefire.ask import ask
from ceasefire.case import load, loads
from strategies import Small, signal_cases, small_cases
from twin import TooLargeError, Twin

SMALL = Path(__file__).parent / "cases_small"
EXACT, ON_GRID = 1e-9, 0.01
Drawn = tuple[Small, list[str]]


@st.composite
def with_questions(draw: st.DrawFn, cases: st.SearchStrategy[Small]) -> Drawn:
    """A case and what is asked of it."""
    small = draw(cases)
    return small, draw(questions(small))


def apart(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two answers disagree; None and infinity agree with themselves alone.

    >>> [apart(0.5, 0.5001, 0.01), apart(0.5, 0.52, 0.01), apart(None, 0.5, 0.01)]
    [False, True, True]
    >>> [apart(math.inf, math.inf, 0.01), apart(math.inf, 2.0, 0.01), apart(math.nan, 2.0, 0.01)]
    [False, True, True]
    """
    if one is None or other is None or math.isinf(one) or math.isinf(other):
        return bool(one != other)
    return not abs(one - other) <= tolerance * max(1.0, abs(other))


def disagreements(text: str, asked: list[str], tolerance: float, most: int) -> list[Any]:
    """Questions on which the two differ, with both answers.

    Raises TooLargeError for a case that takes the twin more than `most` decisions.
    """
    case = loads(text)
    slow = Twin(case, quick=tolerance > EXACT, most=most)
    expected = [slow.ask(question) for question in asked]
    answers = ask(case, *asked, certify=False)
    assert slow.unresolved == 0
    assert not answers.numerics.unresolved
    got = [answer.best for answer in answers.answers]
    rows = zip(asked, got, expected, strict=True)
    return [row for row in rows if apart(row[1], row[2], tolerance)]


def check(drawn: Drawn, tolerance: float, most: int) -> None:
    """Both agree on everything asked; cases too large for the twin are passed over."""
    small, asked = drawn
    try:
        found = disagreements(small.text, asked, tolerance, most)
    except TooLargeError:
        assume(False)
    assert not found, small.text


def random_cases(count: int) -> settings:
    """So many random cases, the same ones each time."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@random_cases(40)
@given(with_questions(small_cases(hidden=0, horizon=3)))
def test_without_types(drawn: Drawn) -> None:
    """Nothing is approximated: equal to rounding."""
    check(drawn, EXACT, 10**6)


@random_cases(8)
@given(with_questions(small_cases(hidden=1, horizon=2)))
def test_with_types(drawn: Drawn) -> None:
    """One party with types, over the whole format."""
    check(drawn, ON_GRID, 1000)


@random_cases(4)
@given(with_questions(small_cases(hidden=2, horizon=1)))
def test_with_two_parties_with_types(drawn: Drawn) -> None:
    """Two parties with types, observers with priors of their own."""
    check(drawn, ON_GRID, 1000)


@random_cases(15)
@given(with_questions(signal_cases()))
def test_where_signals_matter(drawn: Drawn) -> None:
    """Words, gestures and costly steps that somebody heeds."""
    check(drawn, ON_GRID, 4000)


REPUTATION = [
    "P(eventually(fight))",
    "value(ruler)",
    "value(ruler, type=soft)",
    "value(defender)",
    "value(defender, by=analyst)",
    "plays(defender.challenge)",
    "belief(ruler.firm, by=defender, after=[defender.challenge, ruler.resist])",
    "belief(ruler.firm, at=2, provided=eventually(happens(ruler.resist)))",
    "time(believes(defender, ruler.firm) > 0.6)",
    "P(eventually(lost == 2), types={ruler: soft})",
]
WORDS = [
    "belief(sender.left, after=sender.say_this, {})",
    "belief(sender.left, after=sender.say_that, {})",
    "belief(sender.left, after=sender.pass, {})",
    "value(sender, type=left, {})",
]
HAIRS = [
    "given={hair: 0.001}",
    "given={hair: -0.000001}",
    "given={hair: -0.1069, other_hair: -0.1081}, sharper=8",
    "given={hair: -0.0071, other_hair: -0.0508}, sharper=8",
    "given={hair: 0.003, other_hair: 0.0007}, sharper=4",
    "given={hair: 0.000028, other_hair: 0.000021}, sharper=2",
]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("reputation", REPUTATION),
        *(("three_messages", [text.format(hair) for text in WORDS]) for hair in HAIRS),
    ],
)
def test_cases_worth_keeping(name: str, asked: list[str]) -> None:
    """Reputation over two periods; three words almost free, where a path may slip."""
    text = (SMALL / f"{name}.yaml").read_text(encoding="utf-8")
    assert load(SMALL / f"{name}.yaml") == loads(text)
    assert not disagreements(text, asked, ON_GRID, 10**6)


def test_a_disagreement_is_seen() -> None:
    """A package that solved another game would be caught."""
    text = (SMALL / "reputation.yaml").read_text(encoding="utf-8")
    other = Twin(loads(text.replace("war: -0.9", "war: 0.9")))
    answers = ask(loads(text), *REPUTATION, certify=False).answers
    wrong = [a for a in answers if apart(a.best, other.ask(a.expr), ON_GRID)]
    assert len(wrong) >= 3

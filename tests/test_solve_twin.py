"""The package against the slow twin: every quantity, formula and option, on random small cases.

Without types both are equal to rounding; with types they differ by no more than the certificate of
the result says. Longer runs of the same are in `verification/campaign.py`.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from agreement import compare
from asked import with_questions
from ceasefire.case import load, loads
from drawing import Small
from signals import signal_cases
from strategies import small_cases
from twin import TooLargeError, Twin

SMALL, FOUND = (Path(__file__).parent / name for name in ("cases_small", "found"))
Drawn = tuple[Small, list[str]]


def check(drawn: Drawn, most: int, grid: int | None = None) -> None:
    """Both agree on everything asked; cases too large for the twin are passed over."""
    small, asked = drawn
    try:
        rows = compare(small.text, asked, most=most, grid=grid)
    except TooLargeError:
        assume(False)
    assert rows, small.text
    assert not [row for row in rows if not row.agree], small.text


def random_cases(count: int) -> settings:
    """So many random cases, the same ones each time."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@random_cases(25)
@given(with_questions(small_cases(hidden=0, horizon=3)))
def test_without_types(drawn: Drawn) -> None:
    """Nothing is approximated: equal to rounding."""
    check(drawn, 10**6)


@random_cases(10)
@given(with_questions(small_cases(hidden=1, horizon=2), most=8))
def test_with_types(drawn: Drawn) -> None:
    """One party with types over two periods and a tail, over the whole format."""
    check(drawn, 600, 33)


@random_cases(6)
@given(with_questions(small_cases(hidden=2, horizon=2), most=6))
def test_with_two_parties_with_types(drawn: Drawn) -> None:
    """Two parties with types, observers with priors of their own."""
    check(drawn, 500, 17)


@random_cases(12)
@given(with_questions(signal_cases(), most=8))
def test_where_signals_matter(drawn: Drawn) -> None:
    """Words, gestures and costly steps that somebody heeds."""
    check(drawn, 2000, 65)


@random_cases(5)
@given(with_questions(signal_cases(hidden=1, horizon=2), most=4))
def test_where_signals_build_a_reputation(drawn: Drawn) -> None:
    """The same over two periods."""
    check(drawn, 1500, 33)


@random_cases(4)
@given(with_questions(signal_cases(hidden=2), most=3))
def test_where_two_parties_signal_to_each_other(drawn: Drawn) -> None:
    """Each shows something and reads the other before it acts."""
    check(drawn, 1200, 17)


WORTH_KEEPING = {
    "costly_word": ["value(alva, type=firm)", "E(n)", "P(always(not fight))"],
    "sure_belief": ["belief(alva.firm, by=bran, at=1, provided=always(n < 5))"],
}


@pytest.mark.parametrize("name", WORTH_KEEPING)
@pytest.mark.parametrize("grid", [None, 33, 9])
def test_what_a_certificate_once_understated(name: str, grid: int | None) -> None:
    """A reading between nodes, halved, is still half as wrong; and a record ends where it ends."""
    text = (FOUND / f"{name}.yaml").read_text(encoding="utf-8")
    for row in compare(text, WORTH_KEEPING[name], grid=grid):
        assert row.agree, row


def test_every_found_case_is_asked() -> None:
    """A case nobody asks anything proves nothing."""
    assert {path.stem for path in FOUND.glob("*.yaml")} == set(WORTH_KEEPING)


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
    assert [row for row in compare(text, asked) if not row.agree] == []


def test_a_disagreement_is_seen() -> None:
    """A package that solved another game would be caught."""
    text = (SMALL / "reputation.yaml").read_text(encoding="utf-8")
    other = Twin(loads(text.replace("war: -0.9", "war: 0.9")))
    rows = compare(text, REPUTATION)
    assert all(row.agree for row in rows)
    wrong = [row for row in rows if abs(row.got - other.ask(row.question)) > 0.01]
    assert len(wrong) >= 3
    assert not any(row._replace(miss=0.01).agree for row in rows)

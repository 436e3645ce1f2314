"""The first line of a check: right in its figures and in its grammar, whatever came out."""

import itertools
import re

import pytest

from ceasefire.argument import (
    ClaimStanding,
    ShareAmong,
    conclusion_figures,
    headline,
    headline_paragraphs,
    verdict_in_short,
)


def standing(name, true, worlds=64, *, because=(), best=True, says=None, figures=None, test=True):
    """A claim that is true in so many worlds; in none that are known if None."""
    share = None if true is None else ShareAmong(true / worlds if worlds else None, worlds)
    return ClaimStanding(name, says, because, best, share, figures, by_premises=not test)


def argument(both, granted, alone, neither=0, *, best=True, says="Peace lasts.", premises=None):
    """A thesis with one premise: worlds with both, the premise, the thesis alone, and neither."""
    p = [True] * (both + granted) + [False] * (alone + neither)
    c = [True] * both + [False] * granted + [True] * alone + [False] * neither
    named = premises or {"force": p}
    figures = conclusion_figures(c, named)
    conclusion = standing(
        "peace", both + alone, len(c), because=tuple(named), best=best, says=says, figures=figures
    )
    others = [standing(name, sum(map(bool, worlds)), len(c)) for name, worlds in named.items()]
    return [conclusion, *others]


SOUND = """The thesis mostly holds: “Peace lasts” is true in 94 % of 64 worlds (95 % interval
85 to 98 %). The argument is sound here: its premise is true in 94 % of 64 worlds, and the thesis
is true in all of these. Its premise is force, true in 94 % of worlds."""
GRANTED = """The thesis is open: “Peace lasts” is true in 38 % of 64 worlds (95 % interval
27 to 50 %). It follows if its premise is granted: its premise is true in 25 % of 64 worlds, and
the thesis is true in all of these. The argument breaks first at force, true in 25 % of worlds."""
LEANS = """The thesis is open: “Peace lasts” is true in 50 % of 64 worlds (95 % interval
38 to 62 %). It leans on its premise: the thesis is true in 75 % of the worlds in which its premise
is true and in 8 % of the others. Its premise is force, true in 62 % of worlds."""
FAILS = """The thesis mostly fails: “Peace lasts” is true in 31 % of 64 worlds (95 % interval
21 to 43 %). It does not follow from its premise: the thesis is true in 20 % of the worlds in which
its premise is true and in 50 % of the others. Its premise is force, true in 62 % of
worlds."""
ANYWAY = """The thesis holds: “Peace lasts” is true in all 64 worlds. It does not need its premise:
the thesis is true in all of the worlds in which its premise is true and in all of the others."""
FEW = """The thesis does not hold: “Peace lasts” is true in 1 of 64 worlds (95 % interval
0 to 8 %), though it is true at the best estimates. Its premise is true in 1 of 64 worlds, too few
to tell whether it follows. The argument breaks first at force, true in 2 % of worlds."""
NONE = """The thesis does not hold: “Peace lasts” is true in none of 64 worlds. Its premise is true
in none of 64 worlds, so that it cannot be told whether it follows. The argument breaks first at
force, true in no world."""
MOSTLY = """The thesis mostly holds: “Peace lasts” is true in 75 % of 64 worlds (95 % interval
63 to 84 %). It mostly follows from its premise: the thesis is true in 75 % of the worlds in which
its premise is true; how much it owes to it cannot be told."""


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (argument(60, 0, 0, 4), SOUND),
        (argument(16, 0, 8, 40), GRANTED),
        (argument(30, 10, 2, 22), LEANS),
        (argument(8, 32, 12, 12, best=False), FAILS),
        (argument(32, 0, 32), ANYWAY),
        (argument(1, 0, 0, 63), FEW),
        (argument(0, 0, 0, 64, best=False), NONE),
        (argument(48, 16, 0), MOSTLY),
    ],
    ids=["sound", "granted", "leans", "fails", "anyway", "few", "none", "mostly"],
)
def test_headline_of_each_reading(claims, expected) -> None:
    assert headline(claims) == " ".join(expected.split())


def test_premises_are_counted_in_the_plural_of_two_and_of_more() -> None:
    three = {name: [True] * 9 + [False] * 55 for name in ("one", "two", "three")}
    found = headline(argument(9, 0, 0, 55, premises=three))
    assert "It follows if its premises are granted: its 3 premises are all true in 14 % of" in found
    two = {name: [True] * 9 + [False] * 55 for name in ("one", "two")}
    assert "granted: both its premises are true" in headline(argument(9, 0, 0, 55, premises=two))


def test_thesis_without_a_test_of_its_own_says_so() -> None:
    figures = conclusion_figures([True, False] * 8, {"force": [True, False] * 8})
    thesis = standing("peace", 8, 16, because=("force",), figures=figures, test=False)
    assert headline([thesis, standing("force", 8, 16)]) == (
        "The thesis is open: peace is true in 50 % of 16 worlds (95 % interval 28 to 72 %). "
        "It has no test of its own: it is true where its premise is true. "
        "The argument breaks first at force, true in 50 % of worlds."
    )


def test_premise_that_carries_nothing_is_named() -> None:
    idle = {"force": [True] * 40 + [False] * 24, "words": [True] * 20 + [False] * 20 + [True] * 24}
    claims = argument(40, 0, 0, 24, premises=idle)
    assert headline(claims).endswith("It would stand without words.")


def test_second_thesis_takes_one_sentence() -> None:
    one, force = argument(60, 0, 0, 4)
    figures = conclusion_figures([False] * 64, {"force": [True] * 60 + [False] * 4})
    other = standing(
        "time", 0, because=("force",), says="All play for time", best=False, figures=figures
    )
    first, second = headline_paragraphs([one, other, force])
    assert first.startswith("The first thesis mostly holds: “Peace lasts” is true in 94 % of ")
    assert second == (
        "The second thesis does not hold: “All play for time” is true in none of 64 worlds."
    )


def test_headline_without_worlds_is_of_the_best_estimates() -> None:
    peace = standing("peace", None, because=("force", "money"), says="Peace lasts.", best=False)
    force, money = standing("force", None), standing("money", None, best=False)
    assert headline([peace, force, money]) == (
        "At the best estimates the thesis is false: “Peace lasts”. "
        "Of its 2 premises money is not true there."
    )
    assert headline([peace, force, standing("money", None)]).endswith(
        "Both its premises are true there."
    )
    many = [standing("a", None, because=tuple("bcdef"), best=None)]
    many += [standing(name, None, best=False) for name in "bcdef"]
    assert headline(many) == (
        "At the best estimates the thesis has no answer: a. "
        "Of its 5 premises b, c, d and 2 more are not true there."
    )
    assert headline([force, money]) == "At the best estimates 1 of 2 claims is true."
    assert headline([force]) == f"At the best estimates the claim is true: {force.quoted}."


def test_headline_without_an_argument_counts_claims() -> None:
    claims = [
        standing("a", 64), standing("b", 50), standing("c", 32), standing("d", 1),
        standing("e", 0, 0),
    ]  # fmt: skip
    assert headline(claims) == (
        "Of 5 claims 2 are true in most worlds, 1 is false in most, 1 is open and 1 is without an "
        "answer. The best estimates say otherwise than most worlds of d."
    )
    assert headline([standing("a", 64), standing("b", 60)]) == (
        "Of 2 claims 2 are true in most worlds."
    )
    assert headline([standing("a", 32), standing("b", 1, best=False)]) == (
        "Of 2 claims 1 is false in most worlds and 1 is open."
    )
    assert headline([standing("a", 0, 0)]) == "a has no answer in any world."
    assert headline([]) == ""


def test_headline_is_well_formed_whatever_came_out() -> None:
    """No doubled word or mark, no number with a tail, every sentence with its capital and stop."""
    for numbers in itertools.product((0, 1, 9, 40), repeat=4):
        if not sum(numbers):
            continue
        for says, best in itertools.product(("Is it so?", None), (True, False, None)):
            text = headline(argument(*numbers, says=says, best=best))
            assert not re.search(r"\b(\w+) \1\b|  |\.\.|,,|None|nan|e-\d|\d\.\d", text), text
            assert text.endswith("."), text


@pytest.mark.parametrize(
    ("true", "expected"),
    [
        ((64,), "The argument holds."),
        ((50,), "The argument mostly holds."),
        ((30,), "The argument is open."),
        ((12,), "The argument mostly fails."),
        ((0,), "The argument does not hold."),
        ((64, 64), "The argument holds."),
        ((64, 0), "The argument holds in part."),
        ((0, 3), "The argument does not hold."),
        ((0, 30), "The argument is open."),
    ],
)
def test_the_verdict_in_short_is_that_of_the_theses(true, expected):
    theses = [standing(f"t{n}", one, because=("force",)) for n, one in enumerate(true)]
    assert verdict_in_short([*theses, standing("force", 10)]) == expected


@pytest.mark.parametrize(
    ("best", "expected"),
    [
        ((True,), "The claim holds at the best estimates."),
        ((False,), "The claim does not hold at the best estimates."),
        ((None,), "The claim has no answer at the best estimates."),
        ((True, False, None), "1 of 3 claims hold at the best estimates."),
        ((), "The case makes no claim yet."),
    ],
)
def test_the_verdict_in_short_counts_claims_where_none_argues(best, expected):
    claims = [standing(f"c{n}", None, best=one) for n, one in enumerate(best)]
    assert verdict_in_short(claims) == expected

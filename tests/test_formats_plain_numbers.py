"""Numbers as people write them: read as meant, or refused with a way to write them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.errors import CaseError
from ceasefire.formats.plain_numbers import Estimate, read_estimate, read_plain_number


@pytest.mark.parametrize(
    ("text", "best", "low", "high"),
    [
        ("50 %", 0.5, None, None),
        ("50 per cent", 0.5, None, None),
        ("0,6", 0.6, None, None),
        (".6", 0.6, None, None),
        ("−3", -3, None, None),
        ("about 0.3 to 0.9", None, 0.3, 0.9),
        ("between 0,3 and 0,9", None, 0.3, 0.9),
        ("30–70 %", None, 0.3, 0.7),
        ("-0.5 to -0.1", None, -0.5, -0.1),
        ("0.6, 0.3 to 0.9", 0.6, 0.3, 0.9),
        ("0.6, between 0.3 and 0.9", 0.6, 0.3, 0.9),
        ("60 % (30 to 90 %)", 0.6, 0.3, 0.9),
        ("0,6; 0,3 to 0,9", 0.6, 0.3, 0.9),
        ("0.6 ± 0.2", 0.6, 0.4, 0.8),
        ("one in five", 0.2, None, None),
        ("about half", 0.5, None, None),
        ("30 000", 30000, None, None),
        ("1.000.000,5", 1000000.5, None, None),
        ("1,000,000.5", 1000000.5, None, None),
        ("0,125", 0.125, None, None),
    ],
)
def test_numbers_are_read_as_meant(text, best, low, high):
    assert read_estimate(text) == Estimate(best, low, high)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("30,000", "two ways"),
        ("10 to 1,000", "two ways"),
        ("", "no number"),
        ("a lot", "no number"),
        ("at least 3", "no number"),
        ("5 6", "not one number"),
        ("0.9 to 0.3", "lower end"),
        ("2 (0 to 1)", "outside"),
        ("30 % to 70", "per cent"),
        ("60 % ± 10", "per cent"),
        ("1/0", "nothing"),
        ("1e400", "too large"),
        ("1.2.3", "no number"),
        ("2 to 3 to 4", "no number"),
    ],
)
def test_what_could_be_misread_is_refused(text, said):
    with pytest.raises(CaseError, match=said) as caught:
        read_estimate(text, "unknowns.cost")
    assert caught.value.problems[0].path == "unknowns.cost"
    assert caught.value.problems[0].help or said == "nothing"


def test_a_range_is_no_single_number():
    with pytest.raises(CaseError, match="one number is asked for"):
        read_plain_number("0.3 to 0.9")


NUMBERS = st.integers(-(10**6), 10**6).map(lambda n: n / 1000)


@given(NUMBERS)
def test_point_and_comma_mean_the_same_where_either_is_clear(value):
    text = repr(value)
    assert read_plain_number(text) == value
    decimals = text.split(".")[1]
    if len(decimals) != 3 or text.lstrip("-").startswith("0."):
        assert read_plain_number(text.replace(".", ",")) == value


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted))
def test_an_estimate_that_is_written_is_the_one_that_is_read(ends):
    low, best, high = ends
    if low < high:
        assert read_estimate(f"{best} ({low} to {high})") == Estimate(best, low, high)
        assert read_estimate(f"about {low} to {high}") == Estimate(None, low, high)


@given(st.text(max_size=30))
def test_no_text_is_taken_for_what_it_is_not(text):
    with suppress(CaseError):
        estimate = read_estimate(text)
        assert (estimate.best is not None) or (estimate.low is not None)

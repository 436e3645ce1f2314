"""One value of a case is changed in its text; comments and everything else survive."""
# ruff: noqa: E501

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.case import load
from ceasefire.errors import CaseError
from ceasefire.formats.case_text import case_data, with_value, without_value

CASES = Path(__file__).parents[1] / "cases"
FILES = sorted([*CASES.glob("*.yaml"), *CASES.glob("models/*.yaml")])
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
SMALL = sorted(name for name, text in TEXTS.items() if len(text) < 7000)

WORDS = st.one_of(
    st.booleans(),
    st.integers(-99, 10**6),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20),
    st.sampled_from(
        ["no", "a: b", "x # y", "min(a, 4)", "- a", "1e3", "'", '"', "0..3", " a ", "*"]
    ),
)
VALUES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


def paths(data: Any, start: tuple = ()) -> list[tuple]:
    """Every path that leads to something."""
    inside = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    found = [(*start, key) for key, _ in inside]
    return found + [p for key, value in inside for p in paths(value, (*start, key))]


def at(data: Any, path: tuple) -> Any:
    for step in path:
        data = data[step]
    return data


def lines_lost(before: str, after: str) -> list[str]:
    marked = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in marked if line.startswith("- ")]


def comments(text: str) -> list[str]:
    """What stands behind a # that begins a comment."""
    return [line.split(" # ", 1)[-1] for line in text.splitlines() if "# " in line]


@given(st.sampled_from(SMALL), st.data(), VALUES)
@settings(max_examples=40, deadline=None)
def test_a_changed_value_leaves_every_other_line_as_it_is(name, data, value):
    text = TEXTS[name]
    before = case_data(text)
    path = data.draw(
        st.sampled_from([p for p in paths(before) if not isinstance(at(before, p), dict | list)])
    )
    changed = with_value(text, path, value)
    assert at(case_data(changed), path) == value
    span = str(at(before, path)).count("\n") + 1
    lost = lines_lost(text, changed)
    folded = any(line.rstrip().endswith((">", ">-", "|", "|-")) for line in lost)
    assert folded or len(lost) <= span  # folded: as many lines as it has


@given(st.sampled_from(SMALL), st.data(), VALUES)
@settings(max_examples=40, deadline=None)
def test_a_new_key_takes_no_line_away_but_the_one_it_joins(name, data, value):
    text = TEXTS[name]
    before = case_data(text)
    holders = [()] + [p for p in paths(before) if isinstance(at(before, p), dict)]
    path = (*data.draw(st.sampled_from(holders)), "new_key")
    changed = with_value(text, path, value)
    assert at(case_data(changed), path) == value
    assert len(lines_lost(text, changed)) <= 1
    assert without_value(changed, path).split() == text.split()


@given(st.sampled_from(SMALL), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_taken_out_takes_no_comment_of_others_along(name, data):
    text = TEXTS[name]
    before = case_data(text)
    path = data.draw(st.sampled_from(paths(before)))
    changed = without_value(text, path)
    after = case_data(changed)
    assert len(at(after, path[:-1])) == len(at(before, path[:-1])) - 1
    assert isinstance(path[-1], int) or path[-1] not in at(after, path[:-1])
    own = len(str(at(before, path)))
    assert len(changed) >= len(text) - 3 * own - 400
    above = text[: text.find(f"\n{path[0]}:") + 1]
    assert changed.startswith(above.rstrip("\n")) or path[0] not in text.splitlines()[0]


COMMENTED = """\
# first
title: A war   # the title

# --- numbers
unknowns:
  cost: {best: 0.6,  range: [0.3, 0.9]}   # what it costs
  # a pace
  pace:
    best: 0.1     # slow
    about: >-
      Two lines
      of text.

    # that was all
parties:
- one   # a list
- two
last: "x"
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("unknowns", "cost", "best"), 0.5, "  cost: {best: 0.5,  range: [0.3, 0.9]}   # what it costs"),
        (("unknowns", "cost", "range"), [0.1, 0.9], "  cost: {best: 0.6,  range: [0.1, 0.9]}   # what it costs"),
        (("unknowns", "pace", "best"), 2, "    best: 2     # slow"),
        (("unknowns", "pace", "unit"), "per day", "    unit: per day"),
        (("unknowns", "pace", "about"), "short", "    about: short"),
        (("parties", 1), "three", "- three"),
        (("parties", 2), "four", "- four"),
        (("last",), "a: b", 'last: "a: b"'),
        (("tables", "talks"), {"seats": ["a", "b"]}, "  talks: {seats: [a, b]}"),
    ],
)  # fmt: skip
def test_values_are_written_where_they_belong(path, value, line):
    changed = with_value(COMMENTED, path, value)
    assert line in changed.splitlines()
    assert comments(changed) == comments(COMMENTED)


def test_a_change_that_would_break_another_value_is_written_anew():
    text = "a: &x 1  # one\nb: *x  # the same\n"
    changed = with_value(text, ("a",), 5)
    assert case_data(changed) == {"a": 5, "b": 1}
    assert {"one", "the same"} <= set(comments(changed))


def test_what_cannot_be_changed_is_refused_with_a_way_out():
    for text, path in (
        ("a: [", ("a",)),
        ("a: 1", ("a", "b")),
        ("- a", ("a",)),
        ("a: [1]", ("a", 3)),
    ):
        with pytest.raises(CaseError):
            with_value(text, path, 1)
    with pytest.raises(CaseError, match="nothing to take out"):
        without_value("a: 1", ("b",))


def test_a_changed_case_is_read_as_changed(tmp_path):
    text = TEXTS["ukraine-2025"]
    file = tmp_path / "case.yaml"
    file.write_text(with_value(text, ("parties", "russia", "name"), "Moscow: the Kremlin"))
    assert load(str(file)).parties["russia"].name == "Moscow: the Kremlin"

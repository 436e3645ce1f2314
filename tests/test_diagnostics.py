"""The one collector of problems: their order, those reported twice, and a limit on their number."""

import pytest

from ceasefire.diagnostics import Diagnostics, TextLocation
from ceasefire.errors import CaseError

Place = tuple[str, int]


def collector(most: int = 300, root: Place | None = None) -> Diagnostics[Place]:
    """A collector for places in `main.yaml`, which extends `base.yaml`."""
    return Diagnostics(
        CaseError,
        lambda place: TextLocation.on_line(*place),
        describe=lambda place: f"line {place[1]}",
        files=["main.yaml", "base.yaml"],
        most=most,
        root=root,
    )


def raised(diagnostics: Diagnostics[Place]) -> list[str]:
    """What is raised, as it is printed."""
    with pytest.raises(CaseError) as error:
        diagnostics.raise_any()
    return str(error.value).split("\n")


def test_problems_come_by_file_and_line_and_each_once():
    diagnostics = collector()
    for place in (("other.yaml", 1), ("base.yaml", 2), ("main.yaml", 9), ("main.yaml", 3)):
        diagnostics.report(place, "is wrong")
        diagnostics.report(place, "is wrong")
    assert raised(diagnostics) == [
        "main.yaml:3  is wrong, found line 3",
        "main.yaml:9  is wrong, found line 9",
        "base.yaml:2  is wrong, found line 2",
        "other.yaml:1  is wrong, found line 1",
    ]


def test_only_the_first_problem_of_a_key_is_kept_also_of_another_collector():
    diagnostics, other = collector(), collector()
    diagnostics.report(("main.yaml", 1), "first", found="", key="a")
    diagnostics.report(("main.yaml", 2), "second", found="", key="a")
    other.report(("main.yaml", 3), "third", found="", key="a")
    other.report(("main.yaml", 4), "fourth", found="", key="b")
    diagnostics.merge(other)
    diagnostics.report(("main.yaml", 5), "fifth", found="", key="b")
    assert raised(diagnostics) == ["main.yaml:1  first", "main.yaml:4  fourth"]


def test_too_many_problems_end_the_reading():
    diagnostics = collector(most=2, root=("main.yaml", 1))
    diagnostics.report(("main.yaml", 5), "one", found="")
    diagnostics.report(("main.yaml", 4), "two", found="")
    with pytest.raises(CaseError) as error:
        diagnostics.report(("main.yaml", 3), "three", found="")
    assert [problem.message for problem in error.value.problems] == [
        "two",
        "one",
        "there are more problems",
    ]


def test_a_problem_that_ends_the_reading_is_raised_with_those_before_it():
    diagnostics = collector()
    diagnostics.warn(("main.yaml", 1), "is odd")
    diagnostics.raise_any()
    diagnostics.report(("main.yaml", 2), "is wrong", found="")
    with pytest.raises(CaseError) as error:
        diagnostics.fail(("main.yaml", 1), "ends here", found="")
    assert [problem.message for problem in error.value.problems] == ["ends here", "is wrong"]
    assert [warning.message for warning in diagnostics.warnings] == ["is odd"]


def test_a_location_counts_columns_only_where_they_are_known():
    assert TextLocation.on_line("game.efg", 3).position_at(7) == (3, None)
    text = TextLocation("war.yaml", "when", ((0, 7, 11), (8, 8, 5)))
    assert [text.position_at(offset) for offset in (0, 7, 8, 10)] == [
        (7, 11),
        (7, 18),
        (8, 5),
        (8, 7),
    ]
    assert text.at_offset(10).position_at(1) == (8, 8)

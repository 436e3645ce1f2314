"""Games solved without a grid: the package comes near them, and a false promise is found out."""

import pytest

from verification.signalling_games import (
    FAMILIES,
    Comparison,
    Family,
    SeveralSolutionsError,
    chances,
    compare,
    rows_of,
    signalling,
    updated,
)


def test_a_signal_is_solved_where_its_solution_is_known() -> None:
    """With replies that do not depend on beliefs the log odds are those of the replies."""
    assert signalling(0.3, lambda *_: (1.0, -2.0)) == pytest.approx((1.0, -2.0))
    sent = chances((1.0, -2.0))
    told = 0.3 * sent[0] / (0.3 * sent[0] + 0.7 * sent[1])
    assert updated(0.3, (1.0, -2.0)) == pytest.approx(told)


def test_a_signal_with_several_solutions_is_left_out() -> None:
    """A reader who rewards whatever is believed makes several beliefs true of themselves."""
    with pytest.raises(SeveralSolutionsError):
        signalling(0.5, lambda one, other: (20.0 * (one - other), -20.0 * (one - other)))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_package_agrees_with_what_is_solved_without_a_grid(family: Family) -> None:
    found = [
        compare(family, number, 65 if "attrition" in family.name else 129) for number in range(3)
    ]
    told = [each for each in found if each is not None]
    assert told
    for each in told:
        assert not each.marked
        assert each.error <= each.allowed
    assert min(each.error for each in told) < 1e-3


@pytest.mark.parametrize(
    ("family", "number", "grid"),
    [
        ("tied hands", 11, 65),
        ("tied hands", 11, 17),
        ("tied hands", 14, 17),
        ("tied hands", 58, 17),
        ("tied hands", 69, 17),
        ("attrition", 32, 17),
    ],
)
def test_a_reader_who_turns_within_a_cell_is_reckoned_with(
    family: str, number: int, grid: int
) -> None:
    """From grid to grid little moved, or ever more, and the error was 2 to 37 times the stated."""
    (known,) = (each for each in FAMILIES if each.name == family)
    found = compare(known, number, grid)
    assert found is not None
    assert found.ratio <= 1.0


def test_a_change_that_is_stated_too_small_is_noticed() -> None:
    """One wrong draw of a hundred is allowed, two are not, nor is one that is far too wrong."""
    right = [Comparison(0.001, 0.002, marked=False)] * 98
    little, far = Comparison(0.003, 0.002, marked=False), Comparison(0.02, 0.002, marked=False)
    marked = Comparison(0.5, 0.002, marked=True)
    assert [row.ok for row in rows_of("", [*right, little, marked, None])] == [True, True]
    assert [row.ok for row in rows_of("", [*right, little, little])] == [False, True]
    assert [row.ok for row in rows_of("", [*right, far])] == [True, False]

"""How far a number may be off is told from three grids, and no accident of one makes it small."""

import math

import pytest

from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.grid_refinement import GridRefinement, coarser_halvings, extrapolated_error
from ceasefire.query.plan import WorldResult


def answers(*values: float | None, scale: float = 1.0, edge_error: float = 0.0) -> WorldResult:
    read = tuple(QuantityValue(value, scale=scale, edge_error=edge_error) for value in values)
    return WorldResult((None,), (read,), ((),), 0.0, 0, 0, 17)


@pytest.mark.parametrize(
    ("change", "before", "stated"),
    [
        (0.01, (), 0.05),
        (0.01, (0.02,), 0.02),  # first order: the change halves, the error is twice the last
        (0.0025, (0.01,), 0.01),  # second order is taken for the first
        (0.006, (0.01,), 0.015),  # slower: .01 * (.6 + .6**2 + ...)
        (0.01, (0.005,), 0.05),  # it grows: as slow as is reckoned with
        (1e-9, (0.02,), 0.02),  # by accident
        (1e-9, (1e-9, 0.02), 0.01),  # twice by accident
        (0.0, (0.0,), 0.0),
        (0.02, (0.01, 0.005), 0.62),  # it grows twice running: .02 * (1 + 2 + 4 + 8 + 16)
        (0.09, (0.01, 0.001), 2.79),  # at most twofold from then on
        (0.02, (0.01, 0.008), 0.1),  # it grew once
        (0.012, (0.01, 0.005), 0.06),  # it does not grow as much any more
        (0.01, (0.005, 0.0), 0.05),
        (0.0, (0.0, 0.0), 0.0),
    ],
)
def test_the_slowest_of_what_grids_show_is_stated(change, before, stated):
    assert extrapolated_error(change, before) == pytest.approx(1.25 * stated)


def test_a_coarser_grid_has_half_the_nodes_while_it_says_something():
    assert coarser_halvings(33) == (-1, -2)
    assert coarser_halvings(3) == coarser_halvings(None) == ()


def test_a_change_is_the_larger_of_refining_and_of_the_ends_of_the_grid():
    coarse, best, finer = answers(4.0), answers(4.4, scale=2.0), answers(4.2, edge_error=0.3)
    found = GridRefinement(best, finer, (coarse,))
    assert found.change(0, 0) == pytest.approx(0.6)
    assert found.largest_change == pytest.approx(0.3)
    assert GridRefinement(best, answers(4.2), (coarse,)).change(0, 0) == pytest.approx(0.5)


def test_a_number_that_is_missing_on_one_grid_may_be_anything():
    assert GridRefinement(answers(0.5), answers(None)).change(0, 0) == math.inf
    assert GridRefinement(answers(None), answers(None)).change(0, 0) == 0.0
    assert GridRefinement(answers(math.inf), answers(math.inf)).change(0, 0) == 0.0
    assert GridRefinement(answers(0.5), answers(0.5), (answers(None),)).change(0, 0) == 0.0


def test_numbers_move_together_as_far_as_they_may_be_off():
    found = GridRefinement(answers(0.5, 0.3), answers(0.51, 0.29), (answers(0.5, 0.34),))
    moved = [tuple(round(value, 6) for value in one) for one in found.moved_by_refining(0)]
    assert moved[0] == (0.51, 0.29)
    assert (0.5625, 0.25) in moved  # by 1.25 times five times .01, and 1.25 times .04
    assert (0.5, 0.25) in moved  # the way that they came from the coarser grid
    assert (0.4375, 0.35) in moved
    assert len(moved) == 9


def test_what_steep_replies_may_do_is_added_and_numbers_move_that_way():
    shifted = answers(0.5, 0.38), answers(0.5, 0.27), answers(0.5, None)
    found = GridRefinement(answers(0.5, 0.3), answers(0.5, 0.31), (answers(0.5, 0.28),), shifted)
    assert found.change(0, 0) == 0.0
    assert found.change(0, 1) == pytest.approx(1.25 * 0.02 + 0.08)
    moved = [tuple(each) for each in found.moved_by_refining(0)]
    assert (0.5, 0.38) in moved
    assert (0.5, pytest.approx(0.3 + 0.105)) in moved


def test_numbers_are_moved_by_the_ends_one_at_a_time():
    found = GridRefinement(answers(0.5, 0.3), answers(0.5, 0.3, edge_error=0.1))
    moved = list(found.moved_by_edges(0))
    assert moved == [[0.4, 0.3], [0.6, 0.3], [0.5, pytest.approx(0.2)], [0.5, 0.4]]

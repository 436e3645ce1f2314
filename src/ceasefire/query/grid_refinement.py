"""How far may numbers be off because beliefs stand on a grid, and which grid is fine enough?

The first is told from the same questions on coarser grids and on a finer one. With x(n) the number
on n nodes,

    c1 = |x(2n) - x(n)|    c0 = |x(n) - x(n/2)|    c2 = |x(n/2) - x(n/4)|

an error of first order in the distance of nodes is 2 c1, as much as c0, and half of c2. Numbers of
games approach their limit at that order but not evenly, for a reply that is steep lies now near a
node and now between two: any one change may be small by accident. So the largest of the three is
taken, or c1 / (1 - c1 / c0) where the changes shrink more slowly than at first order, times 1.25.
Where they grow twice running, every cell is still wider than what happens within it, and no rate
tells how far the limit is: they are taken to grow as much four times more, at most twofold each.

All of them may be small together: where a reader changes its mind within the cell next to where
play stands, play stands at the same share of every such cell, and nothing is learnt of where in it
the reader turns. So the game is solved twice more, with replies that are steep from one node to the
next given as at the next node above, and below. The larger of what these two change is added.

A grid is made finer until the change that would be stated is no more than the tolerance, or the
next would be too large for the game, fails, or leaves more decisions unresolved. Where the next
one costs much, it is tried only if an error of first order would come near the tolerance on the
finest. The choice depends on the case and the questions alone, so that the same numbers come again.

Source: Roache (1994), Perspective: a method for uniform reporting of grid refinement studies,
Journal of Fluids Engineering 116, for the extrapolation and the factor where three grids are known.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ceasefire.equilibrium.solution import halved_grid_size
from ceasefire.errors import CeasefireError
from ceasefire.query.ast import AnswerValue
from ceasefire.query.evaluator import QuantityValue
from ceasefire.query.plan import QueryPlan, ReadSettings, WorldResult

REPLY_SHIFTS: Final = (1, -1)

FIRST_ORDER_RATE, SLOWEST_RATE = 0.5, 0.8
SAFETY_FACTOR = 1.25
LEAST_GROWTH, MOST_GROWTH = 1.75, 2.0  # of a change compared with that before
MORE_REFINEMENTS = 4  # for which changes that grow are taken to go on growing
COARSEST_GRID_SIZE = 5  # grid points; fewer say nothing of what more would give
MOST_HALVINGS = 2
HOPEFUL = 2.0  # an expected change of so many tolerances may come below one: it is generous


def coarser_halvings(size: int | None) -> tuple[int, ...]:
    """How often a grid is made half as fine to see how fast numbers settle: `halvings` of `solve`.

    size  grid points for each party with types, None where there is no grid

    >>> coarser_halvings(129), coarser_halvings(9), coarser_halvings(5)
    ((-1, -2), (-1,), ())
    """
    if size is None:
        return ()
    times = range(1, MOST_HALVINGS + 1)
    return tuple(-n for n in times if halved_grid_size(size, n) >= COARSEST_GRID_SIZE)


def extrapolated_error(change: float, changes_before: Sequence[float] = ()) -> float:
    """How far a number may be off, from what refining the grid changes.

    change          when the grid is refined once
    changes_before  from a grid half as fine to this one, from a quarter to half, and so on

    Returns a bound in the unit of the changes, not a proof: 6.25 times the change if it is all that
    is known.

    >>> extrapolated_error(0.01, (0.02, 0.04))
    0.025
    >>> extrapolated_error(0.001, (0.02,)), round(extrapolated_error(0.015, (0.02,)), 6)
    (0.025, 0.075)
    >>> extrapolated_error(0.004, (0.002, 0.001))  # and .008, .016, .032, .064 are still to come
    0.155
    """
    before, *earlier = changes_before or (0.0,)
    rate = SLOWEST_RATE if change >= SLOWEST_RATE * before else change / before
    extrapolated = change / (1.0 - max(rate, FIRST_ORDER_RATE))
    if earlier and before > 0.0 and before >= LEAST_GROWTH * earlier[0] > 0.0:
        growth = min(change / before, MOST_GROWTH)
        if growth >= LEAST_GROWTH:
            extrapolated = change * sum(growth**n for n in range(MORE_REFINEMENTS + 1))
    shrunk = (one * FIRST_ORDER_RATE**n for n, one in enumerate(earlier, start=1))
    return SAFETY_FACTOR * max(extrapolated, before, *shrunk)


@dataclass(frozen=True)
class GridRefinement:
    """The same questions on a grid, on a finer one, and on coarser ones.

    best     the answers on the grid that is used
    finer    with twice as many nodes
    coarser  with half as many, with a quarter; without those that would say nothing
    shifted  on the grid that is used, steep replies given as at the next node, above and below
    """

    best: WorldResult
    finer: WorldResult
    coarser: tuple[WorldResult, ...] = ()
    shifted: tuple[WorldResult, ...] = ()

    def change(self, question_index: int, place: int) -> float:
        """How far a quantity may be off, in its own unit: by refining, or by the grid's ends."""
        value = self.best.quantity_values[question_index][place]
        return max(
            self._refinement_error(question_index, place),
            self._edge_error(question_index, place) * value.scale,
        )

    @property
    def largest_change(self) -> float:
        """The largest change of any quantity, each in units of its scale; 0 without any."""
        return max(
            (
                self.change(question_index, place) / value.scale
                for question_index, values in enumerate(self.best.quantity_values)
                for place, value in enumerate(values)
            ),
            default=0.0,
        )

    def moved_by_refining(self, question_index: int) -> Iterator[list[AnswerValue]]:
        """Where the numbers of a question may truly be, as refining the grid moves them together.

        First the finer grid's own, and those with replies as at the next nodes; then each number
        half as far and as far as it may be off, the way that it goes to each of these, the way
        that it came from the coarser grid, and back.
        """
        known = self.best.quantity_values[question_index]
        for each in (self.finer, *self.shifted):
            yield [one.value for one in each.quantity_values[question_index]]
        errors = [self._refinement_error(question_index, place) for place in range(len(known))]
        ways = [(known, self.finer.quantity_values[question_index])]
        if self.coarser:
            ways.append((self.coarser[0].quantity_values[question_index], known))
        ways += [(known, each.quantity_values[question_index]) for each in self.shifted]
        for first, second in ways:
            for share in (0.5, 1.0, -0.5, -1.0):
                yield [
                    _moved(one.value, share * _direction(first[place], second[place]), by)
                    for place, (one, by) in enumerate(zip(known, errors, strict=True))
                ]

    def moved_by_edges(self, question_index: int) -> Iterator[list[AnswerValue]]:
        """The numbers of a question, one of them moved by what the grid's ends may do to it."""
        known = self.best.quantity_values[question_index]
        values: list[AnswerValue] = [one.value for one in known]
        for place, one in enumerate(known):
            by = self._edge_error(question_index, place) * one.scale
            if one.value is None or by == 0.0:
                continue
            for shifted in (one.value - by, one.value + by):
                yield [*values[:place], shifted, *values[place + 1 :]]

    def _refinement_error(self, question_index: int, place: int) -> float:
        series = [
            result.quantity_values[question_index][place]
            for result in (self.finer, self.best, *self.coarser)
        ]
        change, *before = (_distance(one, two) for one, two in pairwise(series))
        told = extrapolated_error(change, [one for one in before if math.isfinite(one)])
        known = self.best.quantity_values[question_index][place]
        shifts = (
            _distance(known, each.quantity_values[question_index][place]) for each in self.shifted
        )
        return told + max((one for one in shifts if math.isfinite(one)), default=0.0)

    def _edge_error(self, question_index: int, place: int) -> float:
        return self.finer.quantity_values[question_index][place].edge_error


def _moved(value: float | None, share: float, by: float) -> float | None:
    """A number moved by a share of how far it may be off."""
    return value if value is None or share == 0.0 else value + share * by


def _direction(one: QuantityValue, other: QuantityValue) -> float:
    """1 where a number grows, -1 where it falls, 0 where there is none or it is infinite."""
    if one.value is None or other.value is None or not math.isfinite(other.value - one.value):
        return 0.0
    return float(math.copysign(1.0, other.value - one.value)) if other.value != one.value else 0.0


def _distance(one: QuantityValue, other: QuantityValue) -> float:
    """How far two numbers are apart; infinitely if only one of them is a number."""
    if one.value is None or other.value is None:
        return 0.0 if one.value is other.value else math.inf
    return 0.0 if one.value == other.value else abs(one.value - other.value)


AnswerAll = Callable[[QueryPlan, Sequence[ReadSettings]], Sequence[WorldResult] | None]


def answer_in_turn(plan: QueryPlan, asked: Sequence[ReadSettings]) -> Sequence[WorldResult] | None:
    """The answers to questions asked in several ways; None if one of them cannot be solved."""
    try:
        return [plan.evaluate_as(settings) for settings in asked]
    except (CeasefireError, MemoryError):
        return None


def with_fine_enough_grid(plan: QueryPlan, answer_all: AnswerAll = answer_in_turn) -> QueryPlan:
    """The same questions on a grid of their own; what was answered on the way is kept.

    plan        questions; returned as they are where the settings give a grid or no party has types
    answer_all  what answers them on several grids; it may do so at the same time

    What cannot be solved fails when it is asked, not here.

    >>> from ceasefire.case import loads
    >>> from ceasefire.query import plan_questions, read_question
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... ending: final
    ... parties: {a: {types: {firm: 0.5, soft: 0.5}}}
    ... state: {war: {start: true}}
    ... moves: {stop: {by: a, set: {war: false}, cost: 0 if type == firm else 0.1}}
    ... ''')
    >>> plan = plan_questions(case, [read_question(case, "P(at_end(war))")])
    >>> with_fine_enough_grid(plan).settings.grid
    257
    """
    if plan.settings.grid is not None or not plan.case.has_types or not plan.questions:
        return plan
    size, cheap, last = plan.grid_sizes
    tolerance, known = plan.settings.tolerance, dict[tuple[int, int], WorldResult]()
    chosen = plan.on_grid(size, known, tolerance)

    def answer(
        asked_on: QueryPlan,
        answers: dict[tuple[int, int], WorldResult],
        asked: Iterable[tuple[int, int]],
    ) -> bool:
        """Put in what the grid, or others, answer; False if one of them cannot be solved."""
        new = [each for each in asked if each not in answers]
        found = answer_all(asked_on, [ReadSettings(halvings=n, reply_shift=s) for n, s in new])
        answers.update(zip(new, found or (), strict=found is not None))
        return found is not None

    while 2 * size - 1 <= last:
        halvings = (*reversed(coarser_halvings(size)), 0, 1)
        if not answer(chosen, known, [(n, 0) for n in halvings]):
            break
        change = _stated_change(chosen)
        if change <= tolerance:
            if not answer(chosen, known, [(0, shift) for shift in REPLY_SHIFTS]):
                break
            change = _stated_change(chosen)
        out_of_reach = change * (size - 1) / (last - 1) > HOPEFUL * tolerance
        if change <= tolerance or (2 * size - 1 > cheap and out_of_reach):
            break
        size = 2 * size - 1
        answers = {(n - 1, 0): known[n, 0] for n in (0, -1) if (n, 0) in known}
        finer = plan.on_grid(size, answers, tolerance)
        if not answer(finer, answers, [(0, 0)]):
            break
        if _decisions_in_doubt(answers[0, 0]) > _decisions_in_doubt(known[0, 0]):
            break
        chosen, known = finer, answers
    return chosen


def _stated_change(plan: QueryPlan) -> float:
    known = plan.known
    coarser = tuple(known[halvings, 0] for halvings in coarser_halvings(plan.grid_size))
    shifted = tuple(known[0, shift] for shift in REPLY_SHIFTS if (0, shift) in known)
    return GridRefinement(known[0, 0], known[1, 0], coarser, shifted).largest_change


def _decisions_in_doubt(result: WorldResult) -> int:
    return result.unresolved + result.branch_points

"""Which grid is fine enough for questions at the best estimates, and not finer?

A grid is made finer until the grid change that would be stated is no more than the tolerance, or
the next would be too large for the game, fails, or leaves more decisions unresolved. Where the next
one costs much, it is tried only if an error of first order would come near the tolerance on the
finest. The choice depends on the case and the questions alone, so that the same numbers come again.
"""

from collections.abc import Iterable

from ceasefire.errors import CeasefireError
from ceasefire.query.grid_change import GridRefinement, coarser_halvings
from ceasefire.query.plan import QueryPlan, WorldResult

HOPEFUL = 2.0  # an expected change of so many tolerances may come below one: it is generous


def with_fine_enough_grid(plan: QueryPlan) -> QueryPlan:
    """The same questions on a grid of their own; what was answered on the way is kept.

    plan  questions; returned as they are where the settings give a grid or no party has types

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
    tolerance, known = plan.settings.tolerance, dict[int, WorldResult]()
    chosen = plan.on_grid(size, known, tolerance)
    while 2 * size - 1 <= last:
        if not _answer(chosen, known, (0, 1, *coarser_halvings(size))):
            break
        change = _stated_change(chosen)
        out_of_reach = change * (size - 1) / (last - 1) > HOPEFUL * tolerance
        if change <= tolerance or (2 * size - 1 > cheap and out_of_reach):
            break
        size = 2 * size - 1
        answers = {n - 1: known[n] for n in (0, -1) if n in known}
        finer = plan.on_grid(size, answers, tolerance)
        if not _answer(finer, answers, (0,)):
            break
        if _decisions_in_doubt(answers[0]) > _decisions_in_doubt(known[0]):
            break
        chosen, known = finer, answers
    return chosen


def _answer(plan: QueryPlan, known: dict[int, WorldResult], halvings: Iterable[int]) -> bool:
    """Put in what the grid, or others, answer; False if one of them cannot be solved."""
    try:
        for times in halvings:
            known[times] = plan.evaluate_world(halvings=times)
    except (CeasefireError, MemoryError):
        return False
    return True


def _stated_change(plan: QueryPlan) -> float:
    known = plan.known
    coarser = tuple(known[halvings] for halvings in coarser_halvings(plan.grid_size))
    return GridRefinement(known[0], known[1], coarser).largest_change


def _decisions_in_doubt(result: WorldResult) -> int:
    return result.unresolved + result.branch_points

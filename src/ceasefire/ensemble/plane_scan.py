"""Where in the space of two unknowns does a claim change from true to false?

The claim is read at every point of a grid over the ranges of two unknowns, all others at best.
Between readings its margin (how far its test is from turning) is taken to be bilinear, and the
line is drawn where it passes 0. A strip narrower than the grid's mesh may go unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ceasefire.case import Case
from ceasefire.ensemble.run import JobProgressCallback, choose_grid, run_jobs
from ceasefire.ensemble.sampling import UnknownRange, find_unknown_ranges
from ceasefire.errors import Problem, WorldError
from ceasefire.query import plan_questions, read_question
from ceasefire.query.comparisons import margin_of_test
from ceasefire.query.parser import read_claim
from ceasefire.query.plan import ReadSettings
from ceasefire.results import Result, count_phrase
from ceasefire.settings import SolveSettings

POINTS_PER_UNKNOWN = 9


@dataclass(frozen=True)
class PlanePoint:
    """A claim at one point of the plane: whether it is true, and by how much it holds.

    truth is None where the test has no answer or a number is impossible.
    """

    x: float
    y: float
    truth: bool | None
    margin: float | None


@dataclass(frozen=True)
class ThresholdPlane(Result):
    """A claim read over the ranges of two unknowns, all others at best.

    points             row by row, y from its lowest value up, x from its lowest within
    boundary_lines     where the margin passes 0: polylines of (x, y); none along an unknown of few
                       values
    unanswered_points  how many points have no answer
    doubtful_points    how many were read with decisions unresolved or at branch points
    """

    case: str
    claim: str
    sentence: str
    x: UnknownRange
    y: UnknownRange
    points: tuple[PlanePoint, ...]
    boundary_lines: tuple[tuple[tuple[float, float], ...], ...]
    doubtful_points: int = 0
    interrupted: bool = False

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Points without an answer or in doubt, and whether Ctrl-C ended the scan."""
        return (
            *count_phrase(self.unanswered_points, "point", "without an answer"),
            *count_phrase(self.doubtful_points, "point", "in doubt"),
            *(("ended early",) if self.interrupted else ()),
        )

    @property
    def unanswered_points(self) -> int:
        """How many points have no answer."""
        return sum(reading.truth is None for reading in self.points)

    def as_json(self) -> dict[str, Any]:
        """The plane as one document."""
        return {
            "case": self.case,
            "claim": self.claim,
            "unknowns": [self.x.name, self.y.name],
            "best": [self.x.best, self.y.best],
            "readings": self.frame().to_dicts(),
            "lines": [[list(point) for point in line] for line in self.boundary_lines],
            "doubtful": self.doubtful_points,
            "interrupted": self.interrupted,
        }

    def frame(self) -> pl.DataFrame:
        """One row for each point; x and y are the values of the two unknowns."""
        rows = [(r.x, r.y, r.truth, r.margin) for r in self.points]
        schema = {"x": pl.Float64, "y": pl.Float64, "truth": pl.Boolean, "margin": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")


def threshold_plane(
    case: Case,
    claim: str,
    x: str,
    y: str,
    *,
    points: int = POINTS_PER_UNKNOWN,
    grid: int | None = None,
    memory: float = 4e9,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> ThresholdPlane:
    """Read a claim, by its name or as a test, over the ranges of two unknowns.

    claim     the name of a claim, or a test
    x, y      the names of the two unknowns
    points    values of each unknown from one end to the other; one of few values has just those
    grid      belief nodes for each party with types; None has them chosen by the game's size
    memory    most bytes that a solution may take
    workers   processes that solve; None takes one for each core
    progress  called with the number of readings done and of all

    Returns what was read at each pair of values, and the lines along which the answer changes.


    Raises WorldError for unknowns that are the same, cannot move or that nothing reads.

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {near: {range: [0, 1]}, far: {range: [0, 0.5]}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{chance: near * far, set: {war: false}}]}}
    ... ''')
    >>> test = "P(at_end(not war)) > 0.25"
    >>> found = threshold_plane(case, test, "near", "far", points=3, workers=1)
    >>> [reading.truth for reading in found.points]
    [False, False, False, False, False, False, False, False, True]
    >>> found.boundary_lines
    (((0.5, 0.5), (1.0, 0.25)),)
    """
    settings = SolveSettings(grid, memory)
    named = case.claims.get(claim)
    question = read_claim(case, named) if named else read_question(case, claim, test=True)
    prepared = choose_grid(plan_questions(case, [question], settings), workers, progress)
    known = {axis.name: axis for axis in find_unknown_ranges(prepared)}
    if x == y or not {x, y} <= set(known):
        problem = Problem(
            "no plane of these two unknowns",
            case.file or None,
            path="unknowns",
            found=f"{x}, {y}",
            allowed=", ".join(known) or "unknowns with a range",
            help="name two different unknowns that can move and that the case reads",
        )
        raise WorldError([problem])
    columns, rows = (_grid_values(known[name], points) for name in (x, y))
    jobs = {(a, b): ReadSettings({x: a, y: b}) for b in rows for a in columns}
    done = run_jobs(prepared.evaluate_as, jobs, workers, progress)
    found: dict[tuple[float, float], PlanePoint] = {}
    for (a, b), sheet in done.answers.items():
        held = margin_of_test(
            question.expression, [reading.value for reading in sheet.quantity_values[0]]
        )
        found[a, b] = PlanePoint(a, b, sheet.test_result(0), held)
    readings = tuple(found.get((a, b), PlanePoint(a, b, None, None)) for b in rows for a in columns)
    few = known[x].values or known[y].values
    return ThresholdPlane(
        case.file,
        claim if named else question.text,
        (named and named.says) or question.text,
        known[x],
        known[y],
        readings,
        () if few else _zero_margin_lines(columns, rows, found),
        sum(sheet.unresolved + sheet.branch_points > 0 for sheet in done.answers.values()),
        done.interrupted,
    )


def _grid_values(unknown_range: UnknownRange, points: int) -> tuple[float, ...]:
    return unknown_range.values or tuple(
        np.linspace(unknown_range.low, unknown_range.high, points).tolist()
    )


Polylines = tuple[tuple[tuple[float, float], ...], ...]


def _zero_margin_lines(
    columns: tuple[float, ...],
    rows: tuple[float, ...],
    found: Mapping[tuple[float, float], PlanePoint],
) -> Polylines:
    from contourpy import contour_generator

    margins = np.full((len(rows), len(columns)), np.nan)
    for i, b in enumerate(rows):
        for k, a in enumerate(columns):
            held = found[a, b].margin if (a, b) in found else None
            if held is not None:
                margins[i, k] = np.clip(held, -1e9, 1e9)
    drawn: Any = contour_generator(columns, rows, np.ma.masked_invalid(margins)).lines(0.0)
    return tuple(tuple((float(a), float(b)) for a, b in line) for line in drawn)

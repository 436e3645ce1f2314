"""How do answers move with one unknown, or with two, all others at their best estimates?

The comparative statics of a case: questions are asked at values of an unknown from one end to the
other, and where an answer turns, crosses a value or jumps is found to the accuracy asked for
(`ceasefire.ensemble.trace_thresholds`). With a second unknown the first is followed at each of
its values.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl

from ceasefire.case import Case
from ceasefire.diagnostics import suggest_closest_name
from ceasefire.ensemble.ask_questions import selection_doubts
from ceasefire.ensemble.range_scan import has_doubtful_solution
from ceasefire.ensemble.run import JobProgressCallback, ProgressCounter, choose_grid
from ceasefire.ensemble.sampling import UnknownRange, range_of_unknown
from ceasefire.ensemble.trace_thresholds import (
    LineReader,
    LineReading,
    Threshold,
    ThresholdGap,
    find_gaps,
    find_steps,
    narrow_gap,
)
from ceasefire.errors import Problem, QuestionError
from ceasefire.query import QueryPlan, Question, WorldResult, plan_questions, read_questions
from ceasefire.query.ast import AnswerValue
from ceasefire.query.comparisons import margin_of_test
from ceasefire.query.plan import ReadSettings
from ceasefire.results import Result, count_phrase
from ceasefire.settings import DEFAULT_TOLERANCE, SolveSettings

POINTS_ALONG_A_LINE: Final = 25
POINTS_ALONG_A_SIDE: Final = 9
MOST_POINTS: Final = 2_001
ACCURACY_SHARE: Final = 1e-4  # of the way from end to end
ROUNDING: Final = 1e-12  # of a number that does not move
FORM: Final = "NAME=LOW..HIGH, or NAME for its own range"
_AXIS_TEXT = re.compile(r"\s*([^=\s]+)\s*(?:=\s*(\S+?)\s*\.\.\s*(\S+)\s*)?")

Place = tuple[float, float | None]


@dataclass(frozen=True)
class TracePoint:
    """The answers at one value of the unknown, or of both.

    answers   one for each question, None where there is none
    failed    why a number is impossible there, None where it is not
    doubtful  whether a decision was left unresolved there, or a branch point met
    """

    x: float
    y: float | None
    answers: tuple[AnswerValue, ...]
    failed: str | None = None
    doubtful: bool = False


@dataclass(frozen=True)
class TraceResult(Result):
    """Answers along one unknown or in the plane of two, and where they turn.

    questions    as they were asked
    over         the unknown that moves, from its lowest to its highest value asked
    other        the second unknown, None without one
    points       row by row, the second unknown from its lowest value up, the first within
    thresholds   question by question, then by the second unknown, then by the first
    accuracy     how far a threshold may be from the one stated
    grid_change  the largest change of each number when the belief grid is refined once, at the two
                 ends and in the middle; None where there is no grid or it could not be asked
    warnings     what should be said about the answers
    """

    case: str
    questions: tuple[str, ...]
    over: UnknownRange
    other: UnknownRange | None
    points: tuple[TracePoint, ...]
    thresholds: tuple[Threshold, ...]
    accuracy: float
    grid_change: tuple[float | None, ...]
    warnings: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def mark_reasons(self) -> tuple[str, ...]:
        """Points without an answer or in doubt, thresholds that are not sure, and Ctrl-C."""
        broad = sum(one.within > self.accuracy * (1.0 + 1e-9) for one in self.thresholds)
        lost = sum(one.grid_shift == math.inf for one in self.thresholds)
        bare = sum(None in one.answers for one in self.points)
        return (
            *count_phrase(bare, "point", "without an answer"),
            *count_phrase(sum(one.doubtful for one in self.points), "point", "in doubt"),
            *count_phrase(broad, "threshold", "not found to the accuracy asked for"),
            *count_phrase(lost, "threshold", "not there on a finer belief grid"),
            *(("ended early",) if self.interrupted else ()),
        )

    def as_json(self) -> dict[str, Any]:
        """The document of `trace --json`, digest and version left to the command."""
        axes = [axis for axis in (self.over, self.other) if axis is not None]
        return {
            "case": self.case,
            "unknowns": [
                {"name": axis.name, "low": axis.low, "high": axis.high, "best": axis.best}
                for axis in axes
            ],
            "answers": [
                {
                    "expr": question,
                    "values": [point.answers[n] for point in self.points],
                    "grid_change": self.grid_change[n],
                    "thresholds": [one.as_json() for one in self.thresholds if one.question == n],
                }
                for n, question in enumerate(self.questions)
            ],
            "points": [
                dict(zip((axis.name for axis in axes), (point.x, point.y), strict=False))
                for point in self.points
            ],
            "failed": [
                {"point": n, "why": point.failed}
                for n, point in enumerate(self.points)
                if point.failed is not None
            ],
            "accuracy": self.accuracy,
            "doubtful": sum(point.doubtful for point in self.points),
            "interrupted": self.interrupted,
        }

    def frame(self) -> pl.DataFrame:
        """One row for each point: the unknowns, then a column for each question."""
        names = [axis.name for axis in (self.over, self.other) if axis is not None]
        columns: dict[str, list[Any]] = {
            name: [(point.x, point.y)[n] for point in self.points] for n, name in enumerate(names)
        }
        schema: dict[str, Any] = dict.fromkeys(names, pl.Float64)
        for n, question in enumerate(self.questions):
            answers = [point.answers[n] for point in self.points]
            test = any(isinstance(answer, bool) for answer in answers)
            title = question if question not in schema else f"{question} ({n + 1})"
            columns[title] = [a if test or a is None else float(a) for a in answers]
            schema[title] = pl.Boolean if test else pl.Float64
        return pl.DataFrame(columns, schema=schema)

    def thresholds_frame(self) -> pl.DataFrame:
        """One row for each threshold."""
        rows = [
            {"question": self.questions[one.question]}
            | {
                key: value if key == "kind" or value is None else float(value)
                for key, value in one.as_json().items()
            }
            for one in self.thresholds
        ]
        names = ("at", "within", "before", "after", "level", "other", "grid_shift", "solves")
        schema = {"question": pl.String, "kind": pl.String, **dict.fromkeys(names, pl.Float64)}
        return pl.DataFrame(rows, schema=schema)


@dataclass(frozen=True)
class TraceRequest:
    """What is to be asked where, checked.

    over, other  the unknown that moves, and a second one or None
    count        values of each
    levels       values that numbers may cross
    accuracy     how far a threshold may be from the one stated
    """

    questions: list[Question]
    over: UnknownRange
    other: UnknownRange | None
    count: int
    levels: tuple[float, ...]
    accuracy: float

    @classmethod
    def read(
        cls,
        case: Case,
        texts: Sequence[str],
        *,
        over: str,
        other: str | None = None,
        points: int | None = None,
        crossing: Sequence[float] = (),
        accuracy: float | None = None,
    ) -> "TraceRequest":
        """Read what `trace` is called with; raises QuestionError with every problem of it."""
        asking = _Request(case)
        questions = asking.questions(texts)
        first = asking.axis(over, "--over")
        second = None if other is None else asking.axis(other, "--and")
        if first is not None and second is not None and first.name == second.name:
            help = "name two different unknowns"
            asking.refuse("the plane has the same unknown twice", "--and", first.name, help=help)
        count = asking.points(points, POINTS_ALONG_A_LINE if other is None else POINTS_ALONG_A_SIDE)
        asking.accuracy(accuracy)
        levels = asking.levels(crossing, questions)
        if asking.problems or first is None:
            raise QuestionError(asking.problems)
        width = first.width * ACCURACY_SHARE if accuracy is None else accuracy
        return cls(questions, first, second, count, levels, width)


class _Request:
    """Collects every problem before any is raised."""

    def __init__(self, case: Case) -> None:
        self.case, self.problems = case, list[Problem]()

    def questions(self, texts: Sequence[str]) -> list[Question]:
        if not texts:
            self.problems.append(Problem("nothing is asked", help="give a question or a claim"))
        try:
            return read_questions(self.case, texts)
        except QuestionError as error:
            self.problems += error.problems
            return []

    def axis(self, text: str, option: str) -> UnknownRange | None:
        """The unknown and the values of one option, None if something is wrong with it."""
        match = _AXIS_TEXT.fullmatch(text)
        if match is None:
            self.refuse("no unknown with two ends", option, text, FORM)
            return None
        name, *ends = match.groups()
        if name not in self.case.unknowns:
            self.refuse(
                "no such unknown", option, name, ", ".join(self.case.unknowns) or "none",
                suggest_closest_name(name, self.case.unknowns),
            )  # fmt: skip
            return None
        own = range_of_unknown(name, self.case.unknowns[name])
        if ends[0] is None:
            if own.width > 0:
                return own
            help = f"say from where to where: {option} {name}=0..1"
            self.refuse("the case gives this unknown no range", option, name, FORM, help)
            return None
        low, high = (self._number(end, option) for end in ends)
        if low is None or high is None:
            return None
        if not low < high:
            self.refuse("the lower end comes first", option, f"{low:g}..{high:g}", FORM)
            return None
        return UnknownRange(name, own.best, low, high)

    def points(self, points: int | None, default: int) -> int:
        """How many values of each unknown."""
        if points is not None and not 2 <= points <= MOST_POINTS:
            self.refuse("wrong number of points", "--points", str(points), f"2 to {MOST_POINTS:,}")
        return default if points is None else points

    def accuracy(self, accuracy: float | None) -> None:
        if accuracy is not None and not (math.isfinite(accuracy) and accuracy > 0):
            self.refuse("not an accuracy", "--accuracy", f"{accuracy:g}", "a number above 0")

    def levels(self, levels: Sequence[float], questions: Sequence[Question]) -> tuple[float, ...]:
        wrong = [level for level in levels if not math.isfinite(level)]
        if wrong:
            self.refuse("not a value to cross", "--cross", f"{wrong[0]:g}", "a number")
        elif levels and questions and all(question.is_test for question in questions):
            help = "leave it out, or ask for a number as well"
            self.refuse("tests turn: they cross no value", "--cross", f"{levels[0]:g}", "", help)
        return tuple(dict.fromkeys(levels))

    def _number(self, text: str, option: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        self.refuse("an end is no number", option, text, "a number such as 0.25")
        return None

    def refuse(
        self, message: str, option: str, found: str, allowed: str = "", help: str = ""
    ) -> None:
        self.problems.append(Problem(message, path=option, found=found, allowed=allowed, help=help))


def trace(
    case: Case,
    *texts: str,
    over: str,
    other: str | None = None,
    points: int | None = None,
    crossing: Sequence[float] = (),
    accuracy: float | None = None,
    grid: int | None = None,
    memory: float = 4e9,
    tolerance: float = DEFAULT_TOLERANCE,
    workers: int | None = None,
    progress: JobProgressCallback | None = None,
) -> TraceResult:
    """Ask questions along one unknown, or in the plane of two, and find where the answers turn.

    case       the case
    texts      questions or names of claims, as for `ask`
    over       the unknown and from where to where: "war_cost=0..2", or "war_cost" for its range
    other      a second unknown, likewise: the first is followed at each of its values
    points     values of each unknown, both ends included: 25, in a plane 9 of each, if None; an
               unknown with a list of values has just these unless ends are given
    crossing   values at which a number is looked for
    accuracy   how far a threshold may be from the one stated; if None a ten thousandth of the way
    grid       belief nodes per party with types, chosen at the best estimates if None
    memory     most bytes that a solution may take
    tolerance  the grid change at which a grid that is chosen is fine enough
    workers    processes at work; if None this one, and all cores if that takes more than a moment
    progress   called with the number of readings done, and of all

    Raises QuestionError with every problem of every text and option.

    Two chances are as good as one of a half where their product says so:

    >>> from ceasefire.case import loads
    >>> case = loads('''
    ... ceasefire: 1
    ... horizon: 1
    ... unknowns: {near: {best: 0.5}, far: {best: 0.8}}
    ... parties: {a: {}}
    ... state: {war: {start: true}}
    ... chance: {end: {when: war, outcomes: [{chance: near * far, set: {war: false}}]}}
    ... ''')
    >>> found = trace(case, "P(at_end(not war)) > 0.5", over="near=0..1", workers=1)
    >>> [(one.kind, round(one.at, 3)) for one in found.thresholds]
    [('turns', 0.625)]
    """
    asked = TraceRequest.read(
        case, texts, over=over, other=other, points=points, crossing=crossing, accuracy=accuracy
    )
    settings = SolveSettings(grid, memory, tolerance)
    plan = choose_grid(plan_questions(case, asked.questions, settings), workers, progress)
    return _Tracer(plan, asked, workers, progress).run(case, texts)


class _Tracer:
    """Reads the points, then narrows the gaps."""

    def __init__(
        self,
        plan: QueryPlan,
        asked: TraceRequest,
        workers: int | None,
        progress: JobProgressCallback | None,
    ) -> None:
        self.plan, self.over, self.other, self.levels = plan, asked.over, asked.other, asked.levels
        self.accuracy, self.workers = asked.accuracy, workers
        self.columns: tuple[float, ...] = _values_along(asked.over, asked.count)
        self.rows: tuple[float | None, ...] = (
            (None,) if asked.other is None else _values_along(asked.other, asked.count)
        )
        self.meter = ProgressCounter(progress, len(self.columns) * len(self.rows))

    def run(self, case: Case, texts: Sequence[str]) -> TraceResult:
        places = [(x, y) for y in self.rows for x in self.columns]
        done = self.meter.run_jobs(
            self.plan.evaluate_as, {place: ReadSettings(self._world(place)) for place in places},
            self.workers,
        )  # fmt: skip
        nothing = (None,) * len(self.plan.questions)
        points = tuple(
            TracePoint(*place, found.values, doubtful=has_doubtful_solution(found))
            if (found := done.answers.get(place)) is not None
            else TracePoint(*place, nothing, done.failed.get(place))
            for place in places
        )
        gaps = [] if self.over.values else list(self._gaps(done.answers))
        self.meter.total += len(gaps)
        reader = LineReader(self.plan, self.over.name)
        narrowed = self.meter.run_jobs(
            partial(narrow_gap, reader, accuracy=self.accuracy), dict(enumerate(gaps)), self.workers
        )
        interrupted = done.interrupted or narrowed.interrupted
        grid_change: tuple[float | None, ...] = nothing
        warnings: tuple[str, ...] = ()
        try:
            if not interrupted:
                grid_change = self._grid_change(done.answers, places)
                warnings = self._warnings(points)
        except KeyboardInterrupt:
            interrupted = True
        return TraceResult(
            case.file,
            tuple(texts),
            self.over,
            self.other,
            points,
            tuple(sorted(narrowed.answers.values(), key=_reading_order)),
            self.accuracy,
            grid_change,
            warnings,
            interrupted,
        )

    def _world(self, place: Place) -> dict[str, float]:
        x, y = place
        second = {} if self.other is None or y is None else {self.other.name: y}
        return second | {self.over.name: x}

    def _gaps(self, found: Mapping[Place, WorldResult]) -> list[ThresholdGap]:
        gaps: list[ThresholdGap] = []
        for y in self.rows:
            others = () if self.other is None or y is None else ((self.other.name, y),)
            for number, question in enumerate(self.plan.questions):
                line = [
                    LineReading(
                        x, found[x, y].values[number], _margin(question, found[x, y], number)
                    )
                    if (x, y) in found
                    else LineReading(x, None, None)
                    for x in self.columns
                ]
                gaps += find_gaps(number, line, self.levels, others)
                gaps += [] if others else find_steps(number, line)
        return gaps

    def _grid_change(
        self, found: Mapping[Place, WorldResult], places: Sequence[Place]
    ) -> tuple[float | None, ...]:
        """By how much each number moves on a finer grid at both ends and in the middle, at most."""
        questions = self.plan.questions
        if self.plan.grid_size is None:
            return (None,) * len(questions)
        checked = (places[0], places[len(places) // 2], places[-1])
        jobs = {p: ReadSettings(self._world(p), halvings=1) for p in checked if p in found}
        finer = self.meter.run_jobs(self.plan.evaluate_as, jobs, self.workers)
        if finer.interrupted:
            raise KeyboardInterrupt
        return tuple(
            None
            if finer.failed or not finer.answers
            else max(
                abs((b.value or 0.0) - (a.value or 0.0))
                for place, again in finer.answers.items()
                for a, b in zip(
                    found[place].quantity_values[n], again.quantity_values[n], strict=True
                )
            )
            for n in range(len(questions))
        )

    def _warnings(self, points: Sequence[TracePoint]) -> tuple[str, ...]:
        """Answers that never move, values that are impossible, and doubts at the best estimates."""
        said = []
        for number, question in enumerate(self.plan.questions):
            values = [point.answers[number] for point in points]
            numbers = [float(value) for value in values if value is not None]
            if len(numbers) == len(values) and np.ptp(numbers) <= ROUNDING * max(map(abs, numbers)):
                names = [axis.name for axis in (self.over, self.other) if axis is not None]
                moved = " and ".join(names)
                said.append(f"{question.text}: the same for all values of {moved}")
        whys = dict.fromkeys(point.failed for point in points if point.failed is not None)
        said += [why for why in whys if why is not None][:3]
        best = self.plan.evaluate_world()
        others = self.plan.at_other_selections(best)
        for number, question in enumerate(self.plan.questions):
            doubts = selection_doubts(question, number, best, others)
            said += [f"{question.text}, at the best estimates: {doubt}" for doubt in doubts]
        return tuple(said)


def _values_along(axis: UnknownRange, count: int) -> tuple[float, ...]:
    return axis.values or tuple(np.linspace(axis.low, axis.high, count).tolist())


def _margin(question: Question, found: WorldResult, number: int) -> float | None:
    numbers = [one.value for one in found.quantity_values[number]]
    return margin_of_test(question.expression, numbers) if question.is_test else None


def _reading_order(one: Threshold) -> tuple[int, float, float]:
    return one.question, -math.inf if one.other is None else one.other, one.at

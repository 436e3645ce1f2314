"""Where along one unknown does a test turn, a number cross a value, or a number jump?

Between two neighbouring readings that differ, further readings narrow the gap until it is no wider
than the accuracy asked for: what is found is enclosed by two solutions that differ, and stated as
their middle. In games with hidden types the same is asked on belief grids refined once, and the
threshold there says how far the grid may move it.

A number is said to jump where it still makes half of its step inside so narrow a gap, and to be
steep where the step is no jump but over within two gaps. What turns and turns back between two
readings goes unnoticed: more points see more.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from ceasefire.ensemble.range_scan import TurningBracket, TurningSearch
from ceasefire.errors import CeasefireError
from ceasefire.query import QueryPlan, WorldResult
from ceasefire.query.ast import AnswerValue
from ceasefire.query.comparisons import margin_of_test

ThresholdKind = Literal["turns", "crosses", "jumps", "steep"]

STEEP_GAP = 4.0  # times the change in a gap if all changed alike
LEAST_STEP = 0.25  # of all that a number changes along the way
MOST_STEEP_GAPS = 2
JUMP_SHARE = 0.5  # of a step that is made within the accuracy
NO_CHANGE = 1e-6  # of the unit of a number


@dataclass(frozen=True)
class Threshold:
    """Where an answer turns, crosses a value or jumps.

    question    which question, by its number
    kind        `turns` for a test, `crosses` for a number and a value that was asked for, `jumps`
                and `steep` for a number by itself
    at          the value of the unknown: the middle of two solutions that differ
    within      how far these are from it
    before      the answer on the lower side: of a test or a crossing nearby, of a step where it
                begins
    after       the answer on the upper side
    level       the value crossed, or half way up the step; None for a test
    other       the value of the second unknown, None where there is one
    grid_shift  how far a belief grid refined once moves it; None where there is no grid, and where
                it could not be asked
    solves      how many solutions it took
    """

    question: int
    kind: ThresholdKind
    at: float
    within: float
    before: AnswerValue
    after: AnswerValue
    level: float | None
    other: float | None
    grid_shift: float | None
    solves: int

    def as_json(self) -> dict[str, Any]:
        """A threshold as `trace --json` prints it, its question left out."""
        return {
            "kind": self.kind,
            "at": self.at,
            "within": self.within,
            "before": self.before,
            "after": self.after,
            "level": self.level,
            "other": self.other,
            "grid_shift": self.grid_shift,
            "solves": self.solves,
        }


class ThresholdGap(NamedTuple):
    """Two neighbouring readings between which an answer turns, crosses a value or steps.

    ends     the values of the unknown
    answers  what the question's answer is there
    amounts  by how much it is above the level there, or by how much the test holds
    others   the unknowns that differ from best all along
    """

    question: int
    kind: ThresholdKind
    level: float | None
    ends: tuple[float, float]
    answers: tuple[AnswerValue, AnswerValue]
    amounts: tuple[float | None, float | None]
    others: tuple[tuple[str, float], ...] = ()


class LineReading(NamedTuple):
    """An answer at one value of an unknown, and by how much it holds if the question is a test."""

    value: float
    answer: AnswerValue
    margin: float | None


def find_gaps(
    question: int,
    readings: Sequence[LineReading],
    levels: Sequence[float] = (),
    others: tuple[tuple[str, float], ...] = (),
) -> Iterator[ThresholdGap]:
    """The gaps between neighbouring readings in which something is to be found.

    question  its number
    readings  from the lowest value of the unknown up
    levels    values that a number may cross
    others    the unknowns that differ from best all along

    A gap of which one end has no answer is left out.

    >>> line = [LineReading(x, x**2, None) for x in (0.0, 0.4, 0.8)]
    >>> [(gap.ends, gap.level) for gap in find_gaps(0, line, [0.25])]
    [((0.4, 0.8), 0.25)]
    """
    for before, after in pairwise(readings):
        if before.answer is None or after.answer is None:
            continue
        ends, answers = (before.value, after.value), (before.answer, after.answer)
        if isinstance(before.answer, bool):
            if before.answer is not after.answer:
                amounts = before.margin, after.margin
                yield ThresholdGap(question, "turns", None, ends, answers, amounts, others)
            continue
        for level in levels:
            low, high = float(before.answer) - level, float(after.answer) - level
            if (low < 0.0) != (high < 0.0):
                yield ThresholdGap(question, "crosses", level, ends, answers, (low, high), others)


def find_steps(question: int, readings: Sequence[LineReading]) -> Iterator[ThresholdGap]:
    """Where a number changes much more between neighbouring readings than elsewhere.

    question, readings  as for `find_gaps`; a test has no steps

    >>> line = [LineReading(x / 10, float(x > 6), None) for x in range(11)]
    >>> [(gap.ends, gap.level) for gap in find_steps(0, line)]
    [((0.6, 0.7), 0.5)]
    """
    known = [one for one in readings if one.answer is not None]
    if len(known) < len(readings) or any(isinstance(one.answer, bool) for one in known):
        return
    answers = np.array([float(one.answer) for one in known if one.answer is not None])
    if len(answers) < 2 or not np.isfinite(answers).all():
        return
    changes = np.diff(answers)
    whole, scale = float(np.abs(changes).sum()), max(1.0, float(np.abs(answers).max()))
    if whole <= NO_CHANGE * scale:
        return
    steep = np.sign(changes) * (np.abs(changes) >= STEEP_GAP * whole / len(changes))
    place = 0
    for direction, run in groupby(steep.tolist()):
        gaps = len(list(run))
        first, last = place, place + gaps
        place = last
        step = float(answers[last] - answers[first])
        if not direction or gaps > MOST_STEEP_GAPS or abs(step) < LEAST_STEP * whole:
            continue
        low, high = float(answers[first]), float(answers[last])
        level = 0.5 * (low + high)
        ends = known[first].value, known[last].value
        yield ThresholdGap(question, "steep", level, ends, (low, high), (low - level, high - level))


class LineReader(NamedTuple):
    """Answers questions at values of one unknown; sent to other processes.

    plan      the questions, with the games that they need
    unknown   the name of the unknown that moves
    """

    plan: QueryPlan
    unknown: str

    def read(self, gap: ThresholdGap, value: float, halvings: int = 0) -> LineReading:
        """The answer of a gap's question there, on a grid refined so often."""
        world = dict(gap.others) | {self.unknown: value}
        found = self.plan.restricted_to([gap.question]).evaluate_world(world, halvings=halvings)
        return LineReading(value, found.values[0], margin_of_answer(self.plan, found, gap.question))


def margin_of_answer(plan: QueryPlan, result: WorldResult, question: int) -> float | None:
    """By how much a test holds where it was asked alone; None for a number.

    plan, result, question  the questions, what was read of this one, and its number
    """
    asked = plan.questions[question]
    if not asked.is_test:
        return None
    return margin_of_test(asked.expression, [one.value for one in result.quantity_values[0]])


def narrow_gap(reader: LineReader, gap: ThresholdGap, *, accuracy: float) -> Threshold:
    """Find where in a gap the answer turns, to the accuracy, and how far the grid may move it.

    reader    answers the question
    gap       where to look
    accuracy  how far the two solutions may be from the middle that is stated
    """
    search = _GapSearch(reader, gap, accuracy)
    inside, outside = search.run(gap)
    at, within = 0.5 * (inside.value + outside.value), 0.5 * abs(outside.value - inside.value)
    kind, before, after = gap.kind, inside.answer, outside.answer
    if kind == "steep":
        near = [one.answer for one in (inside, outside) if one.answer is not None]
        step = abs(float(gap.answers[1] or 0.0) - float(gap.answers[0] or 0.0))
        jump = within <= accuracy and abs(float(near[-1]) - float(near[0])) >= JUMP_SHARE * step
        kind = "jumps" if jump else "steep"
        if not jump:
            before, after = gap.answers
    shift = _grid_shift(reader, gap, at, accuracy, search)
    level = gap.level
    return Threshold(
        gap.question, kind, at, within, before, after, level,
        gap.others[0][1] if gap.others else None, shift, search.solves,
    )  # fmt: skip


class _GapSearch:
    def __init__(self, reader: LineReader, gap: ThresholdGap, accuracy: float) -> None:
        self.reader, self.accuracy, self.solves = reader, accuracy, 0
        self._question, self._level = gap, gap.level

    def read(self, value: float, halvings: int = 0) -> LineReading:
        self.solves += 1
        try:
            return self.reader.read(self._question, value, halvings)
        except CeasefireError:
            return LineReading(value, None, None)

    def amount(self, reading: LineReading) -> float | None:
        """By how much an answer is above the level, or a test holds."""
        if reading.answer is None or self._level is None:
            return reading.margin
        return float(reading.answer) - self._level

    def is_upper(self, reading: LineReading) -> bool | None:
        """Whether a test is true, or a number at the level or above; None without an answer."""
        if reading.answer is None or self._level is None:
            return None if reading.answer is None else bool(reading.answer)
        return float(reading.answer) >= self._level

    def run(self, gap: ThresholdGap, halvings: int = 0) -> tuple[LineReading, LineReading]:
        """The two nearest readings that differ, the lower value of the unknown first."""
        low, high = (
            LineReading(value, answer, amount if self._level is None else None)
            for value, answer, amount in zip(gap.ends, gap.answers, gap.amounts, strict=True)
        )
        lower = self.is_upper(low)
        sign = 1.0 if lower else -1.0

        def holds(amount: float | None) -> float | None:
            return None if amount is None else sign * amount

        search = TurningSearch(
            TurningBracket(*gap.ends),
            (holds(gap.amounts[0]), holds(gap.amounts[1])),
            lambda value: (value,),
            accuracy=2.0 * self.accuracy,
        )
        while not search.settled:
            place = search.next_place()
            found = self.read(place, halvings)
            upper = self.is_upper(found)
            if upper is None or not search.contains(place):
                break
            flipped = upper is not lower
            search.read(place, holds(self.amount(found)), flipped=flipped, own=True)
            low, high = (low, found) if flipped else (found, high)
        return low, high


def _grid_shift(
    reader: LineReader, gap: ThresholdGap, at: float, accuracy: float, search: _GapSearch
) -> float | None:
    """How far a threshold moves on a grid refined once; at least the accuracy."""
    if reader.plan.grid_size is None:
        return None
    nearby = max(at - accuracy, gap.ends[0]), min(at + accuracy, gap.ends[1])
    for ends in (nearby, gap.ends):
        low, high = (search.read(value, 1) for value in ends)
        sides = search.is_upper(low), search.is_upper(high)
        if None in sides:
            return None
        if sides[0] is not sides[1]:
            amounts = search.amount(low), search.amount(high)
            finer = gap._replace(ends=ends, answers=(low.answer, high.answer), amounts=amounts)
            if ends == nearby:
                return accuracy
            inside, outside = search.run(finer, 1)
            return max(accuracy, abs(0.5 * (inside.value + outside.value) - at))
    return math.inf

"""At which value of one unknown alone does a claim change from true to false, or back?

Along an unknown, all others at best, a claim is read where its verdict may be another. What is
known of that depends on the worlds. Where the expansion of the margin tells what decides the
claim, it says where to look: on each side of best, at the value at which the verdict at best
would hold least, if that is less than the error of the expansion; along other unknowns the claim
is not read, and that is said. Where the worlds are too few to tell, the claim is read at the ends
of the range alone, and that is said, too: first on a grid half as fine, then on the right one
if by that it nearly turns. Where it clearly turns, the right grid is read in between at once, and
at the end only if it does not turn there. Where the end changes the margin by more than it holds
at best and the verdict still holds, half the way is read, too. Where there are no worlds, it is
read at the ends and in between so that no gap is wider than a quarter of the range.

From best outwards, the first value at which a claim's verdict is the other one and the last at
which it is still the same enclose its flip. Where exactly is found by the margin, by how much the
test holds, until three digits of the value are right: the secant through the margins at both ends
is where to read next, and never are many more readings needed than halving would take. Of the
flips on both sides the nearer one counts. A verdict that flips and flips back within one gap goes
unnoticed.

Where a test has no answer, or a number is impossible, the verdict has not flipped.

Source: Oliveira & Takahashi (2020), An enhancement of the bisection method average performance
preserving minmax optimality, ACM Transactions on Mathematical Software 47, for the search.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ceasefire.ensemble.sampling import (
    Floats,
    UnknownRange,
)
from ceasefire.errors import CeasefireError
from ceasefire.query import QueryPlan, WorldResult
from ceasefire.query.comparisons import margin_of_test
from ceasefire.query.grid_refinement import coarser_halvings
from ceasefire.query.numerical_quality import finite_or_none

FORESEEN_PLACES = 40  # on each side of best, at which a forecast is read
COARSE_ERROR = 0.25  # of what a coarser grid says an unknown changes
MOST_BEFORE_END = 2  # readings in a gap whose end was read on a coarser grid alone
NEAR_THE_END = 0.9  # of one side of the range: further out, the end itself is read
DIGITS_SHOWN = 3
LEAST_GAP = 1e-5  # share of the first gap below which no digit is worth a further reading
DOUBT_SHARE = 0.1  # of how far the expected place moved: how far it may still be off
BEYOND_SHARE = 0.1  # of the way to the further end: the most that is read beyond it
SPARE_READINGS = 3  # more than halving takes
EDGE_SHARE = 0.49  # of a unit in the last digit, from the value shown: all these show the same
UNIT_SHARE = 0.1  # of a unit in the last digit: narrow enough for a gap with a rounding edge


@dataclass(frozen=True)
class TurningPoint:
    """The value nearest to best at which a claim's verdict is the other one, others at best.

    relative_distance  how far that is from best, as a share of the unknown's range
    """

    unknown: str
    value: float
    best: float
    relative_distance: float

    def as_json(self) -> dict[str, Any]:
        """A flip as `check --json` prints it."""
        return {"unknown": self.unknown, "at": self.value, "best": self.best}


@dataclass(frozen=True)
class RangeScan:
    """What was read along one unknown.

    turning_points     by the number of the claim
    margins   by how much each claim holds at each value of the scan, best not included
    evaluations  how often questions were read, `doubtful_evaluations` of them with a decision left
                 unresolved or
              a branch point met
    failed    the values at which a number is impossible, and why
    unsearched  the claims that were not read, for their forecasts hold all along the range
    ends_only   the claims that were read at the ends of the range alone
    """

    unknown_range: UnknownRange
    turning_points: Mapping[int, TurningPoint]
    margins: Mapping[float, tuple[float | None, ...]]
    evaluations: int
    doubtful_evaluations: int
    failed: Mapping[float, str]
    unsearched: frozenset[int] = frozenset()
    ends_only: frozenset[int] = frozenset()


class TurningBracket(NamedTuple):
    """Between these two values verdicts change: the same as at best inside, flipped outside."""

    inside: float
    outside: float


def shown_digits(value: float) -> str:
    """The digits of a value that readers see: three, but all before the point.

    >>> shown_digits(0.70904), shown_digits(12345.6)
    ('0.709', '12346')
    """
    return f"{value:.0f}" if abs(value) >= 10**DIGITS_SHOWN else f"{value:.{DIGITS_SHOWN}g}"


def unit_of_last_digit(value: float) -> float:
    """What one more in the last digit shown is worth.

    >>> unit_of_last_digit(0.709), unit_of_last_digit(12345.6)
    (0.001, 1.0)
    """
    if value == 0.0 or abs(value) >= 10**DIGITS_SHOWN:
        return 1.0 if value else 0.0
    return float(10.0 ** (math.floor(math.log10(abs(value))) - DIGITS_SHOWN + 1))


class TurningSearch:
    """Narrows a gap in which a verdict changes, by how much the verdict at best still holds.

    Where it turns is told from a curve through the three nearest readings. Once that no longer
    moves by a part of the last digit shown, the two ends of the values that show these digits are
    read. Never are more than a few readings more made than halving takes.

    gap      the gap
    holds    by how much the verdict at best holds at its two ends; None where that is not known
    values   what readers see of a place in the gap, such as the value of the unknown
    first    where to read first, None where nothing is foreseen
    accuracy  how narrow the gap has to be; if None, until three digits shown are the same
    """

    def __init__(
        self,
        gap: TurningBracket,
        holds: tuple[float | None, float | None],
        values: Callable[[float], tuple[float, ...]],
        first: float | None = None,
        accuracy: float | None = None,
    ) -> None:
        self.gap, self.values, self._first, self._accuracy = gap, values, first, accuracy
        self._holds = tuple(finite_or_none(amount) for amount in holds)
        self._first_width = self._width
        self._own_readings = 0
        self._widths = [self._width]
        self._left_behind: tuple[float, float] | None = None
        self._expected: float | None = None
        self._tolerance = self._finest_tolerance()
        self._most_readings = math.ceil(math.log2(max(self._width / self._tolerance, 1.0)))
        self._most_readings += SPARE_READINGS

    @property
    def own_readings(self) -> int:
        """How often it has asked."""
        return self._own_readings

    def confirm(self, holds: float | None) -> None:
        """Take in what was read at the outer end, where the verdict is the other one."""
        self._holds = self._holds[0], finite_or_none(holds)

    @property
    def settled(self) -> bool:
        """Whether everything shown of the gap's two ends is the same, or as good as the same."""
        if self._accuracy is not None:
            return self._width <= self._accuracy
        ends = zip(self.values(self.gap.inside), self.values(self.gap.outside), strict=True)
        return self._width <= LEAST_GAP * self._first_width or all(
            shown_digits(inside) == shown_digits(outside)
            or abs(outside - inside)
            <= UNIT_SHARE * unit_of_last_digit(max(abs(inside), abs(outside)))
            for inside, outside in ends
        )

    @property
    def _width(self) -> float:
        return abs(self.gap.outside - self.gap.inside)

    def _finest_tolerance(self) -> float:
        """A width at which the search may end wherever in the first gap the flip is."""
        if self._accuracy is not None:
            return self._accuracy
        ends = zip(self.values(self.gap.inside), self.values(self.gap.outside), strict=True)
        shares = [
            UNIT_SHARE * unit_of_last_digit(min(abs(inside), abs(outside))) / abs(outside - inside)
            for inside, outside in ends
            if outside != inside
        ]
        return self._width * min([1.0, *(max(share, LEAST_GAP) for share in shares)])

    def contains(self, place: float) -> bool:
        """Whether a place is inside the gap, not at its ends."""
        return min(self.gap) < place < max(self.gap)

    def next_place(self) -> float:
        """Where to read next."""
        inside, outside = self.gap
        if self._own_readings == 0 and self._first is not None and self.contains(self._first):
            return self._first
        middle, (before, after) = 0.5 * (inside + outside), self._holds
        if before is None or after is None or before < 0 or after > 0 or before == after:
            return middle
        if len(self._widths) > 2 and self._width > 0.5 * self._widths[-3]:
            return middle
        expected = self._expected_turn((inside, before), (outside, after))
        moved = math.inf if self._expected is None else abs(expected - self._expected)
        self._expected = expected
        place = self._place_to_settle(expected, moved)
        left = max(self._most_readings - self._own_readings, 0)
        reach = max(0.5 * (self._tolerance * 2.0**left - self._width), 0.0)
        toward = math.copysign(1.0, middle - place)
        place = place if abs(place - middle) <= reach else middle - toward * reach
        return place if self.contains(place) else middle

    def _expected_turn(self, inside: tuple[float, float], outside: tuple[float, float]) -> float:
        """Where the verdict is expected to turn, from places and by how much it holds there.

        By a parabola through three readings, the place as a function of how much it holds; by the
        line through both ends where there are two, or the parabola leaves the gap.
        """
        (x, before), (y, after) = inside, outside
        line = x + (y - x) * before / (before - after)
        if self._left_behind is None:
            return line
        z, other = self._left_behind
        if other in (before, after):
            return line
        curve = (
            x * after * other / ((before - after) * (before - other))
            + y * before * other / ((after - before) * (after - other))
            + z * before * after / ((other - before) * (other - after))
        )
        return curve if self.contains(curve) else line

    def _place_to_settle(self, expected: float, moved: float) -> float:
        """The expected place, or one beside it that shows which digits are right.

        expected  where the verdict is expected to turn
        moved     by how much that is another place than was expected before the last reading
        """
        doubt = DOUBT_SHARE * moved
        (value,) = values if len(values := self.values(expected)) == 1 else (math.nan,)
        read_off = self._accuracy is None and value == expected
        unit = unit_of_last_digit(value) if read_off else 0.0
        shown = float(shown_digits(value)) if unit else math.nan
        near, far = (shown + side * EDGE_SHARE * unit for side in (-1.0, 1.0))
        spread = 0.4 * self._tolerance
        if not (unit and near + doubt < expected < far - doubt):
            if doubt > spread:
                further = max(self.gap, key=lambda end: abs(end - expected)) - expected
                beyond = min(doubt, BEYOND_SHARE * abs(further)) if math.isfinite(doubt) else 0.0
                return expected + math.copysign(beyond, further)
            near, far = expected - spread, expected + spread
        if self.gap.inside > self.gap.outside:
            near, far = far, near
        return near if self.contains(near) else far

    def read(self, place: float, holds: float | None, *, flipped: bool, own: bool) -> None:
        """Take in what was read at a place inside the gap.

        holds    by how much the verdict at best holds there
        flipped  whether the verdict is the other one
        own      whether it was this search that asked
        """
        inside, outside = self.gap
        before, after = self._holds
        amount = finite_or_none(holds)
        dropped = (outside, after) if flipped else (inside, before)
        self._left_behind = None if dropped[1] is None else (dropped[0], dropped[1])
        self.gap = TurningBracket(inside, place) if flipped else TurningBracket(place, outside)
        self._holds = (before, amount) if flipped else (amount, after)
        self._own_readings += own
        if own:
            self._widths.append(self._width)


class ClaimTruthReader:
    """Reads claims away from best; sent to other processes with the games it needs.

    truths_at_best  whether each claim is true at best, None where it has no answer
    at_ends_only    claims of whose margins the worlds tell too little to say where to look
    """

    def __init__(
        self, plan: QueryPlan, best: WorldResult, at_ends_only: Collection[int] = ()
    ) -> None:
        self.plan, self.at_ends_only = plan, frozenset(at_ends_only)
        self.truths_at_best = tuple(best.test_result(n) for n in range(len(plan.questions)))
        self.answered_claims = tuple(
            n for n, truth in enumerate(self.truths_at_best) if truth is not None
        )
        self.margins_at_best = margins_of_claims(plan, best, range(len(plan.questions)))
        self._unknowns = tuple(
            frozenset(plan.unknowns_of_question(n)) for n in range(len(plan.questions))
        )

    @cached_property
    def coarse_margins_at_best(self) -> tuple[float | None, ...] | None:
        """On a grid half as fine; None where there is no grid or it is the coarsest already."""
        if -1 not in coarser_halvings(self.plan.grid_size):
            return None
        asked = [n for n in self.answered_claims if n in self.at_ends_only]
        return self._coarse_margins({}, asked) if asked else None

    def read_coarsely(
        self, world: Mapping[str, float], claims: Sequence[int]
    ) -> dict[int, "CoarseReading"]:
        """By how much verdicts hold as far as a grid half as fine tells; without those it does not.

        world  the unknowns that differ from best
        """
        before, at_best = self.coarse_margins_at_best, self.margins_at_best
        after = None if before is None else self._coarse_margins(world, claims)
        if before is None or after is None:
            return {}
        found = {n: self._coarse_reading(n, at_best[n], before[n], after[n]) for n in claims}
        return {n: reading for n, reading in found.items() if reading is not None}

    def _coarse_reading(
        self, claim: int, at_best: float | None, before: float | None, after: float | None
    ) -> "CoarseReading | None":
        if at_best is None or before is None or after is None:
            return None
        change = after - before
        error = COARSE_ERROR * abs(change) + 2.0 * abs(before - at_best)
        sign = 1.0 if self.truths_at_best[claim] else -1.0
        reading = CoarseReading(sign * (at_best + change), error, sign * at_best)
        return reading if math.isfinite(reading.holds + reading.error) else None

    @cached_property
    def _solutions(self) -> tuple[frozenset[Any], ...]:
        keys = self.plan.solutions_by_quantity()
        return tuple(frozenset(keys[q] for q in one.quantities) for one in self.plan.questions)

    def are_read_with(self, asking: int, claims: Iterable[int]) -> list[int]:
        """Those of these claims that need no other solutions than the one that asks."""
        return [n for n in claims if self._solutions[n] <= self._solutions[asking]]

    def _coarse_margins(
        self, world: Mapping[str, float], claims: Sequence[int]
    ) -> tuple[float | None, ...] | None:
        try:
            found = self.plan.restricted_to(claims).evaluate_world(world, halvings=-1)
        except CeasefireError:
            return None
        return margins_of_claims(self.plan, found, claims)

    def claims_of(self, unknown: str) -> tuple[int, ...]:
        """The claims that have an answer at best and to which this unknown can matter."""
        return tuple(n for n in self.answered_claims if unknown in self._unknowns[n])

    def holds(self, claim: int, margin: float | None) -> float | None:
        """By how much the verdict at best of a claim holds where its test has this margin."""
        return margin if margin is None or self.truths_at_best[claim] else -margin

    def read(self, world: Mapping[str, float], claims: Sequence[int]) -> WorldResult:
        """The answers of these claims alone, in their order."""
        return self.plan.restricted_to(claims).evaluate_world(world)

    def claims_turned(self, result: WorldResult, claims: Sequence[int]) -> set[int]:
        """Which of these claims, read in this order, have the other verdict than at best."""
        truths = [result.test_result(place) for place in range(len(claims))]
        pairs = zip(claims, truths, strict=True)
        return {
            n for n, truth in pairs if truth is not None and truth is not self.truths_at_best[n]
        }


class CoarseReading(NamedTuple):
    """By how much the verdict at best holds somewhere, as a grid half as fine tells.

    holds    by how much it would hold
    error    how far that may be off
    at_best  by how much it holds at best
    """

    holds: float
    error: float
    at_best: float

    @property
    def is_sure(self) -> bool:
        """Whether the verdict surely holds, or surely does not."""
        return abs(self.holds) > self.error

    @property
    def may_turn_on_the_way(self) -> bool:
        """Whether more is changed here than it holds by at best, though the verdict holds here."""
        return self.holds > self.error and abs(self.holds - self.at_best) > self.at_best


def has_doubtful_solution(result: WorldResult) -> bool:
    """Whether a decision was left unresolved in these answers, or a branch point met."""
    return result.unresolved > 0 or result.branch_points > 0


@dataclass(frozen=True, eq=False)
class MarginForecast:
    """What is expected of the margin of one claim away from best, before it is read there.

    unknowns  the U unknowns that the forecast reads
    predict   the margins (N,) at values (N, U) of these
    best      (U,) their best estimates
    true_at_best  whether the claim is true there
    at_best   the true margin there, in the unit of `predict`
    error     how far a forecast usually is from the truth, in the same unit
    """

    unknowns: tuple[str, ...]
    predict: Callable[[Floats], Floats]
    best: Floats
    true_at_best: bool
    at_best: float
    error: float

    def holds(self, values: Floats) -> Floats:
        """(N,) by how much the verdict at best holds at values (N, U); right at best."""
        margins = self.predict(values) - self._predicted_at_best + self.at_best
        return margins if self.true_at_best else -margins

    @cached_property
    def _predicted_at_best(self) -> Floats:
        return self.predict(self.best[None])


def least_held_places(
    forecast: MarginForecast, axis: UnknownRange, direction: int
) -> tuple[float, ...]:
    """Where on one side of best a claim has to be read to see whether its verdict changes.

    forecast   of the margin of the claim
    axis       the unknown and its range
    direction  1 for above best, -1 for below

    The value at which the verdict at best would hold least, and the end; the end alone where the
    two are near; all values of an unknown that has a few. Empty, or without the end, where the
    verdict would hold by more than the error of the forecast.
    """
    places, holds = _foreseen_holds(forecast, axis, direction)
    if not len(holds) or holds.min() > forecast.error:
        return ()
    if axis.values:
        return tuple(places.tolist())
    least, end = int(np.argmin(holds)), float(places[-1])
    if least >= NEAR_THE_END * len(places) - 1 or holds[least] == holds[-1]:
        return (end,)
    return (float(places[least]), end) if holds[-1] <= forecast.error else (float(places[least]),)


def _foreseen_holds(
    forecast: MarginForecast, axis: UnknownRange, direction: int
) -> tuple[Floats, Floats]:
    """Places on one side of best, nearest first, and by how much the verdict would hold there."""
    if axis.values:
        places = np.array(axis.scan_values(direction))
    else:
        end = axis.high if direction > 0 else axis.low
        places = axis.best + (end - axis.best) * np.arange(1, FORESEEN_PLACES + 1) / FORESEEN_PLACES
    if axis.name not in forecast.unknowns or not len(places) or places[-1] == axis.best:
        return np.empty(0), np.empty(0)
    values = np.tile(forecast.best, (len(places), 1))
    values[:, forecast.unknowns.index(axis.name)] = places
    return places, forecast.holds(values)


def _foreseen_turn(
    forecast: MarginForecast | None, axis: UnknownRange, gap: TurningBracket
) -> float | None:
    """Where within a gap a forecast first turns, None where nothing is foreseen."""
    if forecast is None:
        return None
    places, holds = _foreseen_holds(forecast, axis, 1 if gap.outside > axis.best else -1)
    return first_turn(np.append(axis.best, places), np.append(abs(forecast.at_best), holds))


def first_turn(places: Floats, holds: Floats) -> float | None:
    """Where a verdict that holds at the first of some places first turns, None if it does not.

    places  (N,) in the order in which they are come to
    holds   (N,) by how much the verdict holds at each

    Between two places it is taken to change evenly.

    >>> first_turn(np.array([0.0, 1.0, 3.0]), np.array([2.0, 1.0, -1.0]))
    2.0
    """
    turned = np.flatnonzero(holds[1:] <= 0.0)
    if not len(turned):
        return None
    k = int(turned[0]) + 1
    before, after = holds[k - 1], holds[k]
    within = before / (before - after) if before > after else 1.0
    return float(places[k - 1] + within * (places[k] - places[k - 1]))


def scan_range(
    truths: ClaimTruthReader,
    axis: UnknownRange,
    forecasts: Mapping[int, MarginForecast] | None = None,
) -> RangeScan:
    """Read claims along one unknown, then narrow every gap in which a verdict changes.

    truths     reads the claims at a value of the unknown
    axis       the unknown and its range
    forecasts  of the margins of claims, by their numbers; a claim without one is read all along
    """
    return _RangeScanner(truths, axis, forecasts or {}).walk()


class _RangeScanner:
    def __init__(
        self,
        truths: ClaimTruthReader,
        axis: UnknownRange,
        forecasts: Mapping[int, MarginForecast],
    ) -> None:
        self.truths, self.axis, self.forecasts = truths, axis, forecasts
        self.readings = self.doubtful = 0
        self.failed: dict[float, str] = {}
        self.margins: dict[float, tuple[float | None, ...]] = {}
        self.unconfirmed: dict[tuple[int, float], float] = {}

    def walk(self) -> RangeScan:
        flips: dict[int, TurningPoint] = {}
        gaps: dict[int, list[TurningBracket]] = {}
        searched = set[int]()
        for direction in (-1, 1):
            places, turned_end = self._without_sure_ends(self._places(direction))
            waiting = {claim for claims in places.values() for claim in claims}
            inside = dict.fromkeys(waiting, self.axis.best)
            searched |= waiting
            for value in sorted(places, key=self.axis.relative_distance):
                flipped, self.margins[value] = self._read(value, places[value])
                found = flipped & waiting
                for claim in found:
                    gaps.setdefault(claim, []).append(TurningBracket(inside[claim], value))
                waiting -= found
                inside |= dict.fromkeys(places[value], value)
            for claim, end in turned_end.items():
                searched.add(claim)
                if all(
                    (end > self.axis.best) != (g.outside > self.axis.best)
                    for g in gaps.get(claim, ())
                ):
                    gap = TurningBracket(inside.get(claim, self.axis.best), end)
                    gaps.setdefault(claim, []).append(gap)
        for gap, claims in _claims_by_bracket(gaps, self.axis).items():
            for claim, at in self._narrow(gap, claims).items():
                flip = TurningPoint(
                    self.axis.name, at, self.axis.best, self.axis.relative_distance(at)
                )
                if claim not in flips or flip.relative_distance < flips[claim].relative_distance:
                    flips[claim] = flip
        mattering = frozenset(self.truths.claims_of(self.axis.name))
        ends_only = frozenset[int]() if self.axis.values else mattering & self.truths.at_ends_only
        return RangeScan(
            self.axis,
            flips,
            self.margins,
            self.readings,
            self.doubtful,
            self.failed,
            mattering - searched - self.truths.at_ends_only,
            ends_only,
        )

    def _without_sure_ends(
        self, places: dict[float, list[int]]
    ) -> tuple[dict[float, list[int]], dict[int, float]]:
        """The places less what a coarser grid is sure of, and the ends at which it is of a turn."""
        left: dict[float, list[int]] = {}
        turned_end: dict[int, float] = {}
        for value, claims in places.items():
            unsure = [claim for claim in claims if claim in self.truths.at_ends_only]
            coarse = self._read_coarsely(value, unsure)
            sure = {n for n, reading in coarse.items() if reading.is_sure}
            if self.axis.values:
                sure = {n for n in sure if coarse[n].holds > 0.0}
            for n in sure:
                if coarse[n].holds < 0.0:
                    turned_end[n] = value
                    self.unconfirmed[n, value] = coarse[n].holds
            if claims := [claim for claim in claims if claim not in sure]:
                left.setdefault(value, []).extend(claims)
            halfway = [n for n in sure if coarse[n].may_turn_on_the_way]
            if halfway and not self.axis.values:
                middle = 0.5 * (self.axis.best + value)
                there = self._read_coarsely(middle, halfway)
                if turning := [
                    n for n in halfway if n not in there or there[n].holds <= there[n].error
                ]:
                    left.setdefault(middle, []).extend(turning)
        return left, turned_end

    def _read_coarsely(self, value: float, claims: Sequence[int]) -> dict[int, CoarseReading]:
        if not claims or self.truths.coarse_margins_at_best is None:
            return {}
        self.readings += 1
        return self.truths.read_coarsely({self.axis.name: value}, claims)

    def _places(self, direction: int) -> dict[float, list[int]]:
        """The values to read on one side of best, and which claims at each."""
        places: dict[float, list[int]] = {}
        for claim in self.truths.claims_of(self.axis.name):
            forecast = self.forecasts.get(claim)
            if forecast is None:
                values = self.axis.scan_values(direction)
                if claim in self.truths.at_ends_only and not self.axis.values:
                    values = values[-1:]
            else:
                values = least_held_places(forecast, self.axis, direction)
            for value in values:
                places.setdefault(value, []).append(claim)
        return places

    def _read(
        self, value: float, claims: Sequence[int]
    ) -> tuple[set[int], tuple[float | None, ...]]:
        """Which of these claims have flipped at a value, and the margin of every claim read."""
        self.readings += 1
        try:
            sheet = self.truths.read({self.axis.name: value}, claims)
        except CeasefireError as error:
            self.failed[value] = str(error)
            return set(), (None,) * len(self.truths.plan.questions)
        self.doubtful += has_doubtful_solution(sheet)
        margins = margins_of_claims(self.truths.plan, sheet, claims)
        return self.truths.claims_turned(sheet, claims), margins

    def _narrow(self, gap: TurningBracket, claims: Sequence[int]) -> dict[int, float]:
        """The nearest value of the gap that is known to be flipped, by claim.

        The claim with the widest gap says where to read. With it are read all whose gap holds the
        place and that need no other solutions.
        """
        if self.axis.values:
            return dict.fromkeys(claims, gap.outside)
        searches = {claim: self._search(gap, claim) for claim in claims}
        unconfirmed = {claim for claim in claims if (claim, gap.outside) in self.unconfirmed}
        while searching := [
            n for n, one in searches.items() if n in unconfirmed or not one.settled
        ]:
            asking = max(searching, key=lambda claim: abs(np.diff(searches[claim].gap)[0]))
            search = searches[asking]
            at_end = asking in unconfirmed and (
                search.settled or search.own_readings >= MOST_BEFORE_END
            )
            place = gap.outside if at_end else search.next_place()
            within = (
                unconfirmed if at_end else {n for n in searching if searches[n].contains(place)}
            )
            reading = sorted({asking, *self.truths.are_read_with(asking, within)})
            flipped, found = self._read(place, reading)
            for claim in reading:
                holds = self.truths.holds(claim, found[claim])
                if at_end and claim not in flipped:
                    del searches[claim]
                elif at_end:
                    searches[claim].confirm(holds)
                else:
                    turned, own = claim in flipped, claim == asking
                    searches[claim].read(place, holds, flipped=turned, own=own)
            unconfirmed -= set(reading) if at_end else flipped
        return {claim: search.gap.outside for claim, search in searches.items()}

    def _search(self, gap: TurningBracket, claim: int) -> TurningSearch:
        margins = [self.margins.get(end, self.truths.margins_at_best) for end in gap]
        inside, outside = (self.truths.holds(claim, margin[claim]) for margin in margins)
        return TurningSearch(
            gap,
            (inside, self.unconfirmed.get((claim, gap.outside), outside)),
            lambda value: (value,),
            _foreseen_turn(self.forecasts.get(claim), self.axis, gap),
        )


def margins_of_claims(
    plan: QueryPlan, result: WorldResult, claims: Sequence[int]
) -> tuple[float | None, ...]:
    """One margin per question of `plan`, None for those that were not read."""
    found: list[float | None] = [None] * len(plan.questions)
    for place, claim in enumerate(claims):
        numbers = [reading.value for reading in result.quantity_values[place]]
        found[claim] = margin_of_test(plan.questions[claim].expression, numbers)
    return tuple(found)


def _claims_by_bracket(
    brackets: Mapping[int, Iterable[TurningBracket]], unknown_range: UnknownRange
) -> dict[TurningBracket, list[int]]:
    """The claims of each gap; a gap that lies wholly beyond another of its claim is left out."""
    shared: dict[TurningBracket, list[int]] = {}
    for claim, found in brackets.items():
        nearest = min(unknown_range.relative_distance(gap.outside) for gap in found)
        for gap in found:
            if (
                unknown_range.relative_distance(gap.inside) < nearest
                or unknown_range.relative_distance(gap.outside) == nearest
            ):
                shared.setdefault(gap, []).append(claim)
    return shared

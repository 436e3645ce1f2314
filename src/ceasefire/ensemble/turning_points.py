"""At which value of one unknown alone does a claim change from true to false, or back?

Along each unknown, all others at best, every claim to which it can matter is read at the ends of
the range and in between so that no gap is wider than a quarter of it. From best outwards, the
first value at which a claim's verdict is the other one and the last at which it is still the same
enclose its flip. Where exactly is found by the margin, by how much the test holds, until three
digits of the value are right: the secant through the margins at both ends is where to read next,
and never are many more readings needed than halving would take. Of the flips on both sides the
nearer one counts. A verdict that flips and flips back within one gap goes unnoticed.

Where a test has no answer, or a number is impossible, the verdict has not flipped.

Source: Oliveira & Takahashi (2020), An enhancement of the bisection method average performance
preserving minmax optimality, ACM Transactions on Mathematical Software 47, for the search.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ceasefire.ensemble.run import JobProgressCallback, ProgressCounter
from ceasefire.ensemble.sampling import MAX_SCAN_STEP, UnknownRange, find_unknown_ranges
from ceasefire.errors import CeasefireError
from ceasefire.query import QueryPlan, WorldResult
from ceasefire.query.comparisons import margin_of_test

TURNING_TOLERANCE = 0.01  # share of the range by which a second pair must be nearer than the first
DIGITS_SHOWN = 3
LEAST_GAP = 1e-5  # share of the first gap below which no digit is worth a further reading
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
    """

    unknown_range: UnknownRange
    turning_points: Mapping[int, TurningPoint]
    margins: Mapping[float, tuple[float | None, ...]]
    evaluations: int
    doubtful_evaluations: int
    failed: Mapping[float, str]


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

    Steps are those of interpolate, truncate, project: no more than one more than halving takes.

    gap      the gap
    holds    by how much the verdict at best holds at its two ends; None where that is not known
    values   what readers see of a place in the gap, such as the value of the unknown
    """

    def __init__(
        self,
        gap: TurningBracket,
        holds: tuple[float | None, float | None],
        values: Callable[[float], tuple[float, ...]],
    ) -> None:
        self.gap, self.values = gap, values
        self._holds = tuple(_finite_or_none(amount) for amount in holds)
        self._first_width = self._width
        self._own_readings = 0
        self._tolerance = self._finest_tolerance()
        self._most_readings = math.ceil(math.log2(max(self._width / self._tolerance, 1.0))) + 1

    @property
    def settled(self) -> bool:
        """Whether everything shown of the gap's two ends is the same, or as good as the same."""
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
        middle, (before, after) = 0.5 * (inside + outside), self._holds
        if before is None or after is None or before < 0 or after > 0 or before == after:
            return middle
        secant = inside + (outside - inside) * before / (before - after)
        toward = math.copysign(1.0, middle - secant)
        shift = 0.2 * self._width**2 / self._first_width
        place = secant + toward * shift if shift <= abs(middle - secant) else middle
        left = max(self._most_readings - self._own_readings, 0)
        reach = max(0.5 * (self._tolerance * 2.0**left - self._width), 0.0)
        place = place if abs(place - middle) <= reach else middle - toward * reach
        return place if self.contains(place) else middle

    def read(self, place: float, holds: float | None, *, flipped: bool, own: bool) -> None:
        """Take in what was read at a place inside the gap.

        holds    by how much the verdict at best holds there
        flipped  whether the verdict is the other one
        own      whether it was this search that asked
        """
        inside, outside = self.gap
        before, after = self._holds
        amount = _finite_or_none(holds)
        self.gap = TurningBracket(inside, place) if flipped else TurningBracket(place, outside)
        self._holds = (before, amount) if flipped else (amount, after)
        self._own_readings += own


def _finite_or_none(amount: float | None) -> float | None:
    return amount if amount is not None and math.isfinite(amount) else None


class ClaimTruthReader:
    """Reads claims away from best; sent to other processes with the games it needs.

    truths_at_best  whether each claim is true at best, None where it has no answer
    """

    def __init__(self, plan: QueryPlan, best: WorldResult) -> None:
        self.plan = plan
        self.truths_at_best = tuple(best.test_result(n) for n in range(len(plan.questions)))
        self.answered_claims = tuple(
            n for n, truth in enumerate(self.truths_at_best) if truth is not None
        )
        self.margins_at_best = tuple(_margins_at_best(plan, best))
        self._unknowns = tuple(
            frozenset(plan.unknowns_of_question(n)) for n in range(len(plan.questions))
        )

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


def has_doubtful_solution(result: WorldResult) -> bool:
    """Whether a decision was left unresolved in these answers, or a branch point met."""
    return result.unresolved > 0 or result.branch_points > 0


def scan_range(truths: ClaimTruthReader, axis: UnknownRange) -> RangeScan:
    """Scan the range of one unknown, then narrow every gap in which a verdict changes.

    truths  reads the claims at a value of the unknown
    axis    the unknown and its range
    """
    return _RangeScanner(truths, axis).walk()


class _RangeScanner:
    def __init__(self, truths: ClaimTruthReader, axis: UnknownRange) -> None:
        self.truths, self.axis = truths, axis
        self.readings = self.doubtful = 0
        self.failed: dict[float, str] = {}
        self.margins: dict[float, tuple[float | None, ...]] = {}

    def walk(self) -> RangeScan:
        every = self.truths.claims_of(self.axis.name)
        flips: dict[int, TurningPoint] = {}
        gaps: dict[int, list[TurningBracket]] = {}
        for direction in (-1, 1):
            inside, waiting = self.axis.best, set(every)
            for value in self.axis.scan_values(direction):
                flipped, self.margins[value] = self._read(value, every)
                found = flipped & waiting
                for claim in found:
                    gaps.setdefault(claim, []).append(TurningBracket(inside, value))
                waiting -= found
                inside = value
        for gap, claims in _claims_by_bracket(gaps, self.axis).items():
            for claim, at in self._narrow(gap, claims).items():
                flip = TurningPoint(
                    self.axis.name, at, self.axis.best, self.axis.relative_distance(at)
                )
                if claim not in flips or flip.relative_distance < flips[claim].relative_distance:
                    flips[claim] = flip
        counts = (self.readings, self.doubtful)
        return RangeScan(self.axis, flips, self.margins, *counts, self.failed)

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
        margins = _margins_of_claims(self.truths.plan, sheet, claims)
        return self.truths.claims_turned(sheet, claims), margins

    def _narrow(self, gap: TurningBracket, claims: Sequence[int]) -> dict[int, float]:
        """The nearest value of the gap that is known to be flipped, by claim.

        The claim with the widest gap says where to read; all whose gap holds the place are read.
        """
        if self.axis.values:
            return dict.fromkeys(claims, gap.outside)
        margins = [self.margins.get(end, self.truths.margins_at_best) for end in gap]
        searches = {}
        for claim in claims:
            holds = [self.truths.holds(claim, margin[claim]) for margin in margins]
            searches[claim] = TurningSearch(gap, (holds[0], holds[1]), lambda value: (value,))
        while searching := [claim for claim in claims if not searches[claim].settled]:
            asking = max(searching, key=lambda claim: abs(np.diff(searches[claim].gap)[0]))
            place = searches[asking].next_place()
            reading = [claim for claim in searching if searches[claim].contains(place)]
            flipped, found = self._read(place, reading)
            for claim in reading:
                searches[claim].read(
                    place,
                    self.truths.holds(claim, found[claim]),
                    flipped=claim in flipped,
                    own=claim == asking,
                )
        return {claim: search.gap.outside for claim, search in searches.items()}


def _margins_of_claims(
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


Floats = NDArray[np.float64]

MAX_PAIRS_READ = 3
PAIR_TO_SINGLE_MOVE_RATIO = 0.75
MOVE_GRID = np.arange(1, 101) / 100.0
MAX_ABS_MARGIN = 1e9


@dataclass(frozen=True)
class TurningPair:
    """Two unknowns at values at which a claim's verdict is the other one, all others at best.

    relative_distance  how far each is from best, as a share of its range; less for one that is at
                       its end
    """

    unknowns: tuple[str, str]
    values: tuple[float, float]
    best: tuple[float, float]
    relative_distance: float

    def as_json(self) -> dict[str, Any]:
        """A pair as `check --json` prints it."""
        return {
            "unknowns": list(self.unknowns),
            "at": list(self.values),
            "best": list(self.best),
            "move": self.relative_distance,
        }


class MarginLossCurve(NamedTuple):
    """One unknown moved in one direction: by how much less a claim holds after each of MOVES."""

    unknown_range: UnknownRange
    direction: int
    loss: Floats


class PairSearch(NamedTuple):
    """For which claim a pair is looked for, along which courses, and how far each may move.

    slack  by how much the claim is away from a change of verdict at best, 0 or more
    """

    claim: int
    slack: float
    loss_curves: tuple[MarginLossCurve, ...]
    max_move: float


class PairCandidate(NamedTuple):
    """Two courses, and the move at which they are foreseen to flip the claim."""

    first: MarginLossCurve
    second: MarginLossCurve
    predicted_move: float


def plan_pair_searches(
    truth_reader: ClaimTruthReader, margins: Sequence[float | None], scans: Sequence[RangeScan]
) -> list[PairSearch]:
    """The claims for which a pair may be worth a word: what is known of each along every unknown.

    margins  by how much each claim holds at best
    """
    found = []
    for claim in truth_reader.answered_claims:
        at_best = margins[claim]
        if at_best is None or not np.isfinite(at_best):
            continue
        courses = tuple(
            course for along in scans for course in _margin_loss_curves(along, claim, at_best)
        )
        alone = [
            along.turning_points[claim].relative_distance
            for along in scans
            if claim in along.turning_points
        ]
        limit = PAIR_TO_SINGLE_MOVE_RATIO * min(alone) if alone else 1.0
        found.append(PairSearch(claim, abs(at_best), courses, limit))
    return found


def _margin_loss_curves(scan: RangeScan, claim: int, at_best: float) -> list[MarginLossCurve]:
    if scan.unknown_range.values:
        return []
    found = []
    for direction in (-1, 1):
        known = [
            (scan.unknown_range.relative_distance(value), margins[claim])
            for value, margins in scan.margins.items()
            if (value - scan.unknown_range.best) * direction > 0 and margins[claim] is not None
        ]
        if known:
            moves, values = np.array([(0.0, at_best), *sorted(known)], dtype=np.float64).T
            change = np.clip(values, -MAX_ABS_MARGIN, MAX_ABS_MARGIN) - at_best
            loss = np.interp(MOVE_GRID, moves, -change if at_best >= 0 else change)
            found.append(MarginLossCurve(scan.unknown_range, direction, loss))
    return found


def rank_pair_candidates(search: PairSearch) -> list[PairCandidate]:
    """The pairs to read, the most promising first."""
    if len(search.loss_curves) < 2:
        return []
    losses = np.array([course.loss for course in search.loss_curves])
    within = losses[:, search.max_move >= MOVE_GRID - 1e-9]
    if not within.size:
        return []
    names = np.array([course.unknown_range.name for course in search.loss_curves])
    first, second = np.triu_indices(len(names), 1)
    other = names[first] != names[second]
    first, second = first[other], second[other]
    left = search.slack - within[first] - within[second]
    crossed = left <= 0
    moves = MOVE_GRID[: within.shape[1]]
    foreseen = np.where(crossed.any(axis=1), moves[crossed.argmax(axis=1)], search.max_move)
    order = np.lexsort((left.min(axis=1), foreseen))[:MAX_PAIRS_READ]
    return [
        PairCandidate(
            search.loss_curves[first[k]], search.loss_curves[second[k]], float(foreseen[k])
        )
        for k in order
        if left[k].min() < search.slack
    ]


def search_pair(truths: ClaimTruthReader, search: PairSearch) -> tuple[TurningPair | None, int]:
    """Read the most promising pairs of a claim.

    truths  reads the claim at values of two unknowns
    search  the claim, and what is known of it along every unknown

    Returns the pair with the smallest move of those read, None if none flips the claim, and how
    many readings were doubtful.
    """
    searcher = _PairSearcher(truths)
    return searcher.find(search), searcher.doubtful


class _PairSearcher:
    def __init__(self, truths: ClaimTruthReader) -> None:
        self.truths = truths
        self.doubtful = 0

    def find(self, search: PairSearch) -> TurningPair | None:
        found, limit = None, search.max_move
        for candidate in rank_pair_candidates(search):
            for move in dict.fromkeys((min(1.1 * candidate.predicted_move, limit), limit)):
                flipped, holds = self._read(search.claim, candidate, move)
                if flipped:
                    found = self._narrow(search.claim, candidate, move, holds)
                    limit = found.relative_distance - TURNING_TOLERANCE
                    break
            if limit <= 0:
                break
        return found

    def _narrow(
        self, claim: int, candidate: PairCandidate, outside: float, holds: float | None
    ) -> TurningPair:
        at_best = self.truths.holds(claim, self.truths.margins_at_best[claim])
        search = TurningSearch(
            TurningBracket(0.0, outside),
            (at_best, holds),
            lambda move: tuple(_world_of_pair(candidate, move).values()),
        )
        while not search.settled:
            move = search.next_place()
            flipped, held = self._read(claim, candidate, move)
            search.read(move, held, flipped=flipped, own=True)
        axes = (candidate.first.unknown_range, candidate.second.unknown_range)
        move = search.gap.outside
        at = tuple(_world_of_pair(candidate, move).values())
        return TurningPair(
            (axes[0].name, axes[1].name), (at[0], at[1]), (axes[0].best, axes[1].best), move
        )

    def _read(self, claim: int, candidate: PairCandidate, move: float) -> tuple[bool, float | None]:
        """Whether a claim has flipped, and by how much its verdict at best holds there."""
        try:
            sheet = self.truths.read(_world_of_pair(candidate, move), [claim])
        except CeasefireError:
            return False, None
        self.doubtful += has_doubtful_solution(sheet)
        margin = _margins_of_claims(self.truths.plan, sheet, [claim])[claim]
        return bool(self.truths.claims_turned(sheet, [claim])), self.truths.holds(claim, margin)


def _world_of_pair(candidate: PairCandidate, move: float) -> dict[str, float]:
    pair = (candidate.first, candidate.second)
    return {
        course.unknown_range.name: course.unknown_range.value_at(course.direction, move)
        for course in pair
    }


OnSearchPlan = Callable[[int, int], None]


@dataclass(frozen=True)
class TurningPoints:
    """What flips each claim, by its number.

    points_by_claim       nearest first, in shares of the unknown's range; no entry for a claim
                          that has no answer at best
    pairs_by_claim        a pair whose move is clearly smaller than that of any unknown alone
    unknown_count         how many unknowns can move and matter to some claim
    scanned               those that were walked along
    evaluations           how often claims were read along them
    doubtful_evaluations  readings, those for pairs included, with a decision left unresolved or
                          a branch point met
    failed                (unknown, value, why) where a number was impossible
    interrupted           whether Ctrl-C left something untried
    """

    points_by_claim: Mapping[int, tuple[TurningPoint, ...]]
    pairs_by_claim: Mapping[int, TurningPair]
    unknown_count: int
    scanned: tuple[str, ...]
    evaluations: int
    doubtful_evaluations: int
    failed: tuple[tuple[str, float, str], ...]
    interrupted: bool

    def as_json(self) -> dict[str, Any]:
        """How far the search went: the `flips` of a run."""
        return {
            "unknowns": self.unknown_count,
            "tried": list(self.scanned),
            "scan": MAX_SCAN_STEP,
            "readings": self.evaluations,
            "doubtful": self.doubtful_evaluations,
            "failed": [{"unknown": name, "at": at, "why": why} for name, at, why in self.failed],
            "interrupted": self.interrupted,
        }


def find_turning_points(
    plan: QueryPlan,
    best: WorldResult,
    *,
    workers: int | None = None,
    on_plan: OnSearchPlan | None = None,
    progress: JobProgressCallback | None = None,
) -> TurningPoints:
    """Find what flips each claim, alone or in pairs.

    best      the answers at best
    on_plan   called once with the number of unknowns, and of readings that the scan alone takes
    progress  called with the number of jobs done, and of all: unknowns, then claims
    """
    truths = ClaimTruthReader(plan, best)
    lines = [axis for axis in find_unknown_ranges(plan) if truths.claims_of(axis.name)]
    if on_plan is not None:
        on_plan(len(lines), sum(len(a.scan_values(-1)) + len(a.scan_values(1)) for a in lines))
    meter = ProgressCounter(progress, len(lines) + len(truths.answered_claims))
    walked = meter.run_jobs(
        partial(scan_range, truths), {axis.name: axis for axis in lines}, workers
    )
    alongs = tuple(walked.answers.values())
    joined: Mapping[int, tuple[TurningPair | None, int]] = {}
    interrupted = walked.interrupted
    if not interrupted:
        wanted = plan_pair_searches(truths, truths.margins_at_best, alongs)
        meter.total = len(lines) + len(wanted)
        found = meter.run_jobs(
            partial(search_pair, truths), {search.claim: search for search in wanted}, workers
        )
        interrupted, joined = found.interrupted, found.answers
    return TurningPoints(
        {
            claim: _turning_points_of_claim(alongs, claim)
            for claim in truths.answered_claims
            if alongs or not interrupted
        },
        {claim: pair for claim, (pair, _) in joined.items() if pair is not None},
        len(lines),
        tuple(walked.answers),
        sum(along.evaluations for along in alongs),
        sum(a.doubtful_evaluations for a in alongs)
        + sum(doubtful for _, doubtful in joined.values()),
        tuple((a.unknown_range.name, at, why) for a in alongs for at, why in a.failed.items()),
        interrupted,
    )


def _turning_points_of_claim(scans: tuple[RangeScan, ...], claim: int) -> tuple[TurningPoint, ...]:
    found = [along.turning_points[claim] for along in scans if claim in along.turning_points]
    return tuple(sorted(found, key=lambda flip: flip.relative_distance))


def _margins_at_best(plan: QueryPlan, best: WorldResult) -> list[float | None]:
    pairs = zip(plan.questions, best.quantity_values, strict=True)
    return [margin_of_test(q.expression, [reading.value for reading in read]) for q, read in pairs]

"""At which value of one unknown alone does a claim change from true to false, or back?

Along each unknown, all others at best, every claim is read at the ends of the range and in
between so that no gap is wider than a quarter of it. From best outwards, the first value at which
a claim's verdict is the other one and the last at which it is still the same enclose its flip,
which is then halved to 1 % of the range; of the flips on both sides the nearer one counts. A
verdict that flips and flips back within one gap goes unnoticed.

Where a test has no answer, or a number is impossible, the verdict has not flipped.
"""

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
from ceasefire.query.ast import margin_of_test

TURNING_TOLERANCE = 0.01


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
    """Scan the range of one unknown, then halve every gap in which a verdict changes.

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
        every = self.truths.answered_claims
        flips: dict[int, TurningPoint] = {}
        gaps: dict[int, list[TurningBracket]] = {}
        for direction in (-1, 1):
            inside, waiting = self.axis.best, set(every)
            for value in self.axis.scan_values(direction):
                found = self._flipped(value, every, scan=True) & waiting
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

    def _flipped(self, value: float, claims: Sequence[int], *, scan: bool = False) -> set[int]:
        self.readings += 1
        try:
            sheet = self.truths.read({self.axis.name: value}, claims)
        except CeasefireError as error:
            self.failed[value] = str(error)
            return set()
        self.doubtful += has_doubtful_solution(sheet)
        if scan:
            self.margins[value] = _margins_of_claims(self.truths.plan, sheet, claims)
        return self.truths.claims_turned(sheet, claims)

    def _narrow(self, gap: TurningBracket, claims: Sequence[int]) -> dict[int, float]:
        """The first value of the gap that is known to be flipped, by claim."""
        if self.axis.values or abs(gap.outside - gap.inside) <= TURNING_TOLERANCE * self.axis.width:
            return dict.fromkeys(claims, gap.outside)
        middle = (gap.inside + gap.outside) / 2.0
        flipped = self._flipped(middle, claims)
        near = [claim for claim in claims if claim in flipped]
        far = [claim for claim in claims if claim not in flipped]
        found = self._narrow(TurningBracket(gap.inside, middle), near) if near else {}
        return found | (self._narrow(TurningBracket(middle, gap.outside), far) if far else {})


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


class PairSearchResult(NamedTuple):
    """The pair that was found for a claim, if any, and how many readings were doubtful."""

    pair: TurningPair | None
    doubtful: int


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


class SearchPairTask:
    """Reads the most promising pairs of a claim; sent to other processes with its games."""

    def __init__(self, truths: ClaimTruthReader) -> None:
        self.truths = truths
        self.doubtful = 0

    def __call__(self, search: PairSearch) -> PairSearchResult:
        """The pair with the smallest move of those read, None if none flips the claim."""
        self.doubtful = 0
        found, limit = None, search.max_move
        for candidate in rank_pair_candidates(search):
            for move in dict.fromkeys((min(1.1 * candidate.predicted_move, limit), limit)):
                if self._flipped(search.claim, candidate, move):
                    found = self._narrow(search.claim, candidate, move)
                    limit = found.relative_distance - TURNING_TOLERANCE
                    break
            if limit <= 0:
                break
        return PairSearchResult(found, self.doubtful)

    def _narrow(self, claim: int, candidate: PairCandidate, outside: float) -> TurningPair:
        inside = 0.0
        while outside - inside > TURNING_TOLERANCE:
            middle = (inside + outside) / 2.0
            if self._flipped(claim, candidate, middle):
                outside = middle
            else:
                inside = middle
        axes = (candidate.first.unknown_range, candidate.second.unknown_range)
        at = tuple(_world_of_pair(candidate, outside).values())
        return TurningPair(
            (axes[0].name, axes[1].name), (at[0], at[1]), (axes[0].best, axes[1].best), outside
        )

    def _flipped(self, claim: int, candidate: PairCandidate, move: float) -> bool:
        try:
            sheet = self.truths.read(_world_of_pair(candidate, move), [claim])
        except CeasefireError:
            return False
        self.doubtful += has_doubtful_solution(sheet)
        return bool(self.truths.claims_turned(sheet, [claim]))


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
    unknown_count         how many unknowns can move and are read by the case or a claim
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
    truths, lines = ClaimTruthReader(plan, best), find_unknown_ranges(plan)
    if on_plan is not None:
        on_plan(len(lines), sum(len(a.scan_values(-1)) + len(a.scan_values(1)) for a in lines))
    meter = ProgressCounter(progress, len(lines) + len(truths.answered_claims))
    walked = meter.run_jobs(
        partial(scan_range, truths), {axis.name: axis for axis in lines}, workers
    )
    alongs = tuple(walked.answers.values())
    joined: Mapping[int, PairSearchResult] = {}
    interrupted = walked.interrupted
    if not interrupted:
        wanted = plan_pair_searches(truths, _margins_at_best(plan, best), alongs)
        meter.total = len(lines) + len(wanted)
        found = meter.run_jobs(
            SearchPairTask(truths), {search.claim: search for search in wanted}, workers
        )
        interrupted, joined = found.interrupted, found.answers
    return TurningPoints(
        {
            claim: _turning_points_of_claim(alongs, claim)
            for claim in truths.answered_claims
            if alongs or not interrupted
        },
        {claim: found.pair for claim, found in joined.items() if found.pair is not None},
        len(lines),
        tuple(walked.answers),
        sum(along.evaluations for along in alongs),
        sum(a.doubtful_evaluations for a in alongs)
        + sum(found.doubtful for found in joined.values()),
        tuple((a.unknown_range.name, at, why) for a in alongs for at, why in a.failed.items()),
        interrupted,
    )


def _turning_points_of_claim(scans: tuple[RangeScan, ...], claim: int) -> tuple[TurningPoint, ...]:
    found = [along.turning_points[claim] for along in scans if claim in along.turning_points]
    return tuple(sorted(found, key=lambda flip: flip.relative_distance))


def _margins_at_best(plan: QueryPlan, best: WorldResult) -> list[float | None]:
    pairs = zip(plan.questions, best.quantity_values, strict=True)
    return [margin_of_test(q.expression, [reading.value for reading in read]) for q, read in pairs]

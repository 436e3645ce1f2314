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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ceasefire.ensemble.run import JobProgressCallback, ProgressCounter
from ceasefire.ensemble.sampling import MAX_SCAN_STEP, UnknownRange, find_unknown_ranges
from ceasefire.errors import CeasefireError
from ceasefire.query import QueryPlan, WorldResult
from ceasefire.query.arithmetic import margin_of_test

TURNING_TOLERANCE = 0.01


@dataclass(frozen=True)
class TurningPoint:
    """The value nearest to best at which a claim's verdict is the other one, others at best.

    move  how far that is from best, as a share of the unknown's range
    """

    unknown: str
    at: float
    best: float
    move: float

    def as_json(self) -> dict[str, Any]:
        """A flip as `check --json` prints it."""
        return {"unknown": self.unknown, "at": self.at, "best": self.best}


@dataclass(frozen=True)
class RangeScan:
    """What was read along one unknown.

    flips     by the number of the claim
    margins   by how much each claim holds at each value of the scan, best not included
    readings  how often questions were read, `doubtful` of them with a decision left unresolved or
              a branch point met
    failed    the values at which a number is impossible, and why
    """

    axis: UnknownRange
    flips: Mapping[int, TurningPoint]
    margins: Mapping[float, tuple[float | None, ...]]
    readings: int
    doubtful: int
    failed: Mapping[float, str]


class TurningBracket(NamedTuple):
    """Between these two values verdicts change: the same as at best inside, flipped outside."""

    inside: float
    outside: float


class ClaimTruthReader:
    """Reads claims away from best; sent to other processes with the games it needs.

    best  whether each claim is true at best, None where it has no answer
    """

    def __init__(self, prepared: QueryPlan, best: WorldResult) -> None:
        self.prepared = prepared
        self.best = tuple(best.truth(n) for n in range(len(prepared.questions)))
        self.answered = tuple(n for n, truth in enumerate(self.best) if truth is not None)

    def read(self, world: Mapping[str, float], claims: Sequence[int]) -> WorldResult:
        """The answers of these claims alone, in their order."""
        return self.prepared.only(claims).read(world)

    def flipped(self, sheet: WorldResult, claims: Sequence[int]) -> set[int]:
        """Which of these claims, read in this order, have the other verdict than at best."""
        truths = [sheet.truth(place) for place in range(len(claims))]
        pairs = zip(claims, truths, strict=True)
        return {n for n, truth in pairs if truth is not None and truth is not self.best[n]}


def has_doubtful_solution(sheet: WorldResult) -> bool:
    """Whether a decision was left unresolved in these answers, or a branch point met."""
    return sheet.unresolved > 0 or sheet.branch_points > 0


class ScanRangeTask:
    """Walks along one unknown and finds the flip of every claim."""

    def __init__(self, truths: ClaimTruthReader) -> None:
        self.truths = truths

    def __call__(self, axis: UnknownRange) -> RangeScan:
        """Scan the axis, then halve every gap in which a verdict changes."""
        return _RangeScanner(self.truths, axis).walk()


class _RangeScanner:
    def __init__(self, truths: ClaimTruthReader, axis: UnknownRange) -> None:
        self.truths, self.axis = truths, axis
        self.readings = self.doubtful = 0
        self.failed: dict[float, str] = {}
        self.margins: dict[float, tuple[float | None, ...]] = {}

    def walk(self) -> RangeScan:
        every = self.truths.answered
        flips: dict[int, TurningPoint] = {}
        gaps: dict[int, list[TurningBracket]] = {}
        for direction in (-1, 1):
            inside, waiting = self.axis.best, set(every)
            for value in self.axis.scan(direction):
                found = self._flipped(value, every, scan=True) & waiting
                for claim in found:
                    gaps.setdefault(claim, []).append(TurningBracket(inside, value))
                waiting -= found
                inside = value
        for gap, claims in _claims_by_bracket(gaps, self.axis).items():
            for claim, at in self._narrow(gap, claims).items():
                flip = TurningPoint(self.axis.name, at, self.axis.best, self.axis.move(at))
                if claim not in flips or flip.move < flips[claim].move:
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
            self.margins[value] = _margins_of_claims(self.truths.prepared, sheet, claims)
        return self.truths.flipped(sheet, claims)

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
    prepared: QueryPlan, sheet: WorldResult, claims: Sequence[int]
) -> tuple[float | None, ...]:
    """One margin per question of `prepared`, None for those that were not read."""
    found: list[float | None] = [None] * len(prepared.questions)
    for place, claim in enumerate(claims):
        numbers = [reading.value for reading in sheet.readings[place]]
        found[claim] = margin_of_test(prepared.questions[claim].tree, numbers)
    return tuple(found)


def _claims_by_bracket(
    gaps: Mapping[int, Iterable[TurningBracket]], axis: UnknownRange
) -> dict[TurningBracket, list[int]]:
    """The claims of each gap; a gap that lies wholly beyond another of its claim is left out."""
    shared: dict[TurningBracket, list[int]] = {}
    for claim, found in gaps.items():
        nearest = min(axis.move(gap.outside) for gap in found)
        for gap in found:
            if axis.move(gap.inside) < nearest or axis.move(gap.outside) == nearest:
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

    move  how far each is from best, as a share of its range; less for one that is at its end
    """

    unknowns: tuple[str, str]
    at: tuple[float, float]
    best: tuple[float, float]
    move: float

    def as_json(self) -> dict[str, Any]:
        """A pair as `check --json` prints it."""
        return {
            "unknowns": list(self.unknowns),
            "at": list(self.at),
            "best": list(self.best),
            "move": self.move,
        }


class PairSearchResult(NamedTuple):
    """The pair that was found for a claim, if any, and how many readings were doubtful."""

    pair: TurningPair | None
    doubtful: int


class MarginLossCurve(NamedTuple):
    """One unknown moved in one direction: by how much less a claim holds after each of MOVES."""

    axis: UnknownRange
    direction: int
    loss: Floats


class PairSearch(NamedTuple):
    """For which claim a pair is looked for, along which courses, and how far each may move.

    slack  by how much the claim is away from a change of verdict at best, 0 or more
    """

    claim: int
    slack: float
    courses: tuple[MarginLossCurve, ...]
    limit: float


class PairCandidate(NamedTuple):
    """Two courses, and the move at which they are foreseen to flip the claim."""

    first: MarginLossCurve
    second: MarginLossCurve
    foreseen: float


def plan_pair_searches(
    truths: ClaimTruthReader, margins: Sequence[float | None], alongs: Sequence[RangeScan]
) -> list[PairSearch]:
    """The claims for which a pair may be worth a word: what is known of each along every unknown.

    margins  by how much each claim holds at best
    """
    found = []
    for claim in truths.answered:
        at_best = margins[claim]
        if at_best is None or not np.isfinite(at_best):
            continue
        courses = tuple(
            course for along in alongs for course in _margin_loss_curves(along, claim, at_best)
        )
        alone = [along.flips[claim].move for along in alongs if claim in along.flips]
        limit = PAIR_TO_SINGLE_MOVE_RATIO * min(alone) if alone else 1.0
        found.append(PairSearch(claim, abs(at_best), courses, limit))
    return found


def _margin_loss_curves(along: RangeScan, claim: int, at_best: float) -> list[MarginLossCurve]:
    if along.axis.values:
        return []
    found = []
    for direction in (-1, 1):
        known = [
            (along.axis.move(value), margins[claim])
            for value, margins in along.margins.items()
            if (value - along.axis.best) * direction > 0 and margins[claim] is not None
        ]
        if known:
            moves, values = np.array([(0.0, at_best), *sorted(known)], dtype=np.float64).T
            change = np.clip(values, -MAX_ABS_MARGIN, MAX_ABS_MARGIN) - at_best
            loss = np.interp(MOVE_GRID, moves, -change if at_best >= 0 else change)
            found.append(MarginLossCurve(along.axis, direction, loss))
    return found


def rank_pair_candidates(search: PairSearch) -> list[PairCandidate]:
    """The pairs to read, the most promising first."""
    if len(search.courses) < 2:
        return []
    losses = np.array([course.loss for course in search.courses])
    within = losses[:, search.limit >= MOVE_GRID - 1e-9]
    if not within.size:
        return []
    names = np.array([course.axis.name for course in search.courses])
    first, second = np.triu_indices(len(names), 1)
    other = names[first] != names[second]
    first, second = first[other], second[other]
    left = search.slack - within[first] - within[second]
    crossed = left <= 0
    moves = MOVE_GRID[: within.shape[1]]
    foreseen = np.where(crossed.any(axis=1), moves[crossed.argmax(axis=1)], search.limit)
    order = np.lexsort((left.min(axis=1), foreseen))[:MAX_PAIRS_READ]
    return [
        PairCandidate(search.courses[first[k]], search.courses[second[k]], float(foreseen[k]))
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
        found, limit = None, search.limit
        for candidate in rank_pair_candidates(search):
            for move in dict.fromkeys((min(1.1 * candidate.foreseen, limit), limit)):
                if self._flipped(search.claim, candidate, move):
                    found = self._narrow(search.claim, candidate, move)
                    limit = found.move - TURNING_TOLERANCE
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
        axes = (candidate.first.axis, candidate.second.axis)
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
        return bool(self.truths.flipped(sheet, [claim]))


def _world_of_pair(candidate: PairCandidate, move: float) -> dict[str, float]:
    pair = (candidate.first, candidate.second)
    return {course.axis.name: course.axis.at(course.direction, move) for course in pair}


OnSearchPlan = Callable[[int, int], None]


@dataclass(frozen=True)
class TurningPoints:
    """What flips each claim, by its number.

    flips        nearest first, in shares of the unknown's range; no entry for a claim that has no
                 answer at best
    pairs        a pair whose move is clearly smaller than that of any unknown alone
    unknowns     how many unknowns can move and are read by the case or a claim
    tried        those that were walked along
    readings     how often claims were read along them
    doubtful     readings, those for pairs included, with a decision left unresolved or a branch
                 point met
    failed       (unknown, value, why) where a number was impossible
    interrupted  whether Ctrl-C left something untried
    """

    flips: Mapping[int, tuple[TurningPoint, ...]]
    pairs: Mapping[int, TurningPair]
    unknowns: int
    tried: tuple[str, ...]
    readings: int
    doubtful: int
    failed: tuple[tuple[str, float, str], ...]
    interrupted: bool

    def as_json(self) -> dict[str, Any]:
        """How far the search went: the `flips` of a run."""
        return {
            "unknowns": self.unknowns,
            "tried": list(self.tried),
            "scan": MAX_SCAN_STEP,
            "readings": self.readings,
            "doubtful": self.doubtful,
            "failed": [{"unknown": name, "at": at, "why": why} for name, at, why in self.failed],
            "interrupted": self.interrupted,
        }


def find_turning_points(
    prepared: QueryPlan,
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
    truths, lines = ClaimTruthReader(prepared, best), find_unknown_ranges(prepared)
    if on_plan is not None:
        on_plan(len(lines), sum(len(a.scan(-1)) + len(a.scan(1)) for a in lines))
    meter = ProgressCounter(progress, len(lines) + len(truths.answered))
    walked = meter.each(ScanRangeTask(truths), {axis.name: axis for axis in lines}, workers)
    alongs = tuple(walked.answers.values())
    joined: Mapping[int, PairSearchResult] = {}
    interrupted = walked.interrupted
    if not interrupted:
        wanted = plan_pair_searches(truths, _margins_at_best(prepared, best), alongs)
        meter.total = len(lines) + len(wanted)
        found = meter.each(
            SearchPairTask(truths), {search.claim: search for search in wanted}, workers
        )
        interrupted, joined = found.interrupted, found.answers
    return TurningPoints(
        {
            claim: _turning_points_of_claim(alongs, claim)
            for claim in truths.answered
            if alongs or not interrupted
        },
        {claim: found.pair for claim, found in joined.items() if found.pair is not None},
        len(lines),
        tuple(walked.answers),
        sum(along.readings for along in alongs),
        sum(a.doubtful for a in alongs) + sum(found.doubtful for found in joined.values()),
        tuple((a.axis.name, at, why) for a in alongs for at, why in a.failed.items()),
        interrupted,
    )


def _turning_points_of_claim(alongs: tuple[RangeScan, ...], claim: int) -> tuple[TurningPoint, ...]:
    found = [along.flips[claim] for along in alongs if claim in along.flips]
    return tuple(sorted(found, key=lambda flip: flip.move))


def _margins_at_best(prepared: QueryPlan, best: WorldResult) -> list[float | None]:
    pairs = zip(prepared.questions, best.readings, strict=True)
    return [margin_of_test(q.tree, [reading.value for reading in read]) for q, read in pairs]

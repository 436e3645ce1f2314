"""What turns each claim: one unknown at a time, and the smallest change of several together?

The claims are read along every unknown first (`ceasefire.ensemble.range_scan`); then, for each
claim, the smallest joint change is foreseen and read (`ceasefire.ensemble.joint_changes`).
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ceasefire.case import Unknown
from ceasefire.ensemble.executors import Engine, stream_answers
from ceasefire.ensemble.joint_changes import (
    MAX_SCORE,
    JointSearch,
    JointTurningPoint,
    forecast_from_scans,
    search_joint_change,
)
from ceasefire.ensemble.range_scan import (
    ClaimTruthReader,
    MarginForecast,
    RangeScan,
    TurningPoint,
    scan_range,
)
from ceasefire.ensemble.run import JobProgressCallback, ProgressCounter
from ceasefire.ensemble.sampling import (
    MAX_SCAN_STEP,
    find_unknown_ranges,
    unknown_scores,
)
from ceasefire.query import QueryPlan, WorldResult
from ceasefire.stopping import limited_to

OnSearchPlan = Callable[[int, int], None]


def read_turning_points(
    plan: QueryPlan, best: WorldResult, workers: int = 1
) -> Iterator[tuple[int, int, Mapping[int, TurningPoint]]]:
    """Read every claim all along one unknown after the other, saying what turns it as it is found.

    plan     the claims, with the games they need
    best     the answers at the best estimates
    workers  processes at work, each on an unknown; 1 stays in this one

    Gives how many unknowns are read; how many can matter; and by the number of the claim where
    along the last one its verdict turns first.
    """
    truths = ClaimTruthReader(plan, best)
    every = find_unknown_ranges(plan)
    axes = tuple(axis for axis in every if truths.claims_of(axis.name))
    jobs = ((axis.name, axis) for axis in axes)
    scans = stream_answers(partial(scan_range, truths), jobs, Engine(workers=workers))
    for read, (_, scan) in enumerate(scans, 1):
        yield read, len(axes), scan.turning_points


@dataclass(frozen=True)
class TurningPoints:
    """What flips each claim, by its number.

    points_by_claim       nearest first, in shares of the unknown's range; no entry for a claim
                          that has no answer at best
    joint_by_claim        the smallest change of several unknowns, where it is clearly smaller than
                          that of any alone; no entry where none was found
    unsearched_by_claim   the unknowns along which a claim was not read, for its forecast holds
    ends_only_by_claim    those at whose ends alone it was read, for the worlds are too few to tell
    unknown_count         how many unknowns can move and matter to some claim
    scanned               those that were walked along
    evaluations           how often claims were read along them
    joint_evaluations     how often on the way to joint changes
    doubtful_evaluations  readings of both kinds with a decision left unresolved or a branch point
                          met
    failed                (unknown, value, why) where a number was impossible
    interrupted           whether Ctrl-C, or the end of its time, left something untried
    left                  the unknowns along which nothing was read for that
    joint_left            how many claims were not looked at for joint changes for that
    out_of_time           whether it was the end of its time
    read_whole            whether every claim was read all along every unknown that can matter to
                          it, and not only where the worlds say that it may turn
    """

    points_by_claim: Mapping[int, tuple[TurningPoint, ...]]
    joint_by_claim: Mapping[int, JointTurningPoint]
    unsearched_by_claim: Mapping[int, tuple[str, ...]]
    ends_only_by_claim: Mapping[int, tuple[str, ...]]
    unknown_count: int
    scanned: tuple[str, ...]
    evaluations: int
    joint_evaluations: int
    doubtful_evaluations: int
    failed: tuple[tuple[str, float, str], ...]
    interrupted: bool
    read_whole: bool
    left: tuple[str, ...] = ()
    joint_left: int = 0
    out_of_time: bool = False

    def as_json(self) -> dict[str, Any]:
        """How far the search went: the `flips` of a run."""
        return {
            "unknowns": self.unknown_count,
            "tried": list(self.scanned),
            "scan": MAX_SCAN_STEP,
            "read_whole": self.read_whole,
            "readings": self.evaluations,
            "joint_readings": self.joint_evaluations,
            "doubtful": self.doubtful_evaluations,
            "failed": [{"unknown": name, "at": at, "why": why} for name, at, why in self.failed],
            "interrupted": self.interrupted,
            "left": list(self.left),
            "out_of_time": self.out_of_time,
        }


def find_turning_points(
    plan: QueryPlan,
    best: WorldResult,
    forecasts: Mapping[int, MarginForecast] | None = None,
    *,
    at_ends_only: Collection[int] = (),
    whole_up_to: int = 0,
    budget: float | None = None,
    first: Sequence[str] = (),
    workers: int | None = None,
    on_plan: OnSearchPlan | None = None,
    progress: JobProgressCallback | None = None,
) -> TurningPoints:
    """Find what flips each claim, one unknown at a time and several together.

    best       the answers at best
    forecasts  of the margins of claims, by their numbers: where one is, it says where to look
    at_ends_only  claims of whose margins the worlds tell too little: they are read at the ends of
               ranges alone, and no joint change is looked for
    whole_up_to  readings: where ranges are read whole with no more, they are, whatever is foreseen
    budget     seconds after which the search ends with what is found; None for as long as it takes
    first      unknowns in which the search begins, where it has a budget
    on_plan    called once with the number of unknowns, and of readings that the scan takes at most
    progress   called with the number of jobs done, and of all: unknowns, then claims
    """
    truths, forecasts = ClaimTruthReader(plan, best, at_ends_only), forecasts or {}
    lines = [axis for axis in find_unknown_ranges(plan) if truths.claims_of(axis.name)]
    if budget is not None:
        places = {name: place for place, name in enumerate(first)}
        lines.sort(key=lambda axis: places.get(axis.name, len(places)))
    most = sum(len(axis.scan_values(-1)) + len(axis.scan_values(1)) for axis in lines)
    if on_plan is not None:
        on_plan(len(lines), most)
    read_whole = most <= whole_up_to or not (forecasts or at_ends_only)
    reading = ClaimTruthReader(plan, best) if read_whole else truths
    meter = ProgressCounter(progress, len(lines) + len(truths.answered_claims))
    joined: Mapping[int, tuple[JointTurningPoint | None, int, int]] = {}
    joint_left = 0
    with limited_to(budget) as limit:
        walked = meter.run_jobs(
            partial(scan_range, reading, forecasts={} if read_whole else forecasts),
            {axis.name: axis for axis in lines},
            workers,
        )
        alongs = tuple(walked.answers.values())
        interrupted = walked.interrupted
        wanted = _plan_joint_searches(truths, alongs, forecasts)
        if not interrupted:
            meter.total = len(lines) + len(wanted)
            found = meter.run_jobs(
                partial(search_joint_change, truths),
                {search.claim: search for search in wanted},
                workers,
            )
            interrupted, joined = found.interrupted, found.answers
        joint_left = len(wanted) - len(joined) if interrupted else 0
    done = {*walked.answers, *walked.failed}
    return TurningPoints(
        {
            claim: _turning_points_of_claim(alongs, claim)
            for claim in truths.answered_claims
            if alongs or not interrupted
        },
        {claim: change for claim, (change, _, _) in joined.items() if change is not None},
        {
            claim: tuple(along.unknown_range.name for along in alongs if claim in along.unsearched)
            for claim in truths.answered_claims
        },
        {
            claim: tuple(along.unknown_range.name for along in alongs if claim in along.ends_only)
            for claim in truths.answered_claims
        },
        len(lines),
        tuple(walked.answers),
        sum(along.evaluations for along in alongs),
        sum(readings for _, readings, _ in joined.values()),
        sum(a.doubtful_evaluations for a in alongs)
        + sum(doubtful for _, _, doubtful in joined.values()),
        tuple((a.unknown_range.name, at, why) for a in alongs for at, why in a.failed.items()),
        interrupted,
        read_whole,
        tuple(axis.name for axis in lines if axis.name not in done),
        joint_left,
        interrupted and limit is not None and limit.over,
    )


def _plan_joint_searches(
    truths: ClaimTruthReader,
    scans: Sequence[RangeScan],
    forecasts: Mapping[int, MarginForecast],
) -> list[JointSearch]:
    """The claims of which something is foreseen, and the nearest flip that each has already."""
    found, unknowns = [], truths.plan.case.unknowns
    for claim in truths.answered_claims:
        if claim in truths.at_ends_only:
            continue
        forecast = forecasts.get(claim) or forecast_from_scans(truths, claim, scans)
        if forecast is None:
            continue
        ranges = tuple(
            along.unknown_range
            for along in scans
            if along.unknown_range.name in forecast.unknowns and not along.unknown_range.values
        )
        alone = [
            _score_distance(unknowns[flip.unknown], flip)
            for flip in _turning_points_of_claim(scans, claim)
            if unknowns[flip.unknown].kind != "oneof"
        ]
        if len(ranges) > 1:
            found.append(JointSearch(claim, ranges, forecast, min(alone, default=math.inf)))
    return found


def _score_distance(unknown: Unknown, flip: TurningPoint) -> float:
    scores = unknown_scores(unknown, np.array([flip.value, flip.best]))
    return float(abs(np.diff(np.clip(scores, -MAX_SCORE, MAX_SCORE))[0]))


def _turning_points_of_claim(scans: Sequence[RangeScan], claim: int) -> tuple[TurningPoint, ...]:
    found = [along.turning_points[claim] for along in scans if claim in along.turning_points]
    return tuple(sorted(found, key=lambda flip: flip.relative_distance))

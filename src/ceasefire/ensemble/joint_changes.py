"""What is the smallest change of several unknowns that turns a claim?

How far a change goes is measured in normal scores: z_u = ndtri(F_u(x_u)), F_u being the
distribution of the unknown. With b the scores of the best estimates and h(z) by how much the
verdict at best still holds, the design point is

    the z nearest to b with h(z) = 0

found by the iteration of Hasofer and Lind, in which h is replaced by its tangent,

    z - b  <-  (g . (z - b) - h(z)) / (g . g)  g,        g = gradient of h at z

from several starts. It is made sparse: of the unknowns that move most as few are taken as bring
the change within 10 % of the least one. So far h is a forecast: the expansion of the margin, or
without worlds what was read along each unknown, added up. Then the claim is read along the
straight line from best to the design point, and where it truly turns is reported, if the change is
clearly shorter than that of any unknown alone. Unknowns of a few values stay at best.

Source: Hasofer and Lind (1974), Exact and invariant second-moment code format, Journal of the
Engineering Mechanics Division 100; Rackwitz and Fiessler (1978), Structural reliability under
combined random load sequences, Computers & Structures 9, for the iteration.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from ceasefire.case import Unknown
from ceasefire.ensemble.range_scan import (
    ClaimTruthReader,
    MarginForecast,
    RangeScan,
    TurningBracket,
    TurningSearch,
    first_turn,
    has_doubtful_solution,
    margins_of_claims,
)
from ceasefire.ensemble.sampling import (
    Floats,
    UnknownRange,
    unknown_quantiles,
    unknown_scores,
)
from ceasefire.errors import CeasefireError

Hold = Callable[[Floats], Floats]

MAX_SCORE: Final = 3.0  # normal scores: further out is 1 world in 740
OVERSHOOT: Final = 1.1  # times the change foreseen: where it is read first
MAX_OVERSHOOT: Final = 2.0  # where it is read last
JOINT_ADVANTAGE: Final = 1.1  # times shorter than the nearest flip of one unknown it has to be
SPARSITY_ALLOWANCE: Final = 1.1  # how much longer a change of fewer unknowns may be
_ITERATIONS = 40
_STEP = 1e-3  # normal scores, of the finite differences
_RAY_POINTS = 201


def design_point(hold: Hold, lowest: Floats, highest: Floats) -> Floats | None:
    """The smallest change (U,) in normal scores at which a verdict turns, None if none does.

    hold     by how much the verdict at best holds after changes (N, U); gives (N,)
    lowest   (U,) how far each unknown may fall, 0 or less
    highest  (U,) how far it may rise, 0 or more

    >>> plane = lambda changes: 2.0 - changes @ np.array([3.0, 4.0]) / 5.0
    >>> np.round(design_point(plane, np.full(2, -3.0), np.full(2, 3.0)), 3).tolist()
    [1.2, 1.6]
    """
    best: Floats | None = None
    for start in _starts(hold, lowest, highest):
        change = start
        for _ in range(_ITERATIONS):
            found = _first_turn(hold, change, lowest, highest)
            if found is not None and (best is None or _length(found) < _length(best)):
                best = found
            moved = _tangent_step(hold, change, lowest, highest)
            if moved is None or _length(moved - change) < _STEP:
                break
            change = 0.5 * (change + moved)
    return best


def sparse_design_point(hold: Hold, lowest: Floats, highest: Floats) -> Floats | None:
    """The design point with as few unknowns moved as bring it within 10 % of the least change.

    hold, lowest, highest  as for `design_point`

    >>> mostly_one = lambda changes: 2.0 - changes @ np.array([1.0, 0.1])
    >>> np.round(sparse_design_point(mostly_one, np.full(2, -3.0), np.full(2, 3.0)), 3).tolist()
    [2.0, 0.0]
    """
    full = design_point(hold, lowest, highest)
    if full is None:
        return None
    order = np.argsort(-np.abs(full), kind="stable")
    for count in range(1, int((np.abs(full) > _STEP).sum())):
        kept = np.zeros(len(full), dtype=np.bool_)
        kept[order[:count]] = True
        few = design_point(hold, np.where(kept, lowest, 0.0), np.where(kept, highest, 0.0))
        if few is not None and _length(few) <= SPARSITY_ALLOWANCE * _length(full):
            return few
    return full


def _starts(hold: Hold, lowest: Floats, highest: Floats) -> list[Floats]:
    """Changes to start from: none, each unknown at its ends, all where each lowers the hold."""
    ends = [np.diag(lowest), np.diag(highest)]
    holds = np.stack([hold(each) for each in ends])
    corner = np.where(holds[0] < holds[1], lowest, highest)
    alone = [ends[side][u] for u in range(len(lowest)) for side in (0, 1)]
    moved = [change for change in alone if change.any()]
    return [np.zeros_like(lowest), corner, *moved]


def _tangent_step(hold: Hold, change: Floats, lowest: Floats, highest: Floats) -> Floats | None:
    count = len(change)
    steps = np.concatenate([np.eye(count), -np.eye(count)]) * _STEP
    around = hold(change + steps)
    gradient = np.where(highest > lowest, (around[:count] - around[count:]) / (2.0 * _STEP), 0.0)
    steepness = float(gradient @ gradient)
    if not np.isfinite(steepness) or steepness < 1e-18:
        return None
    here = float(hold(change[None])[0])
    moved = (gradient @ change - here) / steepness * gradient
    return np.clip(moved, lowest, highest)


def _first_turn(hold: Hold, change: Floats, lowest: Floats, highest: Floats) -> Floats | None:
    """Where the verdict first turns on the way through a change, half of it further at most."""
    if not change.any():
        return None
    shares = np.linspace(0.0, 1.5, _RAY_POINTS)
    holds = hold((shares[:, None] * change).clip(lowest, highest))
    share = None if holds[0] <= 0.0 else first_turn(shares, holds)
    return None if share is None else np.asarray((share * change).clip(lowest, highest))


def _length(change: Floats) -> float:
    return float(np.sqrt(change @ change))


@dataclass(frozen=True)
class JointTurningPoint:
    """The smallest change of several unknowns that turns a claim, all others at best.

    unknowns  two or more, the one that moves most in normal scores first
    values    at which the verdict is the other one
    best      their best estimates
    distance  the length of the change in normal scores
    moves     how far each is from best, as a share of its range
    """

    unknowns: tuple[str, ...]
    values: tuple[float, ...]
    best: tuple[float, ...]
    distance: float
    moves: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """A joint change as `check --json` prints it."""
        each = zip(self.unknowns, self.values, self.best, strict=True)
        changes = [{"unknown": name, "at": at, "best": best} for name, at, best in each]
        return {"changes": changes, "distance": self.distance}

    def pair_as_json(self) -> dict[str, Any] | None:
        """The same under its former key, None unless two unknowns are changed."""
        if len(self.unknowns) != 2:
            return None
        return {
            "unknowns": list(self.unknowns),
            "at": list(self.values),
            "best": list(self.best),
            "move": max(self.moves),
        }


class JointSearch(NamedTuple):
    """For which claim a joint change is looked for, along which unknowns, and by what forecast.

    nearest  the distance in normal scores of the nearest flip of an unknown alone; inf without
    """

    claim: int
    unknown_ranges: tuple[UnknownRange, ...]
    forecast: MarginForecast
    nearest: float


def forecast_from_scans(
    truths: ClaimTruthReader, claim: int, scans: Sequence[RangeScan]
) -> MarginForecast | None:
    """A forecast without worlds: what was read along each unknown, added up.

    truths  has read the claims at best
    claim   the number of the claim
    scans   what was read along the unknowns

    None where the margin was nowhere read, or is infinite at best.
    """
    at_best, known = truths.margins_at_best[claim], {}
    if at_best is None or not math.isfinite(at_best):
        return None
    best = {scan.unknown_range.name: scan.unknown_range.best for scan in scans}
    for scan in scans:
        read = [(at, margins[claim]) for at, margins in scan.margins.items()]
        finite = [(at, m) for at, m in read if m is not None and math.isfinite(m)]
        if finite and not scan.unknown_range.values:
            known[scan.unknown_range.name] = sorted([*finite, (scan.unknown_range.best, at_best)])
    if not known:
        return None
    curves = tuple(np.array(points).T for points in known.values())
    return MarginForecast(
        tuple(known),
        _AddedCurves(curves, at_best),
        np.array([best[name] for name in known]),
        bool(truths.truths_at_best[claim]),
        at_best,
        0.0,
    )


@dataclass(frozen=True, eq=False)
class _AddedCurves:
    curves: tuple[Floats, ...]
    at_best: float

    def __call__(self, values: Floats) -> Floats:
        changes = [
            np.interp(column, *curve) - self.at_best
            for column, curve in zip(values.T, self.curves, strict=True)
        ]
        return np.asarray(self.at_best + np.sum(changes, axis=0))


def search_joint_change(
    truths: ClaimTruthReader, search: JointSearch
) -> tuple[JointTurningPoint | None, int, int]:
    """Foresee the smallest change that turns a claim, and read where it truly does.

    truths  reads the claim at values of the unknowns
    search  the claim, the unknowns and the forecast

    Returns the change, None where none was confirmed or one unknown alone does as well; how often
    the claim was read; and how many readings were doubtful.
    """
    searcher = _JointSearcher(truths, search)
    return searcher.find(), searcher.readings, searcher.doubtful


class _JointSearcher:
    def __init__(self, truths: ClaimTruthReader, search: JointSearch) -> None:
        self.truths, self.search = truths, search
        self.readings = self.doubtful = 0
        self.axes = search.unknown_ranges
        self.unknowns = [truths.plan.case.unknowns[axis.name] for axis in self.axes]
        scores = np.array(
            [
                unknown_scores(unknown, np.array([axis.low, axis.best, axis.high]))
                for unknown, axis in zip(self.unknowns, self.axes, strict=True)
            ]
        )
        low, self.at_best, high = scores.clip(-MAX_SCORE, MAX_SCORE).T
        self.lowest = np.minimum(low - self.at_best, 0.0)
        self.highest = np.maximum(high - self.at_best, 0.0)

    def find(self) -> JointTurningPoint | None:
        change = sparse_design_point(self._foreseen, self.lowest, self.highest)
        if change is None or np.count_nonzero(change) < 2:
            return None
        length = float(np.linalg.norm(change))
        if length * JOINT_ADVANTAGE > self.search.nearest:
            return None
        furthest = self._furthest(change)
        for share in dict.fromkeys((min(OVERSHOOT, furthest), furthest)):
            flipped, holds = self._read(change, share)
            if flipped:
                return self._narrow(change, share, holds)
        return None

    def _narrow(
        self, change: Floats, outside: float, holds: float | None
    ) -> JointTurningPoint | None:
        claim = self.search.claim
        at_best = self.truths.holds(claim, self.truths.margins_at_best[claim])
        search = TurningSearch(
            TurningBracket(0.0, outside),
            (at_best, holds),
            lambda share: tuple(self._world(change, share).values()),
        )
        while not search.settled:
            share = search.next_place()
            flipped, held = self._read(change, share)
            search.read(share, held, flipped=flipped, own=True)
        share = search.gap.outside
        distance = share * float(np.linalg.norm(change))
        if distance * JOINT_ADVANTAGE > self.search.nearest:
            return None
        moved = self._world(change, share)
        order = [self.axes[k] for k in np.argsort(-np.abs(change)) if change[k]]
        return JointTurningPoint(
            tuple(axis.name for axis in order),
            tuple(moved[axis.name] for axis in order),
            tuple(axis.best for axis in order),
            distance,
            tuple(axis.relative_distance(moved[axis.name]) for axis in order),
        )

    def _furthest(self, change: Floats) -> float:
        """How many times a change can be made before an unknown reaches its end, 2 at most."""
        ends = np.where(change > 0, self.highest, self.lowest)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(change != 0, ends / change, np.inf)
        return float(min(shares.min(), MAX_OVERSHOOT))

    def _foreseen(self, changes: Floats) -> Floats:
        """(N,) by how much the verdict would hold after changes (N, U) of the scores."""
        forecast, moved = self.search.forecast, self._values(changes)
        values = np.tile(forecast.best, (len(changes), 1))
        for axis, column in zip(self.axes, moved.T, strict=True):
            values[:, forecast.unknowns.index(axis.name)] = column
        return forecast.holds(values)

    def _values(self, changes: Floats) -> Floats:
        """(N, U) the values of the unknowns after changes (N, U) of their scores."""
        from scipy.special import ndtr

        shares = ndtr(self.at_best + changes)
        columns = [
            _moved_values(unknown, axis, share, moved)
            for unknown, axis, share, moved in zip(
                self.unknowns, self.axes, shares.T, changes.T, strict=True
            )
        ]
        return np.stack(columns, axis=1)

    def _world(self, change: Floats, share: float) -> dict[str, float]:
        values = self._values(share * change[None])[0]
        return {
            axis.name: float(value)
            for axis, value, moved in zip(self.axes, values, change, strict=True)
            if moved
        }

    def _read(self, change: Floats, share: float) -> tuple[bool, float | None]:
        """Whether the claim has flipped, and by how much its verdict at best holds there."""
        claim = self.search.claim
        self.readings += 1
        try:
            sheet = self.truths.read(self._world(change, share), [claim])
        except CeasefireError:
            return False, None
        self.doubtful += has_doubtful_solution(sheet)
        margin = margins_of_claims(self.truths.plan, sheet, [claim])[claim]
        return bool(self.truths.claims_turned(sheet, [claim])), self.truths.holds(claim, margin)


def _moved_values(
    unknown: Unknown, unknown_range: UnknownRange, shares: Floats, moved: Floats
) -> Floats:
    """(N,) the values with these shares (N,) below them; best where nothing was `moved`."""
    if not moved.any():
        return np.full(len(moved), unknown_range.best)
    values = unknown_quantiles(unknown, shares).clip(unknown_range.low, unknown_range.high)
    return np.where(moved == 0.0, unknown_range.best, values)

"""What is the smallest move of two unknowns together at which a claim's verdict changes?

Two unknowns move at once, each by the same share m of its own range or to its end, all others at
best; the pair with the smallest m at which the verdict is the other one is wanted. There are
thousands of pairs, so they are ranked by what is known already: with h(x) the margin by which the
claim holds along one unknown and h(best) at best, the margin after two moves is foreseen as

    h(best) + (h(x) - h(best)) + (h(y) - h(best))

The first few are then read, and the m at which the verdict does change is halved to 0.01. So what
is reported was read and is no forecast; but two unknowns that act only together may go unseen, and
the smallest move of all may be smaller still.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ceasefire.errors import CeasefireError
from ceasefire.worlds.axes import Axis
from ceasefire.worlds.flips import PRECISE, Along, Truths, doubtful

Floats = NDArray[np.float64]

READ = 3
CLEARLY = 0.75
MOVES = np.arange(1, 101) / 100.0
HUGE = 1e9


@dataclass(frozen=True)
class Pair:
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


class Joined(NamedTuple):
    """The pair that was found for a claim, if any, and how many readings were doubtful."""

    pair: Pair | None
    doubtful: int


class Course(NamedTuple):
    """One unknown moved in one direction: by how much less a claim holds after each of MOVES."""

    axis: Axis
    direction: int
    loss: Floats


class Search(NamedTuple):
    """For which claim a pair is looked for, along which courses, and how far each may move.

    slack  by how much the claim is away from a change of verdict at best, 0 or more
    """

    claim: int
    slack: float
    courses: tuple[Course, ...]
    limit: float


class Candidate(NamedTuple):
    """Two courses, and the move at which they are foreseen to flip the claim."""

    first: Course
    second: Course
    foreseen: float


def searches(
    truths: Truths, margins: Sequence[float | None], alongs: Sequence[Along]
) -> list[Search]:
    """The claims for which a pair may be worth a word: what is known of each along every unknown.

    margins  by how much each claim holds at best
    """
    found = []
    for claim in truths.answered:
        at_best = margins[claim]
        if at_best is None or not np.isfinite(at_best):
            continue
        courses = tuple(course for along in alongs for course in _courses(along, claim, at_best))
        alone = [along.flips[claim].move for along in alongs if claim in along.flips]
        limit = CLEARLY * min(alone) if alone else 1.0
        found.append(Search(claim, abs(at_best), courses, limit))
    return found


def _courses(along: Along, claim: int, at_best: float) -> list[Course]:
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
            change = np.clip(values, -HUGE, HUGE) - at_best
            loss = np.interp(MOVES, moves, -change if at_best >= 0 else change)
            found.append(Course(along.axis, direction, loss))
    return found


def candidates(search: Search) -> list[Candidate]:
    """The pairs to read, the most promising first."""
    if len(search.courses) < 2:
        return []
    losses = np.array([course.loss for course in search.courses])
    within = losses[:, search.limit >= MOVES - 1e-9]
    if not within.size:
        return []
    names = np.array([course.axis.name for course in search.courses])
    first, second = np.triu_indices(len(names), 1)
    other = names[first] != names[second]
    first, second = first[other], second[other]
    left = search.slack - within[first] - within[second]
    crossed = left <= 0
    moves = MOVES[: within.shape[1]]
    foreseen = np.where(crossed.any(axis=1), moves[crossed.argmax(axis=1)], search.limit)
    order = np.lexsort((left.min(axis=1), foreseen))[:READ]
    return [
        Candidate(search.courses[first[k]], search.courses[second[k]], float(foreseen[k]))
        for k in order
        if left[k].min() < search.slack
    ]


class Joint:
    """Reads the most promising pairs of a claim; sent to other processes with its games."""

    def __init__(self, truths: Truths) -> None:
        self.truths = truths
        self.doubtful = 0

    def __call__(self, search: Search) -> Joined:
        """The pair with the smallest move of those read, None if none flips the claim."""
        self.doubtful = 0
        found, limit = None, search.limit
        for candidate in candidates(search):
            for move in dict.fromkeys((min(1.1 * candidate.foreseen, limit), limit)):
                if self._flipped(search.claim, candidate, move):
                    found = self._narrow(search.claim, candidate, move)
                    limit = found.move - PRECISE
                    break
            if limit <= 0:
                break
        return Joined(found, self.doubtful)

    def _narrow(self, claim: int, candidate: Candidate, outside: float) -> Pair:
        inside = 0.0
        while outside - inside > PRECISE:
            middle = (inside + outside) / 2.0
            if self._flipped(claim, candidate, middle):
                outside = middle
            else:
                inside = middle
        axes = (candidate.first.axis, candidate.second.axis)
        at = tuple(_world(candidate, outside).values())
        return Pair(
            (axes[0].name, axes[1].name), (at[0], at[1]), (axes[0].best, axes[1].best), outside
        )

    def _flipped(self, claim: int, candidate: Candidate, move: float) -> bool:
        try:
            sheet = self.truths.read(_world(candidate, move), [claim])
        except CeasefireError:
            return False
        self.doubtful += doubtful(sheet)
        return bool(self.truths.flipped(sheet, [claim]))


def _world(candidate: Candidate, move: float) -> dict[str, float]:
    pair = (candidate.first, candidate.second)
    return {course.axis.name: course.axis.at(course.direction, move) for course in pair}

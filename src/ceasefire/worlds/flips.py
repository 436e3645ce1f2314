"""At which value of one unknown alone does a claim change from true to false, or back?

Along each unknown, all others at best, every claim is read at the ends of the range and in
between so that no gap is wider than a quarter of it. From best outwards, the first value at which
a claim's verdict is the other one and the last at which it is still the same enclose its flip,
which is then halved to 1 % of the range; of the flips on both sides the nearer one counts. A
verdict that flips and flips back within one gap goes unnoticed.

Where a test has no answer, or a number is impossible, the verdict has not flipped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ceasefire.ask import Prepared, Sheet
from ceasefire.ask.margin import margin
from ceasefire.errors import CeasefireError
from ceasefire.worlds.axes import Axis

PRECISE = 0.01


@dataclass(frozen=True)
class Flip:
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
class Along:
    """What was read along one unknown.

    flips     by the number of the claim
    margins   by how much each claim holds at each value of the scan, best not included
    readings  how often questions were read, `doubtful` of them with a decision left unresolved or
              a branch point met
    failed    the values at which a number is impossible, and why
    """

    axis: Axis
    flips: Mapping[int, Flip]
    margins: Mapping[float, tuple[float | None, ...]]
    readings: int
    doubtful: int
    failed: Mapping[float, str]


class Gap(NamedTuple):
    """Between these two values verdicts change: the same as at best inside, flipped outside."""

    inside: float
    outside: float


class Truths:
    """Reads claims away from best; sent to other processes with the games it needs.

    best  whether each claim is true at best, None where it has no answer
    """

    def __init__(self, prepared: Prepared, best: Sheet) -> None:
        self.prepared = prepared
        self.best = tuple(best.truth(n) for n in range(len(prepared.questions)))
        self.answered = tuple(n for n, truth in enumerate(self.best) if truth is not None)

    def read(self, world: Mapping[str, float], claims: Sequence[int]) -> Sheet:
        """The answers of these claims alone, in their order."""
        return self.prepared.only(claims).read(world)

    def flipped(self, sheet: Sheet, claims: Sequence[int]) -> set[int]:
        """Which of these claims, read in this order, have the other verdict than at best."""
        truths = [sheet.truth(place) for place in range(len(claims))]
        pairs = zip(claims, truths, strict=True)
        return {n for n, truth in pairs if truth is not None and truth is not self.best[n]}


def doubtful(sheet: Sheet) -> bool:
    """Whether a decision was left unresolved in these answers, or a branch point met."""
    return sheet.unresolved > 0 or sheet.branch_points > 0


class Walk:
    """Walks along one unknown and finds the flip of every claim."""

    def __init__(self, truths: Truths) -> None:
        self.truths = truths

    def __call__(self, axis: Axis) -> Along:
        """Scan the axis, then halve every gap in which a verdict changes."""
        return _Walker(self.truths, axis).walk()


class _Walker:
    def __init__(self, truths: Truths, axis: Axis) -> None:
        self.truths, self.axis = truths, axis
        self.readings = self.doubtful = 0
        self.failed: dict[float, str] = {}
        self.margins: dict[float, tuple[float | None, ...]] = {}

    def walk(self) -> Along:
        every = self.truths.answered
        flips: dict[int, Flip] = {}
        gaps: dict[int, list[Gap]] = {}
        for direction in (-1, 1):
            inside, waiting = self.axis.best, set(every)
            for value in self.axis.scan(direction):
                found = self._flipped(value, every, scan=True) & waiting
                for claim in found:
                    gaps.setdefault(claim, []).append(Gap(inside, value))
                waiting -= found
                inside = value
        for gap, claims in _shared(gaps, self.axis).items():
            for claim, at in self._narrow(gap, claims).items():
                flip = Flip(self.axis.name, at, self.axis.best, self.axis.move(at))
                if claim not in flips or flip.move < flips[claim].move:
                    flips[claim] = flip
        counts = (self.readings, self.doubtful)
        return Along(self.axis, flips, self.margins, *counts, self.failed)

    def _flipped(self, value: float, claims: Sequence[int], *, scan: bool = False) -> set[int]:
        self.readings += 1
        try:
            sheet = self.truths.read({self.axis.name: value}, claims)
        except CeasefireError as error:
            self.failed[value] = str(error)
            return set()
        self.doubtful += doubtful(sheet)
        if scan:
            self.margins[value] = _margins(self.truths.prepared, sheet, claims)
        return self.truths.flipped(sheet, claims)

    def _narrow(self, gap: Gap, claims: Sequence[int]) -> dict[int, float]:
        """The first value of the gap that is known to be flipped, by claim."""
        if self.axis.values or abs(gap.outside - gap.inside) <= PRECISE * self.axis.width:
            return dict.fromkeys(claims, gap.outside)
        middle = (gap.inside + gap.outside) / 2.0
        flipped = self._flipped(middle, claims)
        near = [claim for claim in claims if claim in flipped]
        far = [claim for claim in claims if claim not in flipped]
        found = self._narrow(Gap(gap.inside, middle), near) if near else {}
        return found | (self._narrow(Gap(middle, gap.outside), far) if far else {})


def _margins(prepared: Prepared, sheet: Sheet, claims: Sequence[int]) -> tuple[float | None, ...]:
    """One margin per question of `prepared`, None for those that were not read."""
    found: list[float | None] = [None] * len(prepared.questions)
    for place, claim in enumerate(claims):
        numbers = [reading.value for reading in sheet.readings[place]]
        found[claim] = margin(prepared.questions[claim].tree, numbers)
    return tuple(found)


def _shared(gaps: Mapping[int, Iterable[Gap]], axis: Axis) -> dict[Gap, list[int]]:
    """The claims of each gap; a gap that lies wholly beyond another of its claim is left out."""
    shared: dict[Gap, list[int]] = {}
    for claim, found in gaps.items():
        nearest = min(axis.move(gap.outside) for gap in found)
        for gap in found:
            if axis.move(gap.inside) < nearest or axis.move(gap.outside) == nearest:
                shared.setdefault(gap, []).append(claim)
    return shared

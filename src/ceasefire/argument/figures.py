"""Does a conclusion follow from its premises?

A conclusion C rests on premises P1 to Pk. Each of them is true or false in every world. With the
worlds weighted by w (1 each, or how likely each makes what has happened),

    premises   = share of the worlds in which all premises are true
    follows    = share, among these, in which C is true
    otherwise  = share in which C is true among the worlds in which some premise is false

`follows` and `premises` are to an argument what validity and truth are in logic, as shares: an
argument is sound where its premises are true and the conclusion follows from them. A world without
an answer is left out where the answer would be needed: all premises are false together as soon as
one is false, whatever the others are.

Source: Kleene (1952), Introduction to Metamathematics, section 64, for worlds without an answer;
Newcombe (1998), Statistics in Medicine 17, method 10, for the difference of two shares.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ceasefire.case import Claim
from ceasefire.shares import wilson_interval

Floats = npt.NDArray[np.float64]
Which = npt.NDArray[np.bool_]
Truths = npt.NDArray[np.int8]  # 1 true, 0 false, -1 without an answer

LEAST_WORLDS = 8  # worlds, or effective worlds, below which nothing is said of them
FOLLOWS_SHARE = 0.95
MOST_SHARE = 2.0 / 3.0

SOUND = "sound"
GRANTED = "follows, if its premises are granted"
LEANS = "leans on its premises"
MOSTLY = "mostly follows"
FAILS = "does not follow"
ANYWAY = "true anyway"
UNTESTED = "never put to the test"
READINGS = (SOUND, GRANTED, LEANS, MOSTLY, FAILS, ANYWAY, UNTESTED)


@dataclass(frozen=True)
class ShareAmong:
    """The share of some worlds in which something is true.

    share           None where no world has an answer
    worlds          how many worlds with an answer there are; their effective number where they are
                    weighted
    variance_ratio  variance of the share as a multiple of that in so many independent worlds
    """

    share: float | None
    worlds: float
    variance_ratio: float = 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share, as if from equally heavy worlds."""
        independent = self.worlds / self.variance_ratio
        return wilson_interval((self.share or 0.0) * independent, independent)

    @property
    def is_enough(self) -> bool:
        """Whether there are enough worlds to say anything of the share."""
        return self.worlds >= LEAST_WORLDS - 1e-9

    def is_above(self, other: "ShareAmong") -> bool:
        """Whether it is above the share of other worlds by more than chance explains."""
        if self.share is None or other.share is None:
            return False
        allowed = math.hypot(self.share - self.interval[0], other.interval[1] - other.share)
        return self.share - other.share > allowed


@dataclass(frozen=True)
class TiltedFigures:
    """What a conclusion owes to its premises in worlds drawn towards those in which they hold.

    worlds     how many worlds were tilted and computed
    granted    how many of these and of the drawn ones have all premises true; effective worlds
    premises   the share of all worlds in which all premises are true, as the pooled ones tell it
    follows    the share of these in which the conclusion is true
    towards    by how many normal scores each unknown was moved, by its name
    direction  the unknowns that were moved most, in words
    given_up   why no more worlds were looked for, empty where there are enough or all were used
    """

    worlds: int = 0
    granted: float = 0.0
    premises: float | None = None
    follows: ShareAmong = ShareAmong(None, 0.0)
    towards: Mapping[str, float] = field(default_factory=dict)
    direction: str = ""
    given_up: str = ""

    @property
    def tells(self) -> bool:
        """Whether it can be told from these worlds whether the conclusion follows."""
        return self.follows.is_enough and self.follows.share is not None

    def as_json(self) -> dict[str, Any]:
        """The `tilted` of an argument as `check --json` prints it."""
        moved = [{"unknown": name, "shift": shift} for name, shift in self.towards.items()]
        return {
            "worlds": self.worlds,
            "effective": self.granted,
            "premises": self.premises,
            "follows": self.follows.share if self.tells else None,
            "interval": list(self.follows.interval) if self.tells else None,
            "towards": moved,
            "given_up": self.given_up or None,
        }


@dataclass(frozen=True)
class ConclusionFigures:
    """What a conclusion owes to its premises.

    premises           the share of worlds in which all of them are true
    worlds_granted     how many worlds that are; their effective number where they are weighted
    each               the share of worlds in which each premise is true, by its name
    conclusion         the share of worlds in which the conclusion is true
    follows            that share among the worlds in which all premises are true
    otherwise          that share among the worlds in which some premise is false
    weakest            the premise without which all the others would be true in most worlds; None
                       where all are true in every world
    idle               premises that the conclusion does without: where they alone fail, it is true
                       no less often than `follows`, within its interval
    never_fails_alone  premises of which that cannot be told, since hardly a world has the others
                       true and them false
    reading            one of `READINGS`
    tilted             the same in worlds drawn towards those in which the premises hold, where it
                       was never put to the test; None if none were looked for
    """

    premises: ShareAmong
    worlds_granted: float
    each: Mapping[str, float | None]
    conclusion: ShareAmong
    follows: ShareAmong
    otherwise: ShareAmong
    weakest: str | None
    idle: tuple[str, ...]
    never_fails_alone: tuple[str, ...]
    reading: str
    tilted: TiltedFigures | None = None

    def as_json(self) -> dict[str, Any]:
        """The `argument` of a claim as `check --json` prints it."""
        tested = self.follows.is_enough
        return {
            "premises": {
                "share": self.premises.share,
                "n": _whole_if_it_is(self.worlds_granted),
                "of": _whole_if_it_is(self.premises.worlds),
                "each": dict(self.each),
            },
            "follows": self.follows.share if tested else None,
            "interval": list(self.follows.interval) if tested else None,
            "otherwise": self.otherwise.share,
            "weakest": self.weakest,
            "idle": list(self.idle),
            "never_fails_alone": list(self.never_fails_alone),
            "reading": self.reading,
            "tilted": self.tilted and self.tilted.as_json(),
        }


def _whole_if_it_is(number: float) -> float | int:
    return round(number) if abs(number - round(number)) < 1e-9 else number


def figures_of_conclusions(
    claims: Mapping[str, Claim],
    truths: Mapping[str, Sequence[bool | None]],
    weights: Sequence[float] | Floats | None = None,
    counts: Sequence[int] | None = None,
) -> dict[str, ConclusionFigures]:
    """The figures of every conclusion, by its name.

    claims   the claims of a case
    truths   by claim, whether it is true in each world, None without an answer; a conclusion that
             lacks a premise here is left out
    weights  (W,) weights of the worlds; None where all weigh the same
    counts   (W,) how many worlds each of these stands for; None for one
    """
    return {
        name: conclusion_figures(
            truths[name], {one: truths[one] for one in claim.because}, weights, counts
        )
        for name, claim in claims.items()
        if claim.because and name in truths and set(claim.because) <= set(truths)
    }


def conclusion_figures(
    conclusion: Sequence[bool | None],
    premises: Mapping[str, Sequence[bool | None]],
    weights: Sequence[float] | Floats | None = None,
    counts: Sequence[int] | None = None,
) -> ConclusionFigures:
    """What a conclusion owes to its premises, over worlds.

    conclusion  (W,) whether it is true in each world, None without an answer
    premises    the same for each of its premises, one or more
    weights     (W,) weights of the worlds, 0 or more; None where all weigh the same
    counts      (W,) how many worlds alike each of these stands for; None for one

    In 40 worlds the first premise is true in the first 30, the second in the first 20, and the
    conclusion wherever the first is: the second carries nothing.

    >>> first, second = [world < 30 for world in range(40)], [world < 20 for world in range(40)]
    >>> found = conclusion_figures(first, {"first": first, "second": second})
    >>> found.premises.share, found.follows.share, found.otherwise.share
    (0.5, 1.0, 0.5)
    >>> found.reading, found.weakest, found.idle
    ('follows, if its premises are granted', 'second', ('second',))
    """
    true = _as_array(conclusion)
    by_name = {name: _as_array(truths) for name, truths in premises.items()}
    worlds = _Worlds(
        np.ones(len(true)) if weights is None else np.asarray(weights, dtype=np.float64),
        np.ones(len(true)) if counts is None else np.asarray(counts, dtype=np.float64),
    )
    every = np.ones(len(true), dtype=np.bool_)
    together = _all_true(list(by_name.values()), len(true))
    granted = worlds.share(together, every)
    each = {name: worlds.share(one, every).share for name, one in by_name.items()}
    follows = worlds.share(true, together == 1)
    otherwise = worlds.share(true, together == 0)
    rise, alone = {}, {}
    for name, one in by_name.items():
        others = _all_true([by_name[n] for n in by_name if n != name], len(true))
        without = worlds.share(others, every).share
        rise[name] = 0.0 if without is None or granted.share is None else without - granted.share
        alone[name] = worlds.share(true, (others == 1) & (one == 0))
    put_to_the_test = {name for name, share in alone.items() if share.is_enough}
    return ConclusionFigures(
        premises=granted,
        worlds_granted=worlds.effective(together == 1),
        each=each,
        conclusion=worlds.share(true, every),
        follows=follows,
        otherwise=otherwise,
        weakest=_weakest(granted.share, each, rise),
        idle=tuple(
            name
            for name, share in alone.items()
            if name in put_to_the_test
            and follows.is_enough
            and (share.share or 0.0) >= follows.interval[0]
        ),
        never_fails_alone=tuple(name for name in alone if name not in put_to_the_test),
        reading=_reading(granted, follows, otherwise),
    )


def _weakest(
    granted: float | None, each: Mapping[str, float | None], rise: Mapping[str, float]
) -> str | None:
    """The premise that costs most worlds; where several cost as many, the one true in fewest."""
    if granted is None or granted == 1.0:
        return None
    return max(rise, key=lambda name: (round(rise[name], 12), -(each[name] or 0.0)))


def _reading(granted: ShareAmong, follows: ShareAmong, otherwise: ShareAmong) -> str:
    """What the figures say, the first of these that fits."""
    if not follows.is_enough or follows.share is None:
        return UNTESTED
    if follows.share < MOST_SHARE:
        return FAILS
    sure = follows.share >= FOLLOWS_SHARE
    if otherwise.is_enough and otherwise.share is not None:
        as_good = otherwise.share >= (FOLLOWS_SHARE if sure else MOST_SHARE)
        if as_good and (sure or not follows.is_above(otherwise)):
            return ANYWAY
    if sure:
        return SOUND if (granted.share or 0.0) >= MOST_SHARE else GRANTED
    return LEANS if follows.is_above(otherwise) else MOSTLY


def _as_array(truths: Sequence[bool | None]) -> Truths:
    return np.array([-1 if truth is None else bool(truth) for truth in truths], dtype=np.int8)


def _all_true(premises: Sequence[Truths], worlds: int) -> Truths:
    """Whether all are true: false if one is false, else open if one is open."""
    if not premises:
        return np.ones(worlds, dtype=np.int8)
    stacked = np.array(premises)
    together = np.where((stacked == 0).any(axis=0), 0, np.where((stacked < 0).any(axis=0), -1, 1))
    return together.astype(np.int8)


@dataclass(frozen=True)
class _Worlds:
    """(W,) weights, and how many worlds of that weight each row stands for."""

    weights: Floats
    counts: Floats

    def share(self, truths: Truths, among: Which) -> ShareAmong:
        """The share of the weight of these worlds, of those with an answer, in which it is true."""
        known = among & (truths >= 0)
        total = float((self.weights * self.counts)[known].sum())
        if not total > 0:
            return ShareAmong(None, 0.0)
        true = float((self.weights * self.counts)[known & (truths == 1)].sum())
        return ShareAmong(min(1.0, true / total), self.effective(known))

    def effective(self, among: Which) -> float:
        """How many equally heavy worlds these are worth."""
        weights, counts = self.weights[among], self.counts[among]
        squares = float((counts * weights**2).sum())
        return float((counts * weights).sum()) ** 2 / squares if squares > 0 else 0.0
